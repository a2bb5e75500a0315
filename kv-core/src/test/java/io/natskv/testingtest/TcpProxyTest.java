package io.natskv.testingtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import io.natskv.testing.nats.TcpProxy;
import io.natskv.testing.process.Sockets;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

// jnats declares close() to throw InterruptedException, which the lint "try" reports at every use.
@SuppressWarnings("try")
class TcpProxyTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

    private TcpProxy proxy;

    @BeforeEach
    void startProxy(NatsServer server) {
        proxy = TcpProxy.to(server);
    }

    @AfterEach
    void stopProxy() {
        proxy.close();
    }

    @Test
    void cutMakesTheClientReconnect() throws Exception {
        CountDownLatch reconnected = new CountDownLatch(1);
        try (Connection connection = connect(o -> o.connectionListener(onReconnect(reconnected)))) {
            connection.flush(SOON);
            assertThat(proxy.connections()).isEqualTo(1);

            proxy.cut();

            assertThat(reconnected.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
            connection.flush(SOON);
        }
    }

    @Test
    void resetArrivesAsReset() throws Exception {
        try (Socket socket = Sockets.connect(proxy.port())) {
            assertThat(socket.getInputStream().read()).isEqualTo('I');

            proxy.reset();

            assertThatThrownBy(() -> socket.getInputStream().readAllBytes())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
    }

    @Test
    void aHalfOpenConnectionStandsAndIsResetByHeal() throws Exception {
        CountDownLatch reconnected = new CountDownLatch(1);
        try (Connection connection = connect(o -> o.connectionListener(onReconnect(reconnected)))) {
            proxy.halfOpen();

            assertThatThrownBy(() -> connection.flush(Duration.ofMillis(300))).isInstanceOf(TimeoutException.class);
            assertThat(proxy.connections()).isEqualTo(1);
            assertThat(connection.getStatus()).isEqualTo(Connection.Status.CONNECTED);

            proxy.heal();
            assertThat(reconnected.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
            connection.flush(SOON);
        }
    }

    @Test
    void newConnectionsOfAHalfOpenProxyGetNoAnswer() throws Exception {
        proxy.halfOpen();
        try (Socket socket = Sockets.connect(proxy.port())) {
            socket.setSoTimeout(300);
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void aStalledConnectionLosesNothing() throws Exception {
        CountDownLatch reconnected = new CountDownLatch(1);
        try (Connection connection = connect(o -> o.connectionListener(onReconnect(reconnected)))) {
            CountDownLatch received = new CountDownLatch(1);
            connection.createDispatcher(m -> received.countDown()).subscribe("stalled");
            connection.flush(SOON);

            proxy.stall();
            connection.publish("stalled", new byte[1]);
            assertThatThrownBy(() -> connection.flush(Duration.ofMillis(300))).isInstanceOf(TimeoutException.class);
            assertThat(received.getCount()).isEqualTo(1);
            proxy.heal();

            assertThat(received.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(reconnected.getCount()).isEqualTo(1);
        }
    }

    @Test
    void delayHoldsEachDirection() throws Exception {
        try (Connection connection = connect(o -> {})) {
            proxy.delay(Duration.ofMillis(200));
            // A lower bound is certain whatever else the machine does.
            assertThat(connection.RTT()).isGreaterThanOrEqualTo(Duration.ofMillis(400));
            proxy.heal();
            connection.flush(SOON);
        }
    }

    @Test
    void refusesAndListensAgainOnTheSamePort() throws Exception {
        int port = proxy.port();
        proxy.down();
        assertThatThrownBy(() -> Sockets.connect(port)).isInstanceOf(ConnectException.class);
        assertThat(proxy.connections()).isZero();

        proxy.heal();

        assertThat(proxy.port()).isEqualTo(port);
        assertThat(Sockets.accepts(port)).isTrue();
    }

    @Test
    void aServerThatIsDownClosesTheClientsConnection(NatsServer server) throws IOException {
        server.kill();
        try (Socket socket = Sockets.connect(proxy.port())) {
            socket.setSoTimeout((int) SOON.toMillis());
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        Awaitility.await().until(() -> proxy.connections() == 0);
    }

    private Connection connect(Consumer<Options.Builder> customizer) throws Exception {
        Options.Builder options = Options.builder()
                .server(proxy.url())
                .ignoreDiscoveredServers()
                .connectionTimeout(SOON)
                .maxReconnects(-1)
                .reconnectWait(Duration.ofMillis(20));
        customizer.accept(options);
        return Nats.connect(options.build());
    }

    private static ConnectionListener onReconnect(CountDownLatch latch) {
        return (connection, event) -> {
            if (event == ConnectionListener.Events.RECONNECTED) {
                latch.countDown();
            }
        };
    }
}
