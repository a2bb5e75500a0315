package io.natskv.core.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What happens to a connection after it was made: outages of the server, of the link, and of the credentials. */
class ReconnectTest {
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private static String authorization(String password) {
        return "authorization { user: kv, password: \"" + password + "\" }";
    }

    private static void await(java.util.concurrent.Callable<Boolean> condition) {
        Awaitility.await().atMost(DEADLINE).pollInterval(Duration.ofMillis(10)).until(condition);
    }

    private static long refusals(NatsServer server) {
        return server.logTail(Integer.MAX_VALUE)
                .lines()
                .filter(line -> line.contains("authentication error"))
                .count();
    }

    /** jnats alone gives up for good when the same server refuses the same credentials twice. */
    @ParameterizedTest
    @EnumSource(NatsVersion.class)
    void comesBackWhenTheServerAcceptsTheCredentialsAgain(NatsVersion version) {
        try (NatsServer server = NatsServer.builder()
                        .version(version)
                        .config(authorization("right"))
                        .start();
                KvConnection connection = KvConnection.open(NatsConnectionConfig.builder()
                        .servers(List.of(server.url()))
                        .username("kv")
                        .password("right".toCharArray())
                        .build())) {
            server.kill();
            server.reload(authorization("other"));
            server.restart();
            await(() -> refusals(server) >= 4 || connection.isClosed());
            assertThat(connection.isClosed()).isFalse();
            server.kill();
            server.reload(authorization("right"));
            server.restart();
            await(connection::isConnected);
            assertThat(connection.reconnects()).isEqualTo(1);
        }
    }
}
