package io.natskv.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.core.connection.NatsConnectionConfig;
import org.junit.jupiter.api.Test;

class ServicesTest {
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

    @Test
    void anAddressWithoutHostIsTheUsersProblem() {
        assertThatThrownBy(() -> Services.natsConfig("nats://a_b:x"))
                .isInstanceOf(UserProblem.class)
                .hasMessageContaining("--nats");
    }
}
