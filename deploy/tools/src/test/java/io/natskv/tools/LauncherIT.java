package io.natskv.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.testing.nats.TcpProxy;
import io.natskv.testing.process.ManagedProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The packaged program as a process of its own, without a terminal. */
@ExtendWith(Servers.Shared.class)
class LauncherIT {
    @TempDir
    Path folder;

    @Test
    void itRunsFromWhereItWasUnpackedAndCompletes(Servers servers) throws Exception {
        new KvBuckets(servers.connection()).create(BucketConfig.of("launched")).put("k", "v");
        servers.createTopic("kv.launched", 1, Map.of());
        servers.send("kv.launched", "k", "v");
        servers.producer().flush();
        Launcher launcher = Launcher.unpack(folder);
        Launcher.Result equal = launcher.run(
                Map.of("NATS_URL", servers.natsUrl(), "KAFKA_BOOTSTRAP_SERVERS", servers.bootstrap()),
                "verify",
                "launched",
                "--topic",
                "kv.launched",
                "--json");
        assertThat(equal.code()).isZero();
        assertThat(equal.err()).isEmpty();
        assertThat(new Run(0, equal.out(), "").json().get("equal").asBoolean()).isTrue();
        assertThat(launcher.run(Map.of(), "verify").code()).isEqualTo(NatsKv.TROUBLE);
        assertThat(launcher.completionsOf("nats-kv ver")).containsExactly("verify");
        assertThat(launcher.completionsOf("nats-kv verify --made")).containsExactly("--made-by-sink");
        assertThat(launcher.completionsOf("nats-kv offsets ")).contains("list", "delete");
    }

    @Test
    void whereJavaCannotStartIsNoDifference() throws Exception {
        Launcher.Result result = Launcher.unpack(folder).run(Map.of("NATS_KV_OPTS", "-Xmx-none"), "verify", "b");
        assertThat(result.code()).isEqualTo(NatsKv.TROUBLE);
        assertThat(result.err()).contains("NATS_KV_OPTS", "-Xmx-none");
    }

    @Test
    void whenItIsInterruptedNoFilesAreLeft(Servers servers) throws Exception {
        KvBuckets buckets = new KvBuckets(servers.connection());
        buckets.create(BucketConfig.of("interrupted")).put("k", "v");
        buckets.create(BucketConfig.of("interrupted-copy"));
        Path files = Files.createDirectory(folder.resolve("files"));
        Launcher launcher = Launcher.unpack(folder);
        try (TcpProxy proxy = TcpProxy.to(servers.nats())) {
            // So slow that it is met in the midst of its reading.
            proxy.delay(Duration.ofMillis(300));
            try (ManagedProcess process = launcher.start(
                    Map.of("NATS_URL", proxy.url()),
                    "verify",
                    "interrupted",
                    "--copy",
                    "interrupted-copy",
                    "--work-dir",
                    files.toString())) {
                await().atMost(Duration.ofSeconds(60)).until(() -> !isEmpty(files));
                process.signal("INT");
                Launcher.Result result = launcher.end(process);
                assertThat(result.code()).isEqualTo(130);
                assertThat(result.out()).isEmpty();
                assertThat(result.err()).doesNotContain("\tat ");
            }
        }
        assertThat(isEmpty(files)).isTrue();
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.findAny().isEmpty();
        }
    }
}
