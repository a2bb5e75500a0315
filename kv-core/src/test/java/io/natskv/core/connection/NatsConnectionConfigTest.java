package io.natskv.core.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.NKey;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a configuration accepts, refuses and shows. */
class NatsConnectionConfigTest {
    private static final String SECRET = "s3cret";
    private static final char[] WORD = SECRET.toCharArray();

    private static Arguments bad(String message, UnaryOperator<NatsConnectionConfig.Builder> settings) {
        return Arguments.of(message, settings);
    }

    private static Arguments badServer(String message, String server) {
        return bad("servers: " + message, b -> b.servers(List.of(server)));
    }

    static Stream<Arguments> namesTheSettingThatIsWrong() throws Exception {
        char[] accountSeed = NKey.createAccount(null).getSeed();
        char[] seedless = OperatorMode.create()
                .credentials()
                .replaceAll("(?s)-----BEGIN USER.*", "")
                .toCharArray();
        return Stream.of(
                bad("servers: at least one server is needed", b -> b.servers(List.of())),
                bad("servers: at least one server is needed", b -> b.servers(List.of("", "  "))),
                badServer("scheme of http://host must be one of [nats, tls, ws, wss]", "http://host"),
                // jnats would trust every certificate
                badServer("scheme of opentls://host must be one of", "opentls://host"),
                badServer("scheme of http://host must be one of", "http://user:s3cret@host"),
                badServer("no host in nats://", "nats://user:s3cret@"),
                badServer("no host in nats://:4222", "nats://:4222"),
                badServer("no host in ho_st:x", "ho_st:x"),
                badServer("no such port in host:65536", "user:s3cret@host:65536"),
                badServer("no such port in host:0", "host:0"),
                badServer("nats://ho st is no server address: Illegal character", "nats://ho st"),
                badServer("nats://host is no server address: Illegal character", "nats://user:s3cret %@host"),
                badServer("nats:// is no server address: Expected authority", "nats://"),
                badServer(
                        "user and password of nats://host:4222 must be percent-encoded",
                        "nats://u:12/s3cret@host:4222"),
                badServer("user and password of nats://host must be percent-encoded", "nats://u?s3cret@host"),
                badServer("user and password of nats://host must be percent-encoded", "nats://u#s3cret@host"),
                bad(
                        "authentication: choose one of",
                        b -> b.username("u").password(WORD).token(WORD)),
                bad("authentication: choose one of", b -> b.token(WORD).credentialsFile(Path.of("x"))),
                bad("authentication: choose one of", b -> b.credentials(WORD).nkeySeed(WORD)),
                bad("password: needed with a username", b -> b.username("u")),
                bad("username: needed with a password", b -> b.password(WORD)),
                bad(
                        "domain: not together with an API prefix",
                        b -> b.domain("hub").apiPrefix("JS.hub.API")),
                bad("domain: must be one token", b -> b.domain("a.b")),
                bad("domain: must be one token", b -> b.domain("*")),
                bad("domain: must be one token", b -> b.domain("")),
                bad("API prefix: must be tokens", b -> b.apiPrefix("JS..API")),
                bad("API prefix: must be tokens", b -> b.apiPrefix("JS.>")),
                bad("API prefix: must be tokens", b -> b.apiPrefix("")),
                bad("inbox prefix: must be tokens", b -> b.inboxPrefix("in box")),
                bad("inbox prefix: must be tokens", b -> b.inboxPrefix("_INBOX.*")),
                bad("connection name: must not be empty", b -> b.connectionName(" ")),
                bad("connect timeout: must be longer than 0", b -> b.connectTimeout(Duration.ZERO)),
                bad("request timeout: must be longer than 0", b -> b.requestTimeout(Duration.ofMillis(-1))),
                bad("ping interval: must be longer than 0", b -> b.pingInterval(Duration.ZERO)),
                bad("reconnect wait: must not be negative", b -> b.reconnectWait(Duration.ofMillis(-1))),
                bad("reconnect jitter: must not be negative", b -> b.reconnectJitter(Duration.ofMillis(-1))),
                bad("max reconnects: must be -1 (for ever) or more, not -2", b -> b.maxReconnects(-2)),
                bad("max pings out: must be 1 or more, not 0", b -> b.maxPingsOut(0)));
    }

