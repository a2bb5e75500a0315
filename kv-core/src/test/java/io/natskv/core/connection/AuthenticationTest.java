package io.natskv.core.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.nats.client.NKey;
import io.natskv.core.PatientAttempts;
import io.natskv.core.PatientConnections;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvException;
import io.natskv.core.error.UnavailableException;
import io.natskv.testing.nats.NatsCluster;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsServerBuilder;
import io.natskv.testing.nats.NatsVersion;
import io.natskv.testing.process.FreePorts;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each kind of authentication against real servers, accepted and refused. */
class AuthenticationTest {
    private static final String SECRET = "s3cret-word";
    private static final String WRONG = "wr0ng-word";

    private static NatsServerBuilder server(NatsVersion version, String config) {
        // Without JetStream: what is asked here is who may come in.
        return NatsServer.builder().version(version).jetStream(false).config(config);
    }

    private static NatsConnectionConfig.Builder to(String... servers) {
        return NatsConnectionConfig.builder().servers(List.of(servers));
    }

    private static void accepted(NatsConnectionConfig.Builder config) throws Exception {
        KvConnection connection = KvConnection.open(
                config.connectTimeout(PatientConnections.CONNECT).build());
        try (connection) {
            connection.nats().flush(Duration.ofSeconds(60));
            assertThat(connection.isConnected()).isTrue();
            assertThat(connection.isClosed()).isFalse();
        }
        assertThat(connection.isClosed()).isTrue();
    }

