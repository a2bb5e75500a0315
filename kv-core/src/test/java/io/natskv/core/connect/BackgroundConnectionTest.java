package io.natskv.core.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.Connection;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvException;
import io.natskv.core.error.UnavailableException;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class BackgroundConnectionTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

    @Test
    void isThereAfterTheServerIs() {
        NatsServer server = NATS.server();
        server.kill();
        try (BackgroundConnection<KvConnection> background =
                new BackgroundConnection<>(NatsConnectionConfig.of(server.url()), connection -> connection)) {
            assertThat(background.await(Duration.ZERO)).isNull();
            assertThat(background.isConnected()).isFalse();
            server.restart();
            assertThat(background.await(LONG).isConnected()).isTrue();
            assertThat(background.isConnected()).isTrue();
        }
    }

    @Test
    void repeatsAPreparationThatFailsInPassing() {
        AtomicInteger attempts = new AtomicInteger();
        try (BackgroundConnection<String> background =
                new BackgroundConnection<>(NatsConnectionConfig.of(NATS.url()), connection -> {
                    if (attempts.incrementAndGet() < 3) {
                        throw new UnavailableException("not yet", null);
                    }
                    return "ready";
                })) {
            assertThat(background.await(LONG)).isEqualTo("ready");
            assertThat(attempts).hasValue(3);
        }
    }

    @Test
    void failsWithWhatCanNotPass() {
        try (BackgroundConnection<String> background =
                new BackgroundConnection<>(NatsConnectionConfig.of(NATS.url()), connection -> {
                    throw new KvException(ErrorClass.FATAL, "never");
                })) {
            assertThatThrownBy(() -> background.await(LONG))
                    .isInstanceOf(KvException.class)
                    .hasMessage("never");
        }
    }

    @Test
    void failsWithAnErrorToo() {
        try (BackgroundConnection<String> background =
                new BackgroundConnection<>(NatsConnectionConfig.of(NATS.url()), connection -> {
                    throw new NoClassDefFoundError("io/example/Missing");
                })) {
            assertThatThrownBy(() -> background.await(LONG))
                    .isInstanceOfSatisfying(
                            KvException.class,
                            error -> assertThat(error.errorClass()).isEqualTo(ErrorClass.FATAL))
                    .hasMessageContaining("io/example/Missing");
        }
    }

    @Test
    void closesAConnectionThatComesLate() throws InterruptedException {
        CountDownLatch preparing = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicReference<Connection> connection = new AtomicReference<>();
        BackgroundConnection<String> background =
                new BackgroundConnection<>(NatsConnectionConfig.of(NATS.url()), opened -> {
                    connection.set(opened.nats());
                    preparing.countDown();
                    try {
                        goOn.await();
                    } catch (InterruptedException e) {
                        throw new UnavailableException("interrupted", e);
                    }
                    return "late";
                });
        preparing.await();
        background.close();
        background.close();
        Awaitility.await().until(() -> connection.get().getStatus() == Connection.Status.CLOSED);
        assertThat(background.await(Duration.ZERO)).isNull();
        assertThat(background.isConnected()).isFalse();
    }
}
