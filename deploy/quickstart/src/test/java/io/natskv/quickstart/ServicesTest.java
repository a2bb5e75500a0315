package io.natskv.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.testing.nats.DebianArchive;
import io.natskv.testing.nats.NatsServerBinary;
import io.natskv.testing.nats.NatsVersion;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServicesTest {
    @TempDir
    Path folder;

    @Test
    void userAndPasswordOfTheAddressBecomeSettings() {
        NatsConnectionConfig config = Services.natsConfig("tls://ann:p%40ss+1:x@host:4222");

        assertThat(config.servers()).containsExactly("tls://host:4222");
        assertThat(config.username()).contains("ann");
        assertThat(config.password().map(String::new)).contains("p@ss+1:x");
    }

    @Test
    void aUserAloneIsAToken() {
        NatsConnectionConfig config = Services.natsConfig("token@host:4222");

        assertThat(config.servers()).containsExactly("host:4222");
        assertThat(config.token().map(String::new)).contains("token");
        assertThat(config.username()).isEmpty();
    }

    /** On a machine without program, cache and Debian's archive. */
    @Test
    void aMissingNatsServerIsTheUsersProblemAndSaysInThreeLinesWhatHelps() {
        NatsServerBinary nowhere = new NatsServerBinary(
                Map.of("PATH", folder.toString(), "HOME", folder.toString()),
                new DebianArchive(folder.resolve("sources.list"), folder.resolve("sources.list.d")),
                line -> {});

        assertThatThrownBy(() -> Services.natsProgram(() -> nowhere.find(NatsVersion.latest())))
                .isInstanceOf(UserProblem.class)
                .message()
                .hasLineCount(3)
                .contains("No nats-server", "NATS_SERVER_BIN", "on the PATH");
    }

    @Test
    void anAddressWithoutHostIsTheUsersProblem() {
        assertThatThrownBy(() -> Services.natsConfig("nats://a_b:x"))
                .isInstanceOf(UserProblem.class)
                .hasMessageContaining("--nats");
    }
}
