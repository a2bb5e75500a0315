package io.natskv.testingtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.nats.client.AuthenticationException;
import io.nats.client.Connection;
import io.nats.client.JetStreamManagement;
import io.nats.client.KeyValue;
import io.nats.client.Options;
import io.nats.client.api.KeyValueConfiguration;
import io.natskv.core.PatientAttempts;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import io.natskv.testing.process.FreePorts;
import io.natskv.testing.process.ProcessStartException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

// jnats declares close() to throw InterruptedException, which the lint "try" reports at every use.
@SuppressWarnings("try")
class NatsServerTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    @ParameterizedTest
    @EnumSource
    void eachVersionRunsAndAnswersJetStream(NatsVersion version) throws Exception {
        try (NatsServer server = NatsServer.start(version);
                Connection connection = server.connect()) {
            assertThat(version.accepts(connection.getServerInfo().getVersion())).isTrue();
            KeyValue kv = bucket(connection);
            assertThat(kv.put("key", "value")).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void killAndRestartKeepsPortAndData(NatsVersion version) throws Exception {
        try (NatsServer server = NatsServer.start(version)) {
            try (Connection connection = server.connect()) {
                bucket(connection).put("key", "value");
            }
            long before = server.pid();
            String url = server.url();

            server.kill();
            assertThat(server.alive()).isFalse();
            assertThat(ProcessHandle.of(before).filter(ProcessHandle::isAlive)).isEmpty();
            server.restart();

            assertThat(server.pid()).isNotEqualTo(before);
            assertThat(server.url()).isEqualTo(url);
            try (Connection connection = server.connect()) {
                assertThat(connection.keyValue("b").get("key").getValueAsString())
                        .isEqualTo("value");
            }
        }
    }

    @Test
    void aPausedServerIsSilentUntilResumed() throws Exception {
        try (NatsServer server = NatsServer.start(NatsVersion.latest());
                Connection connection = server.connect()) {
            server.pause();
            assertThat(server.paused()).isTrue();
            assertThat(server.alive()).isTrue();
            assertThatThrownBy(() -> connection.flush(Duration.ofMillis(300))).isInstanceOf(TimeoutException.class);

            server.resume();
            connection.flush(SOON);
            assertThat(server.paused()).isFalse();
        }
    }

    @Test
    void stopEndsAPausedServerAndCloseDeletesItsFolder() {
        NatsServer server = NatsServer.start(NatsVersion.latest());
        Path folder = server.folder();
        assertThat(Files.isDirectory(server.storeDir())).isTrue();

        server.pause();
        server.close();

        assertThat(server.alive()).isFalse();
        assertThat(folder).doesNotExist();
    }

    @Test
    void takesLimitsUsersAndNewSettings() throws Exception {
        String users = "authorization { user: %s, password: secret }\n";
        try (NatsServer server = NatsServer.builder()
                .jetStreamConfig("max_file_store: 3MB")
                .config(users.formatted("ann") + "max_payload: 2000000")
                .clientOptions(o -> o.userInfo("ann", "secret"))
                .start()) {
            try (Connection connection = server.connect()) {
                assertThat(connection.getMaxPayload()).isEqualTo(2_000_000);
                JetStreamManagement jsm = connection.jetStreamManagement();
                assertThat(jsm.getAccountStatistics().getStorage()).isZero();
            }

            server.reload(users.formatted("bob"));

            assertThat(refusal(server)).hasMessageContaining("Authorization");
            try (Connection bob = server.connect(o -> once(o.userInfo("bob", "secret")))) {
                bob.flush(SOON);
            }
            assertThatThrownBy(() -> server.reload("no_such_setting: 1")).hasMessageContaining("no_such_setting");
        }
    }

    @Test
    void withoutJetStreamItIsReadyToo() throws Exception {
        try (NatsServer server = NatsServer.builder().jetStream(false).start();
                Connection connection = server.connect()) {
            assertThat(connection.getServerInfo().isJetStreamAvailable()).isFalse();
        }
    }

    @Test
    void aServerThatCannotStartShowsItsLog() {
        assertThatThrownBy(
                        () -> NatsServer.builder().config("no_such_setting: 1").start())
                .isInstanceOf(ProcessStartException.class)
                .hasMessageContaining("exit code 1")
                .hasMessageContaining("no_such_setting");
    }

    @Test
    void aTakenPortThatTheCallerChoseIsAnError() {
        try (NatsServer first = NatsServer.start(NatsVersion.latest())) {
            assertThatThrownBy(() -> NatsServer.builder().port(first.port()).start())
                    .isInstanceOf(ProcessStartException.class)
                    .hasMessageContaining("address already in use");
            assertThat(first.alive()).isTrue();
        }
    }

    @Test
    void portsAreHandedOutOnce() {
        assertThat(IntStream.range(0, 200).map(i -> FreePorts.next()))
                .doesNotHaveDuplicates()
                .allSatisfy(port -> assertThat(port).isBetween(15_000, 31_999));
    }

    private static Throwable refusal(NatsServer server) {
        // A short time first: jnats waits for the rest of it after the server's answer.
        return PatientAttempts.failure(Duration.ofSeconds(1), timeout -> {
            Throwable failure = catchThrowable(() -> server.connect(o -> once(o.connectionTimeout(timeout))));
            return new PatientAttempts.Attempt(failure, isRefusal(failure));
        });
    }

    private static boolean isRefusal(Throwable failure) {
        return failure != null && failure.getCause() instanceof AuthenticationException;
    }

    private static void once(Options.Builder options) {
        options.maxReconnects(0);
    }

    private static KeyValue bucket(Connection connection) throws Exception {
        connection
                .keyValueManagement()
                .create(KeyValueConfiguration.builder().name("b").build());
        return connection.keyValue("b");
    }
}