    private static KvException fails(NatsConnectionConfig.Builder settings) {
        NatsConnectionConfig config = settings.build();
        KvException failure = catchThrowableOfType(
                KvException.class, () -> KvConnection.open(config).close());
        assertThat(failure).as("connect with %s", config).isNotNull();
        assertThat(failure).hasMessageContaining(config.displayServers());
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace));
        assertThat(trace.toString() + config + config.displayServers())
                .doesNotContain(SECRET)
                .doesNotContain(WRONG);
        return failure;
    }

    private static void refused(NatsConnectionConfig.Builder settings) {
        // A short time first: jnats waits for the rest of it after the server's answer.
        Throwable refusal = PatientAttempts.failure(Duration.ofSeconds(1), timeout -> {
            KvException failure = fails(settings.connectTimeout(timeout));
            return new PatientAttempts.Attempt(failure, !(failure instanceof UnavailableException));
        });
        assertThat(refusal)
                .hasMessageMatching("NATS server at .* refused the credentials: .*Authorization Violation.*")
                .isInstanceOfSatisfying(
                        KvException.class, e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.FATAL));
    }

    @ParameterizedTest
    @EnumSource(NatsVersion.class)
    void userAndPassword(NatsVersion version) throws Exception {
        try (NatsServer server = server(version, "authorization { user: kv, password: \"" + SECRET + "\" }")
                .start()) {
            accepted(to(server.url()).username("kv").password(SECRET.toCharArray()));
            refused(to(server.url()).username("kv").password(WRONG.toCharArray()));
        }
    }

    @Test
    void token() throws Exception {
        try (NatsServer server = server(NatsVersion.latest(), "authorization { token: \"" + SECRET + "\" }")
                .start()) {
            accepted(to(server.url()).token(SECRET.toCharArray()));
            refused(to(server.url()).token(WRONG.toCharArray()));
            refused(to(server.url()));
        }
    }

    @Test
    void userInformationInTheAddress() throws Exception {
        String special = SECRET + "@/:+%";
        try (NatsServer user = server(NatsVersion.latest(), "authorization { user: kv, password: \"" + special + "\" }")
                        .start();
                NatsServer token = server(NatsVersion.latest(), "authorization { token: \"" + SECRET + "\" }")
                        .start()) {
            accepted(to("nats://kv:" + SECRET + "%40%2F:+%25@127.0.0.1:" + user.port()));
            accepted(to("kv:" + SECRET + "%40%2F%3A%2B%25@127.0.0.1:" + user.port()));
            refused(to("nats://kv:" + WRONG + "@127.0.0.1:" + user.port()));
            accepted(to("nats://" + SECRET + "@127.0.0.1:" + token.port()));
            refused(to("nats://" + WRONG + "@127.0.0.1:" + token.port()));
        }
    }

    @Test
    void userInformationInTheAddressHoldsForDiscoveredServersToo() {
        Consumer<io.nats.client.Options.Builder> login = o -> o.userInfo("kv", SECRET);
        try (NatsCluster cluster = NatsCluster.builder()
                .size(2)
                .config("authorization { user: kv, password: \"" + SECRET + "\" }")
                .clientOptions(login)
                .start()) {
            NatsServer first = cluster.node(0);
            String address = "nats://kv:" + SECRET + "@127.0.0.1:" + first.port();
            try (KvConnection connection = KvConnection.open(to(address).build())) {
                ReconnectTest.await(() -> connection.nats().getServers().size() == 2);
                first.kill();
                ReconnectTest.await(() -> connection.reconnects() == 1 && connection.isConnected());
                assertThat(connection.nats().getConnectedUrl())
                        .endsWith(":" + cluster.node(1).port());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(NatsVersion.class)
    void nkeySeed(NatsVersion version) throws Exception {
        NKey user = NKey.createUser(null);
        String config = "authorization { users: [ { nkey: " + new String(user.getPublicKey()) + " } ] }";
        try (NatsServer server = server(version, config).start()) {
            accepted(to(server.url()).nkeySeed(user.getSeed()));
            if (version == NatsVersion.latest()) {
                refused(to(server.url()).nkeySeed(NKey.createUser(null).getSeed()));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(NatsVersion.class)
    void credentialsAsFileAndAsText(NatsVersion version, @TempDir Path folder) throws Exception {
        OperatorMode operator = OperatorMode.create();
        String credentials = operator.credentials();
        Path file = Files.writeString(folder.resolve("user.creds"), credentials);
        try (NatsServer server = server(version, operator.config()).start()) {
            accepted(to(server.url()).credentialsFile(file));
            accepted(to(server.url()).credentials(credentials.toCharArray()));
            accepted(to(server.url())
                    .credentials(credentials.replace("\n", "\r\n").toCharArray()));
            if (version == NatsVersion.latest()) {
                refused(to(server.url())
                        .credentials(OperatorMode.create().credentials().toCharArray()));
            }
        }
    }

    @Test
    void aRenewedCredentialsFileIsReadWhenTheServerRefusesTheOldOne(@TempDir Path folder) throws Exception {
        OperatorMode before = OperatorMode.create();
        OperatorMode after = OperatorMode.create();
        Path file = Files.writeString(folder.resolve("user.creds"), before.credentials());
        try (NatsServer server = server(NatsVersion.latest(), before.config()).start();
                KvConnection connection = KvConnection.open(to(server.url())
                        .credentialsFile(file)
                        .connectTimeout(Duration.ofSeconds(1))
                        .build())) {
            server.kill();
            server.reload(after.config());
            server.restart();
            ReconnectTest.await(() -> ReconnectTest.refusals(server) >= 2);
            Files.writeString(file, after.credentials());
            // Not isConnected: that is true a moment before the reconnect is told.
            ReconnectTest.await(() -> connection.reconnects() > 0);
            assertThat(connection.isConnected()).isTrue();
        }
    }

    @Test
    void aCredentialsFileThatCantBeUsedIsNamed(@TempDir Path folder) throws Exception {
        Path missing = folder.resolve("missing.creds");
        Path odd = Files.writeString(folder.resolve("odd.creds"), SECRET);
        for (Path file : List.of(missing, odd)) {
            NatsConnectionConfig config = to("127.0.0.1").credentialsFile(file).build();
            KvException failure = catchThrowableOfType(
                    KvException.class, () -> KvConnection.open(config).close());
            assertThat(failure)
                    .hasMessageStartingWith("Credentials file " + file + " can't be used")
                    .hasMessageNotContaining(SECRET);
            assertThat(failure.errorClass()).isEqualTo(ErrorClass.FATAL);
        }
    }

    @Test
    void aDeadServerAmongSeveralIsPassedOver() throws Exception {
        String dead = "nats://127.0.0.1:" + FreePorts.next();
        String unknown = "nats://no-such-host.invalid:4222";
        try (NatsServer server = server(NatsVersion.latest(), "").start()) {
            accepted(to(dead, unknown, server.url()));
            accepted(to(server.url(), dead));
        }
    }

    @Test
    void aServerThatRefusesUsIsNamedAlsoWhereAnotherIsDead() {
        String dead = "nats://kv:" + SECRET + "@127.0.0.1:" + FreePorts.next();
        try (NatsServer server = server(NatsVersion.latest(), "authorization { user: kv, password: other }")
                .start()) {
            refused(to(dead, server.url()).username("kv").password(WRONG.toCharArray()));
        }
    }

    @Test
    void whereNobodyAnswersTheReasonsAreTold() {
        String dead = "nats://kv:" + SECRET + "@127.0.0.1:" + FreePorts.next();
        assertThat(fails(to(dead, "nats://no-such-host.invalid:4222")))
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("Connection refused")
                .hasMessageContaining("no-such-host.invalid");
    }

    @Test
    void aServerThatIsFullIsNoReasonToGiveUp() {
        try (NatsServer server =
                        server(NatsVersion.latest(), "max_connections: 1").start();
                KvConnection only = opened(server)) {
            assertThat(only.isConnected()).isTrue();
            assertThat(fails(to(server.url()))).isInstanceOf(UnavailableException.class);
        }
    }

    /** The server may still count the connection that asked whether it is ready. */
    private static KvConnection opened(NatsServer server) {
        return Awaitility.await()
                .ignoreException(UnavailableException.class)
                .until(() -> KvConnection.open(to(server.url()).build()), Objects::nonNull);
    }
}
