package io.natskv.core.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.core.error.UnavailableException;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsServerBuilder;
import io.natskv.testing.nats.NatsVersion;
import io.natskv.testing.nats.TcpProxy;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What happens to a connection after it was made: outages of the server, of the link, and of the credentials. */
class ReconnectTest {
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private static final NatsServerBuilder CORE = NatsServer.builder().jetStream(false);

    static void await(Callable<Boolean> condition) {
        Awaitility.await().atMost(DEADLINE).pollInterval(Duration.ofMillis(10)).until(condition);
    }

    /** How often a server has written into its log that it refused somebody's credentials. */
    static long refusals(NatsServer server) {
        return lines(server.logTail(Integer.MAX_VALUE), "authentication error");
    }

    private static long lines(String text, String part) {
        return text.lines().filter(line -> line.contains(part)).count();
    }

    private static String authorization(String password) {
        return "authorization { user: kv, password: \"" + password + "\" }";
    }

    private static NatsConnectionConfig.Builder to(String... servers) {
        return NatsConnectionConfig.builder()
                .servers(List.of(servers))
                .reconnectWait(Duration.ofMillis(20))
                .reconnectJitter(Duration.ZERO);
    }

    @Test
    void comesBackFromEachOutageAndCounts() throws Exception {
        AtomicInteger told = new AtomicInteger();
        AtomicInteger removed = new AtomicInteger();
        Runnable listener = removed::incrementAndGet;
        try (NatsServer server = CORE.start();
                KvConnection connection = KvConnection.open(to(server.url()).build())) {
            connection.onReconnect(told::incrementAndGet);
            connection.onReconnect(listener);
            connection.removeReconnectListener(listener);
            assertThat(connection.reconnects()).isZero();
            for (int outage = 1; outage <= 3; outage++) {
                server.kill();
                await(() -> !connection.isConnected());
                assertThat(connection.isClosed()).isFalse();
                server.restart();
                int times = outage;
                await(() -> connection.reconnects() == times && told.get() == times);
                assertThat(connection.isConnected()).isTrue();
                connection.nats().flush(DEADLINE);
            }
        }
        assertThat(removed).hasValue(0);
    }

    @Test
    void triesForEverUnlessTold() {
        try (NatsServer server = CORE.start();
                TcpProxy proxy = TcpProxy.to(server);
                KvConnection patient = KvConnection.open(to(proxy.url()).build());
                KvConnection impatient = KvConnection.open(to(proxy.url())
                        .ignoreDiscoveredServers(true)
                        .maxReconnects(3)
                        .build())) {
            proxy.down();
            await(impatient::isClosed);
            // The other has tried as often by now, and goes on.
            assertThat(patient.isClosed()).isFalse();
            proxy.heal();
            await(patient::isConnected);
            assertThat(impatient.isClosed()).isTrue();
            assertThatThrownBy(() -> impatient.api().serverLevel().join())
                    .hasCauseInstanceOf(UnavailableException.class);
        }
    }

    @Test
    void aConnectionThatIsDownFailsRequestsAtOnceOrInTime() {
        try (NatsServer server = NatsServer.start(NatsVersion.latest());
                KvConnection connection = KvConnection.open(
                        to(server.url()).requestTimeout(Duration.ofMillis(200)).build())) {
            server.kill();
            await(() -> !connection.isConnected());
            assertThatThrownBy(() -> connection.api().streamInfo("KV_b").join())
                    .hasCauseInstanceOf(UnavailableException.class);
        }
    }

