package io.natskv.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBuckets;
import java.nio.file.Path;
import java.util.Map;
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
}