    @ParameterizedTest
    @MethodSource
    void namesTheSettingThatIsWrong(String message, UnaryOperator<NatsConnectionConfig.Builder> settings) {
        NatsConnectionConfig.Builder builder = settings.apply(NatsConnectionConfig.builder());
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message)
                .hasMessageNotContaining(SECRET)
                .hasNoCause();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nats://host",
                "host:4222",
                "host",
                "10.0.0.1:4222",
                "[::1]:4222",
                "tls://user:pa%40ss@host:4222",
                "token@host",
                "ws://host:80/path",
                "wss://host",
                " nats://host "
            })
    void takesServerAddressesOfEachForm(String server) {
        assertThat(NatsConnectionConfig.of(server).servers()).containsExactly(server.trim());
    }

    @Test
    void hasDefaultsForEverything() {
        NatsConnectionConfig config = NatsConnectionConfig.builder().build();
        assertThat(config.servers()).containsExactly("nats://127.0.0.1:4222");
        assertThat(config.maxReconnects()).isEqualTo(-1);
        assertThat(config.apiPrefix()).isEqualTo("$JS.API.");
        assertThat(config.connectionName()).isEqualTo("nats-kv");
        assertThat(config.tls()).isEmpty();
        assertThat(config.inboxPrefix()).isEmpty();
    }

    @Test
    void derivesThePrefixOfTheApi() {
        assertThat(NatsConnectionConfig.builder().domain("hub").build().apiPrefix())
                .isEqualTo("$JS.hub.API.");
        assertThat(NatsConnectionConfig.builder()
                        .apiPrefix("JS.hub.API")
                        .build()
                        .apiPrefix())
                .isEqualTo("JS.hub.API.");
        assertThat(NatsConnectionConfig.builder()
                        .apiPrefix("JS.hub.API.")
                        .build()
                        .apiPrefix())
                .isEqualTo("JS.hub.API.");
    }

    @Test
    void showsNoSecret() throws Exception {
        String seed = new String(NKey.createUser(null).getSeed());
        List<NatsConnectionConfig> configs = List.of(
                NatsConnectionConfig.of("nats://user:" + SECRET + "@a:4222", SECRET + "@b", "c"),
                NatsConnectionConfig.builder().username("u").password(WORD).build(),
                NatsConnectionConfig.builder().token(WORD).build(),
                NatsConnectionConfig.builder().nkeySeed(seed.toCharArray()).build(),
                NatsConnectionConfig.builder()
                        .credentials(OperatorMode.create().credentials().toCharArray())
                        .build(),
                NatsConnectionConfig.builder()
                        .credentialsFile(Path.of("user.creds"))
                        .tls(TlsConfig.DEFAULT)
                        .build());
        assertThat(configs.get(0).displayServers()).isEqualTo("nats://a:4222,b,c");
        assertThat(configs)
                .extracting(NatsConnectionConfig::toString)
                .allSatisfy(text -> assertThat(text).doesNotContain(SECRET, seed, "eyJ", "-----"))
                .extracting(text -> text.replaceAll(".*authentication=(\\w+), tls=(\\w+).*", "$1 $2"))
                .containsExactly(
                        "none false",
                        "user false",
                        "token false",
                        "nkey false",
                        "credentials false",
                        "credentials true");
        assertThat(new NkeyAuth(seed.toCharArray()).toString()).doesNotContain(seed);
        assertThat(new TlsConfig.Secret(SECRET).toString()).doesNotContain(SECRET);
        assertThat(new TlsConfig.Store(
                                Path.of("x.p12"),
                                "PKCS12",
                                new TlsConfig.Secret(SECRET),
                                Optional.of(new TlsConfig.Secret(SECRET)))
                        .toString())
                .contains("x.p12")
                .doesNotContain(SECRET);
    }

    @Test
    void staysAsItWasBuilt() throws NoSuchAlgorithmException {
        List<String> servers = new ArrayList<>(List.of("a"));
        char[] password = SECRET.toCharArray();
        NatsConnectionConfig.Builder builder =
                NatsConnectionConfig.builder().servers(servers).username("u").password(password);
        NatsConnectionConfig config = builder.build();
        servers.add("b");
        Arrays.fill(password, 'x');
        builder.servers(List.of("c")).sslContext(SSLContext.getDefault());
        Arrays.fill(config.password().orElseThrow(), 'y');
        assertThat(config.servers()).containsExactly("a");
        assertThat(config.password())
                .hasValueSatisfying(word -> assertThat(word).containsExactly(SECRET.toCharArray()));
        assertThat(config.sslContext()).isEmpty();
    }

    @Test
    void tlsPartsMustFit() {
        Optional<TlsConfig.Store> store =
                Optional.of(new TlsConfig.Store(Path.of("x"), "JKS", new TlsConfig.Secret(SECRET), Optional.empty()));
        Optional<String> pem = Optional.of("pem");
        Optional<TlsConfig.Secret> key = Optional.of(new TlsConfig.Secret(SECRET));
        assertThatThrownBy(() -> new TlsConfig(store, pem, Optional.empty(), Optional.empty(), Optional.empty(), true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("either a trust store or PEM trusted certificates");
        assertThatThrownBy(() -> new TlsConfig(Optional.empty(), Optional.empty(), store, pem, key, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("either a key store or a PEM certificate chain");
        assertThatThrownBy(() -> new TlsConfig(
                        Optional.empty(), Optional.empty(), Optional.empty(), pem, Optional.empty(), true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a certificate chain and its private key go together");
    }
}
