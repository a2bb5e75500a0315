package io.natskv.core.connect;

import static io.natskv.core.connect.ConnectionSettings.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.NKey;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.connection.TlsConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionSettingsTest {
    private static final ConfigDef DEF = define(new ConfigDef());

    @Test
    void defaultsAreThoseOfTheConnection() {
        NatsConnectionConfig config = of(Map.of(SERVERS, "a:1, tls://b:2"), "orders-0");
        assertThat(config.servers()).containsExactly("a:1", "tls://b:2");
        assertThat(config.connectionName()).isEqualTo("orders-0");
        assertThat(config.apiPrefix()).isEqualTo("$JS.API.");
        assertThat(config.tls()).isEmpty();
        assertThat(config.username()).isEmpty();
        assertThat(config.connectTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.requestTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.maxReconnects()).isEqualTo(-1);
    }

    @Test
    void everySettingReachesTheConnection() throws Exception {
        Map<String, String> settings = new HashMap<>();
        settings.put(SERVERS, "a:1");
        settings.put(CONNECTION_NAME, "mine");
        settings.put(JETSTREAM_DOMAIN, "hub");
        settings.put(INBOX_PREFIX, "_IN.");
        settings.put(CONNECT_TIMEOUT_MS, "101");
        settings.put(REQUEST_TIMEOUT_MS, "102");
        settings.put(RECONNECT_WAIT_MS, "103");
        settings.put(RECONNECT_JITTER_MS, "104");
        settings.put(PING_INTERVAL_MS, "1005");
        settings.put(IGNORE_DISCOVERED_SERVERS, "true");
        settings.put(USERNAME, "me");
        settings.put(PASSWORD, "secret");
        settings.put(TLS_FIRST, "true");
        NatsConnectionConfig config = of(settings, "other");
        assertThat(config.connectionName()).isEqualTo("mine");
        assertThat(config.apiPrefix()).isEqualTo("$JS.hub.API.");
        assertThat(config.inboxPrefix()).hasValue("_IN.");
        assertThat(config.connectTimeout()).isEqualTo(Duration.ofMillis(101));
        assertThat(config.requestTimeout()).isEqualTo(Duration.ofMillis(102));
        assertThat(config.reconnectWait()).isEqualTo(Duration.ofMillis(103));
        assertThat(config.reconnectJitter()).isEqualTo(Duration.ofMillis(104));
        assertThat(config.pingInterval()).isEqualTo(Duration.ofMillis(1005));
        assertThat(config.ignoreDiscoveredServers()).isTrue();
        assertThat(config.username()).hasValue("me");
        assertThat(config.password()).hasValue("secret".toCharArray());
        assertThat(config.tlsFirst()).isTrue();
        assertThat(of(Map.of(SERVERS, "a", API_PREFIX, "JS.acc.API"), "x").apiPrefix())
                .isEqualTo("JS.acc.API.");
        assertThat(of(Map.of(SERVERS, "a", TOKEN, "t"), "x").token()).hasValue("t".toCharArray());
        String seed = new String(NKey.createUser(null).getSeed());
        String credentials = "-----BEGIN NATS USER JWT-----\neyJ.e30.x\n------END NATS USER JWT------\n"
                + "-----BEGIN USER NKEY SEED-----\n" + seed + "\n------END USER NKEY SEED------";
        assertThat(of(Map.of(SERVERS, "a", CREDENTIALS, credentials), "x").credentials())
                .hasValue(credentials.toCharArray());
        assertThat(of(Map.of(SERVERS, "a", CREDENTIALS_FILE, "/c"), "x").credentialsFile())
                .hasValue(Path.of("/c"));
        assertThat(of(Map.of(SERVERS, "a", NKEY_SEED, seed), "x").nkeySeed()).hasValue(seed.toCharArray());
    }

    @Test
    void tlsOfStores() {
        TlsConfig tls = of(
                        Map.of(
                                SERVERS, "a",
                                TLS_TRUSTSTORE_LOCATION, "/t.jks",
                                TLS_TRUSTSTORE_TYPE, "JKS",
                                TLS_TRUSTSTORE_PASSWORD, "tp",
                                TLS_KEYSTORE_LOCATION, "/k.p12",
                                TLS_KEYSTORE_PASSWORD, "kp",
                                TLS_KEY_PASSWORD, "kk",
                                TLS_VERIFY_HOSTNAME, "false"),
                        "x")
                .tls()
                .orElseThrow();
        TlsConfig.Store trust = tls.trustStore().orElseThrow();
        assertThat(trust.path()).isEqualTo(Path.of("/t.jks"));
        assertThat(trust.type()).isEqualTo("JKS");
        assertThat(trust.password().text()).isEqualTo("tp");
        TlsConfig.Store keys = tls.keyStore().orElseThrow();
        assertThat(keys.type()).isEqualTo("PKCS12");
        assertThat(keys.password().text()).isEqualTo("kp");
        assertThat(keys.keyPassword().orElseThrow().text()).isEqualTo("kk");
        assertThat(tls.verifyHostname()).isFalse();
    }

    @Test
    void tlsOfPem() {
        TlsConfig tls = of(
                        Map.of(
                                SERVERS, "a",
                                TLS_TRUSTED_CERTIFICATES, "ca",
                                TLS_CERTIFICATE_CHAIN, "chain",
                                TLS_PRIVATE_KEY, "key"),
                        "x")
                .tls()
                .orElseThrow();
        assertThat(tls.trustedCertificates()).hasValue("ca");
        assertThat(tls.certificateChain()).hasValue("chain");
        assertThat(tls.privateKey().orElseThrow().text()).isEqualTo("key");
        assertThat(tls.verifyHostname()).isTrue();
    }

    @Test
    void emptySettingsCountAsUnset() {
        Map<String, String> settings = new HashMap<>();
        names().stream()
                .filter(name -> DEF.configKeys().get(name).defaultValue == null
                        || "".equals(DEF.configKeys().get(name).defaultValue))
                .forEach(name -> settings.put(name, ""));
        settings.put(SERVERS, "a");
        NatsConnectionConfig config = of(settings, "x");
        assertThat(config.toString()).contains("authentication=none", "tls=false", "$JS.API.");
    }

    @Test
    void secretsAreOfTypePassword() {
        assertThat(DEF.configKeys().values())
                .filteredOn(key -> key.type == ConfigDef.Type.PASSWORD)
                .extracting(key -> key.name)
                .containsExactlyInAnyOrder(
                        PASSWORD,
                        TOKEN,
                        CREDENTIALS,
                        NKEY_SEED,
                        TLS_TRUSTSTORE_PASSWORD,
                        TLS_KEYSTORE_PASSWORD,
                        TLS_KEY_PASSWORD,
                        TLS_PRIVATE_KEY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nats://me:secret@a:1", "nats://secret@a:1", "http://a:1", "nats://:1", "", "nats://a b"})
    void malformedServersAreRefusedWithoutQuotingThem(String servers) {
        ConfigValue value = validate(Map.of(SERVERS, servers)).get(SERVERS);
        assertThat(value.errorMessages())
                .hasSize(1)
                .allMatch(message -> message.contains(SERVERS) && !message.contains("secret"));
    }

    @ParameterizedTest
    @CsvSource({
        "nats.username, u, nats.token, t, nats.token",
        "nats.token, t, nats.credentials, c, nats.credentials",
        "nats.username, u, nats.inbox.prefix, x, nats.password",
        "nats.password, p, nats.inbox.prefix, x, nats.username",
        "nats.jetstream.domain, hub, nats.api.prefix, p, nats.jetstream.domain",
        "nats.jetstream.domain, a.b, nats.inbox.prefix, x, nats.jetstream.domain",
        "nats.api.prefix, a..b, nats.inbox.prefix, x, nats.api.prefix",
        "nats.inbox.prefix, a b, nats.api.prefix, p, nats.inbox.prefix",
        "nats.nkey.seed, nonsense, nats.inbox.prefix, x, nats.nkey.seed",
        "nats.credentials, nonsense, nats.inbox.prefix, x, nats.credentials",
        "nats.tls.keystore.certificate.chain, c, nats.inbox.prefix, x, nats.tls.keystore.certificate.chain",
        "nats.tls.truststore.location, /t, nats.tls.truststore.certificates, c, nats.tls.truststore.location"
    })
    void contradictionsShowOnTheSettingToChange(
            String first, String firstValue, String second, String secondValue, String blamed) {
        Map<String, String> settings = Map.of(SERVERS, "a:1", first, firstValue, second, secondValue);
        Map<String, ConfigValue> values = validate(settings);
        check(settings, values);
        assertThat(values.values())
                .filteredOn(value -> !value.errorMessages().isEmpty())
                .extracting(ConfigValue::name)
                .containsExactly(blamed);
        assertThatThrownBy(() -> of(settings, "x")).isInstanceOf(ConfigException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {CREDENTIALS_FILE, TLS_TRUSTSTORE_LOCATION, TLS_KEYSTORE_LOCATION})
    void whatIsNoPathShowsOnItsSetting(String setting) {
        Map<String, String> settings = Map.of(SERVERS, "a:1", setting, "/a\0b");
        Map<String, ConfigValue> values = validate(settings);
        check(settings, values);
        assertThat(values.values())
                .filteredOn(value -> !value.errorMessages().isEmpty())
                .extracting(ConfigValue::name)
                .containsExactly(setting);
    }

    @Test
    void everyMatterThatTheConnectionComplainsAboutHasItsSetting() throws Exception {
        Path folder =
                Path.of(System.getProperty("natskv.suite.dir"), "kv-core/src/main/java/io/natskv/core/connection");
        String source = Files.readString(folder.resolve("NatsConnectionConfig.java"))
                + Files.readString(folder.resolve("TlsConfig.java"));
        Set<String> matters = new TreeSet<>();
        Pattern.compile("(?:require\\([^;]*?|Exception\\(\\s*)\"([A-Za-z ]+): |requirePositive\\(\"([^\"]+)\"")
                .matcher(source)
                .results()
                .forEach(found -> matters.add(found.group(1) == null ? found.group(2) : found.group(1)));
        assertThat(matters).contains("servers", "inbox prefix", "ping interval", "TLS");
        // The last two can't be set here.
        matters.removeAll(Set.of("authentication", "TLS", "max reconnects", "max pings out"));
        assertThat(SETTING_OF_MATTER.keySet()).containsAll(matters);
    }

    @Test
    void aKeyStoreAndAChainContradict() {
        Map<String, String> settings =
                Map.of(SERVERS, "a", TLS_KEYSTORE_LOCATION, "/k", TLS_CERTIFICATE_CHAIN, "c", TLS_PRIVATE_KEY, "k");
        Map<String, ConfigValue> values = validate(settings);
        check(settings, values);
        assertThat(values.get(TLS_KEYSTORE_LOCATION).errorMessages()).hasSize(1);
    }

    @Test
    void contradictionsAreNotLookedForWhileSingleSettingsAreWrong() {
        Map<String, String> settings = Map.of(SERVERS, "a", USERNAME, "u", CONNECT_TIMEOUT_MS, "never");
        Map<String, ConfigValue> values = validate(settings);
        assertThat(hasErrors(values)).isTrue();
        check(settings, values);
        assertThat(values.get(PASSWORD).errorMessages()).isEmpty();
    }

    private static Map<String, ConfigValue> validate(Map<String, String> settings) {
        Map<String, ConfigValue> values = new LinkedHashMap<>();
        List<ConfigValue> all = DEF.validate(settings);
        all.forEach(value -> values.put(value.name(), value));
        return values;
    }
}
