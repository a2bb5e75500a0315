package io.natskv.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.testing.nats.NatsServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** Configurations of connectors, held against real servers. */
class DoctorIT extends ConnectorCase {
    @Test
    void doctorFindsNothingInAGoodMirror() throws Exception {
        bucket(BucketConfig.builder(name).history(2).maxValueSize(100_000).build());
        createTopic(1, Map.of("cleanup.policy", "compact"));
        Run run = Run.of("doctor", file(source(STRING, BYTES, Map.of())).toString(), "-b", servers.bootstrap());
        assertThat(run.out())
                .contains("The connector takes them", "JetStream API level", "It is there", "Nothing to change.");
        assertThat(run.code()).isZero();
    }

    @Test
    void doctorFindsWhatMakesAMirrorLossy() throws Exception {
        bucket(BucketConfig.builder(name).ttl(Duration.ofHours(1)).build());
        createTopic(2, Map.of("cleanup.policy", "delete", "max.message.bytes", "50000"));
        Path file = file(source(STRING, BYTES, Map.of("topic.partitions", "3", "tpic.template", "x")));
        Run run = Run.of("doctor", file.toString(), "-b", servers.bootstrap(), "--json");
        assertThat(run.code()).isEqualTo(NatsKv.FOUND);
        assertThat(findings(run))
                .anySatisfy(found -> assertThat(found)
                        .startsWith("warning bucket \"" + name)
                        .contains("reconcile", "without a marker", "--subject-del-markers-ttl"))
                .anySatisfy(found ->
                        assertThat(found).startsWith("error topic").contains("topic.partitions=3, and it has 2"))
                .anySatisfy(found -> assertThat(found).contains("deletes records by age", "cleanup.policy=compact"))
                .anySatisfy(found ->
                        assertThat(found).contains("values up to 1048576 bytes, the topic records up to 50000"))
                .anySatisfy(found -> assertThat(found).contains("tpic.template", "topic.template"));
        Run wrong = Run.of(
                "doctor",
                file(source(STRING, BYTES, Map.of("kv.buckets", "no-such"))).toString());
        assertThat(wrong.code()).isEqualTo(NatsKv.FOUND);
        assertThat(wrong.out()).contains("error   kv.buckets", "no-such").contains("give --bootstrap-server");
    }

    @Test
    void doctorDoesNotTryASecretThatItDoesNotKnow() throws Exception {
        bucket(BucketConfig.of(name));
        Map<String, String> settings =
                source(STRING, BYTES, Map.of("nats.username", "me", "nats.password", "${vault:secret/nats:password}"));
        Run run = Run.of("doctor", file(settings).toString(), "--errors-only");
        assertThat(run.out())
                .contains("warning nats.password: Its reference to a config provider can't be resolved here")
                .contains("Server and buckets were not looked at: nats.password")
                .doesNotContain("error ");
        assertThat(run.code()).isZero();
    }

    @Test
    void doctorTellsWhichPermissionASinkLacksAndWritesNothing() throws Exception {
        try (NatsServer guarded = NatsServer.builder()
                        .config("""
                            authorization { users: [
                              { user: admin, password: a }
                              { user: sink, password: s3cr3t, permissions: {
                                  publish: ["$JS.API.INFO", "$JS.API.STREAM.INFO.>", "$JS.API.STREAM.MSG.GET.>", "$KV.b.>"],
                                  subscribe: ["_INBOX.>"] } }
                            ] }
                            """)
                        .clientOptions(options -> options.userInfo("admin", "a"))
                        .start();
                KvConnection own = KvConnection.using(guarded.connect(), "$JS.API.", Duration.ofSeconds(5))) {
            KvBucket bucket = new KvBuckets(own).create(BucketConfig.of("b"));
            createTopic(1, Map.of());
            Map<String, String> settings = sink(Map.of(
                    "nats.servers", guarded.url(),
                    "nats.username", "sink",
                    "nats.password", "${file:" + secret() + ":password}",
                    "bucket.template", "b",
                    "delivery", "exactly_once"));
            Run run = Run.of("doctor", file(settings).toString(), "-b", servers.bootstrap());
            assertThat(run.code()).isEqualTo(NatsKv.FOUND);
            assertThat(run.out())
                    .contains("$KV.b=o.")
                    .contains("Exactly once needs $KV.b=o.>")
                    .contains("STREAM.UPDATE.KV_b", "--allow-batch")
                    .contains("fails with 10058")
                    .doesNotContain("s3cr3t");
            assertThat(bucket.status().lastRevision()).isZero();
            settings.put("delivery", "at_least_once");
            Run atLeastOnce = Run.of("doctor", file(settings).toString(), "-b", servers.bootstrap());
            assertThat(atLeastOnce.out()).contains("The user may write its keys");
            assertThat(atLeastOnce.code()).isZero();
            own.nats().close();
        }
    }

    private static List<String> findings(Run run) throws Exception {
        return StreamSupport.stream(run.json().get("findings").spliterator(), false)
                .map(found ->
                        found.get("level").asText() + " " + found.get("area").asText() + " "
                                + found.get("setting").asText() + " "
                                + found.get("message").asText())
                .toList();
    }

    private Path secret() throws IOException {
        return Files.writeString(folder.resolve("secret.properties"), "password=s3cr3t\n");
    }
}