    /** jnats alone gives up for good when the same server refuses the same credentials twice. */
    @Test
    void comesBackWhenTheServerAcceptsTheCredentialsAgain() {
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        try (NatsServer server = NatsServer.builder()
                        .jetStream(false)
                        .config(authorization("right"))
                        .start();
                Tee tee = new Tee(log);
                KvConnection connection = KvConnection.open(to(server.url())
                        .username("kv")
                        .password("right".toCharArray())
                        .connectTimeout(Duration.ofSeconds(1))
                        .build())) {
            server.kill();
            server.reload(authorization("other"));
            server.restart();
            await(() -> refusals(server) >= 3 || connection.isClosed());
            assertThat(connection.isClosed()).isFalse();
            server.kill();
            server.reload(authorization("right"));
            server.restart();
            await(() -> connection.reconnects() == 1);
            await(() -> tee.text().contains("Reconnected to NATS at " + server.url()));
            // One line for each change of state, however often it was tried.
            assertThat(lines(tee.text(), "Disconnected from NATS at " + server.url()))
                    .isEqualTo(1);
            assertThat(lines(tee.text(), server.url() + " refuses the credentials"))
                    .isEqualTo(1);
        }
    }

    @Test
    void probeReplacesALinkThatIsHalfOpen() {
        try (NatsServer server = CORE.start();
                TcpProxy one = TcpProxy.to(server);
                TcpProxy two = TcpProxy.to(server);
                KvConnection connection = KvConnection.open(
                        to(one.url(), two.url()).ignoreDiscoveredServers(true).build())) {
            TcpProxy used = one.connections() > 0 ? one : two;
            TcpProxy free = used == one ? two : one;
            used.halfOpen();
            connection.probe();
            connection.probe();
            await(() -> connection.reconnects() == 1);
            assertThat(connection.isConnected()).isTrue();
            assertThat(free.connections()).isEqualTo(1);
        }
    }

    @Test
    void probeLeavesALinkAloneThatAnswers() throws Exception {
        try (NatsServer server = CORE.start();
                TcpProxy proxy = TcpProxy.to(server);
                KvConnection connection = KvConnection.open(
                        to(proxy.url()).ignoreDiscoveredServers(true).build())) {
            boolean left = false;
            // Where a machine stalls, no answer comes in time, and the link is replaced with good reason.
            for (int round = 1; !left && round <= 5; round++) {
                await(connection::isConnected);
                long flushes = connection.nats().getStatistics().getFlushCounter();
                long reconnects = connection.reconnects();
                await(() -> {
                    // Not just once: it does nothing while the one before is under way.
                    connection.probe();
                    // The second begins when the first is through with the link.
                    return connection.nats().getStatistics().getFlushCounter() >= flushes + 2
                            || connection.reconnects() > reconnects;
                });
                left = connection.reconnects() == reconnects && connection.isConnected();
                if (!left) {
                    System.out.println("round " + round + ": the link was replaced");
                }
            }
            assertThat(left).isTrue();
        }
    }

    @Test
    void aBorrowedConnectionIsWatchedAndLeftOpen() throws Exception {
        try (NatsServer server = CORE.start()) {
            io.nats.client.Connection lent = server.connect();
            try (KvConnection connection = KvConnection.using(lent, "$JS.API.", Duration.ofSeconds(2))) {
                assertThat(connection.servers()).isEqualTo(server.url());
                server.kill();
                server.restart();
                await(() -> connection.reconnects() == 1);
            }
            assertThat(lent.getStatus()).isEqualTo(io.nats.client.Connection.Status.CONNECTED);
            lent.close();
        }
    }

    /** Reads along on standard error, where the log goes. */
    private static final class Tee implements AutoCloseable {
        private final PrintStream real = System.err;
        private final ByteArrayOutputStream copy;

        Tee(ByteArrayOutputStream copy) {
            this.copy = copy;
            System.setErr(new PrintStream(
                    new java.io.FilterOutputStream(copy) {
                        @Override
                        public void write(int b) {
                            real.write(b);
                            copy.write(b);
                        }
                    },
                    true,
                    StandardCharsets.UTF_8));
        }

        String text() {
            return copy.toString(StandardCharsets.UTF_8);
        }

        @Override
        public void close() {
            System.setErr(real);
        }
    }
}
