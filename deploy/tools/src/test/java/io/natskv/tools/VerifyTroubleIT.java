package io.natskv.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.testing.nats.NatsServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What can't be done, and what is said about it. */
@ExtendWith(Servers.Shared.class)
class VerifyTroubleIT {
    private static final String BUCKET = "trouble";

    @TempDir
    Path folder;

    private Servers servers;

    @BeforeEach
    void create(Servers shared) {
        servers = shared;
        new KvBuckets(servers.connection()).createOrUpdate(BucketConfig.of(BUCKET));
    }

    @Test
    void aClientThatCannotBeMadeSaysWhy() throws Exception {
        Path client = folder.resolve("client.properties");
        Files.writeString(
                client,
                "security.protocol=SSL\nssl.truststore.location=" + folder.resolve("no-such.jks")
                        + "\nssl.truststore.password=s3cr3t\n");
        Run run = verify("--topic", "no-matter", "--kafka-config", client.toString());
        assertThat(run.code()).isEqualTo(NatsKv.TROUBLE);
        assertThat(run.err()).contains("no-such.jks").doesNotContain("s3cr3t", "\tat ");
    }

    @Test
    void aUserWhoMayNotReadIsToldWhatIsMissing() throws Exception {
        try (NatsServer guarded = NatsServer.builder()
                .config("""
                    authorization { users: [
                      { user: admin, password: a }
                      { user: reader, password: s3cr3t, permissions: {
                          publish: ["$JS.API.INFO", "$JS.API.STREAM.INFO.>", "$JS.API.STREAM.MSG.GET.>"],
                          subscribe: ["_INBOX.>"] } }
                    ] }
                    """)
                .clientOptions(options -> options.userInfo("admin", "a"))
                .start()) {
            try (KvConnection own = KvConnection.using(guarded.connect(), "$JS.API.", Duration.ofSeconds(5))) {
                new KvBuckets(own).create(BucketConfig.of("guarded")).put("k", "v");
                new KvBuckets(own).create(BucketConfig.of("guarded-copy"));
                own.nats().close();
            }
            Path config = folder.resolve("nats.properties");
            Files.writeString(config, "nats.username=reader\nnats.password=s3cr3t\n");
            Run run = Run.of(
                    "verify",
                    "guarded",
                    "--copy",
                    "guarded-copy",
                    "-s",
                    guarded.url(),
                    "--nats-config",
                    config.toString());
            assertThat(run.code()).isEqualTo(NatsKv.TROUBLE);
            assertThat(run.err()).contains("CONSUMER.CREATE.KV_guarded").doesNotContain("s3cr3t", "\tat ");
        }
    }

    @Test
    void whatIsNotThereIsTrouble() {
        Run topicless = verify("--topic", "no-such-topic");
        assertThat(topicless.code()).isEqualTo(NatsKv.TROUBLE);
        assertThat(topicless.err()).contains("Topic \"no-such-topic\" is not there");
        Run bucketless = Run.of("verify", "no-such-bucket", "--copy", BUCKET, "-s", servers.natsUrl());
        assertThat(bucketless.code()).isEqualTo(NatsKv.TROUBLE);
        assertThat(bucketless.err()).contains("no-such-bucket");
        Run brokerless = Run.of("verify", BUCKET, "--topic", "t", "-s", servers.natsUrl());
        assertThat(brokerless.err()).contains("--bootstrap-server");
    }

    @Test
    void whereNoJetStreamAnswersThatIsTheAdvice() {
        Run run = verify("--copy", "no-matter", "--js-domain", "nowhere");
        assertThat(run.code()).isEqualTo(NatsKv.TROUBLE);
        assertThat(run.err()).contains("Is JetStream on there", "--js-domain").doesNotContain("\tat ");
    }

    @Test
    void aFolderThatCannotBeWrittenIsNamed() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        new KvBuckets(servers.connection()).createOrUpdate(BucketConfig.of(BUCKET + "-copy"));
        Run run = verify("--copy", BUCKET + "-copy", "--work-dir", file.toString());
        assertThat(run.code()).isEqualTo(NatsKv.TROUBLE);
        assertThat(run.err()).contains(file.toString(), "--work-dir").doesNotContain("\tat ");
    }

    private Run verify(String... options) {
        List<String> arguments =
                new ArrayList<>(List.of("verify", BUCKET, "-s", servers.natsUrl(), "-b", servers.bootstrap()));
        arguments.addAll(List.of(options));
        return Run.of(arguments);
    }
}
