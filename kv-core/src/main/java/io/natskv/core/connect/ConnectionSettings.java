package io.natskv.core.connect;

import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.connection.TlsConfig;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.common.config.types.Password;

/** The settings by which both connectors reach NATS, and what becomes of them: a {@link NatsConnectionConfig}. */
public final class ConnectionSettings {
    public static final String SERVERS = "nats.servers";
    public static final String CONNECTION_NAME = "nats.connection.name";
    public static final String JETSTREAM_DOMAIN = "nats.jetstream.domain";
    public static final String API_PREFIX = "nats.api.prefix";
    public static final String INBOX_PREFIX = "nats.inbox.prefix";
    public static final String CONNECT_TIMEOUT_MS = "nats.connect.timeout.ms";
    public static final String REQUEST_TIMEOUT_MS = "nats.request.timeout.ms";
    public static final String RECONNECT_WAIT_MS = "nats.reconnect.wait.ms";
    public static final String RECONNECT_JITTER_MS = "nats.reconnect.jitter.ms";
    public static final String PING_INTERVAL_MS = "nats.ping.interval.ms";
    public static final String IGNORE_DISCOVERED_SERVERS = "nats.ignore.discovered.servers";

    public static final String USERNAME = "nats.username";
    public static final String PASSWORD = "nats.password";
    public static final String TOKEN = "nats.token";
    public static final String CREDENTIALS_FILE = "nats.credentials.file";
    public static final String CREDENTIALS = "nats.credentials";
    public static final String NKEY_SEED = "nats.nkey.seed";

    public static final String TLS_FIRST = "nats.tls.first";
    public static final String TLS_VERIFY_HOSTNAME = "nats.tls.verify.hostname";
    public static final String TLS_TRUSTSTORE_LOCATION = "nats.tls.truststore.location";
    public static final String TLS_TRUSTSTORE_PASSWORD = "nats.tls.truststore.password";
    public static final String TLS_TRUSTSTORE_TYPE = "nats.tls.truststore.type";
    public static final String TLS_TRUSTED_CERTIFICATES = "nats.tls.truststore.certificates";
    public static final String TLS_KEYSTORE_LOCATION = "nats.tls.keystore.location";
    public static final String TLS_KEYSTORE_PASSWORD = "nats.tls.keystore.password";
    public static final String TLS_KEYSTORE_TYPE = "nats.tls.keystore.type";
    public static final String TLS_KEY_PASSWORD = "nats.tls.key.password";
    public static final String TLS_CERTIFICATE_CHAIN = "nats.tls.keystore.certificate.chain";
    public static final String TLS_PRIVATE_KEY = "nats.tls.keystore.key";

    private static final String CONNECTION_GROUP = "Connection";
    private static final String AUTHENTICATION_GROUP = "Authentication";
    private static final String TLS_GROUP = "TLS";

    private static final ConfigDef DEF = define(new ConfigDef());
    private static final List<String> AUTHENTICATION =
            List.of(CREDENTIALS_FILE, CREDENTIALS, NKEY_SEED, TOKEN, USERNAME);

    /** By what a message of {@link NatsConnectionConfig} begins with; authentication and TLS stand for several settings. */
    static final Map<String, String> SETTING_OF_MATTER = Map.ofEntries(
            Map.entry("servers", SERVERS),
            Map.entry("connection name", CONNECTION_NAME),
            Map.entry("domain", JETSTREAM_DOMAIN),
            Map.entry("API prefix", API_PREFIX),
            Map.entry("inbox prefix", INBOX_PREFIX),
            Map.entry("connect timeout", CONNECT_TIMEOUT_MS),
            Map.entry("request timeout", REQUEST_TIMEOUT_MS),
            Map.entry("reconnect wait", RECONNECT_WAIT_MS),
            Map.entry("reconnect jitter", RECONNECT_JITTER_MS),
            Map.entry("ping interval", PING_INTERVAL_MS),
            Map.entry("username", USERNAME),
            Map.entry("password", PASSWORD),
            Map.entry("credentials file", CREDENTIALS_FILE),
            Map.entry("credentials", CREDENTIALS),
            Map.entry("nkey seed", NKEY_SEED));

    private ConnectionSettings() {}

    /** Adds the connection settings to a connector's own. */
    public static ConfigDef define(ConfigDef def) {
        defineConnection(def);
        defineAuthentication(def);
        return defineTls(def);
    }

    /** The names of all connection settings. */
    public static Set<String> names() {
        return DEF.names();
    }

    private static void defineConnection(ConfigDef def) {
        int order = 0;
        def.define(
                        SERVERS,
                        Type.LIST,
                        ConfigDef.NO_DEFAULT_VALUE,
                        new Servers(),
                        Importance.HIGH,
                        "NATS servers as host:port or with scheme nats, tls, ws or wss, comma-separated. No user information in them: it "
                                + "would show in logs and in Connect's REST API.",
                        CONNECTION_GROUP,
                        ++order,
                        Width.LONG,
                        "Servers")
                .define(
                        CONNECTION_NAME,
                        Type.STRING,
                        "",
                        Importance.LOW,
                        "Name of the connection in the NATS server's reports. Default: the connector's name with the number of the task.",
                        CONNECTION_GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Connection name")
                .define(
                        JETSTREAM_DOMAIN,
                        Type.STRING,
                        "",
                        Importance.MEDIUM,
                        "JetStream domain of the buckets, if it is not the one of the servers connected to.",
                        CONNECTION_GROUP,
                        ++order,
                        Width.SHORT,
                        "JetStream domain")
                .define(
                        API_PREFIX,
                        Type.STRING,
                        "",
                        Importance.LOW,
                        "Prefix of the JetStream API, where buckets of another account are imported. Not together with "
                                + JETSTREAM_DOMAIN + ".",
                        CONNECTION_GROUP,
                        ++order,
                        Width.SHORT,
                        "API prefix")
                .define(
                        INBOX_PREFIX,
                        Type.STRING,
                        "",
                        Importance.LOW,
                        "Prefix of the subjects on which answers come back, where the user may not subscribe to _INBOX.",
                        CONNECTION_GROUP,
                        ++order,
                        Width.SHORT,
                        "Inbox prefix")
                .define(
                        CONNECT_TIMEOUT_MS,
                        Type.INT,
                        2_000,
                        Range.between(100, 60_000),
                        Importance.LOW,
                        "How long an attempt to connect to one server may take, in milliseconds.",
                        CONNECTION_GROUP,
                        ++order,
                        Width.SHORT,
                        "Connect time-out (ms)")
                .define(
                        REQUEST_TIMEOUT_MS,
                        Type.INT,
                        5_000,
                        Range.between(100, 60_000),
                        Importance.LOW,
                        "How long one request to the JetStream API may take, in milliseconds.",
                        CONNECTION_GROUP,
                        ++order,
                        Width.SHORT,
                        "Request time-out (ms)")
                .define(
                        RECONNECT_WAIT_MS,
                        Type.INT,
                        100,
                        Range.between(10, 60_000),
                        Importance.LOW,
                        "Pause between two attempts to reconnect, in milliseconds. They go on for ever.",
                        CONNECTION_GROUP,
                        ++order,
                        Width.SHORT,
                        "Reconnect wait (ms)")
                .define(
                        RECONNECT_JITTER_MS,
                        Type.INT,
                        100,
                        Range.between(0, 60_000),
                        Importance.LOW,
                        "Largest random addition to " + RECONNECT_WAIT_MS
                                + ", so that many tasks don't reconnect at once.",
                        CONNECTION_GROUP,
                        ++order,
                        Width.SHORT,
                        "Reconnect jitter (ms)")
                .define(
                        PING_INTERVAL_MS,
                        Type.INT,
                        20_000,
                        Range.between(1_000, 600_000),
                        Importance.LOW,
                        "How often the connection is probed when it is silent, in milliseconds. After two unanswered probes it is "
                                + "made anew.",
                        CONNECTION_GROUP,
                        ++order,
                        Width.SHORT,
                        "Ping interval (ms)")
                .define(
                        IGNORE_DISCOVERED_SERVERS,
                        Type.BOOLEAN,
                        false,
                        Importance.LOW,
                        "Connect to the servers in " + SERVERS + " only, not to others of their cluster.",
                        CONNECTION_GROUP,
                        ++order,
                        Width.SHORT,
                        "Ignore discovered servers");
    }

    private static void defineAuthentication(ConfigDef def) {
        int order = 0;
        def.define(
                        CREDENTIALS_FILE,
                        Type.STRING,
                        "",
                        Importance.MEDIUM,
                        "Path of a .creds file on the worker: JWT and nkey seed. Read again at each reconnect. One kind of "
                                + "authentication at most may be set.",
                        AUTHENTICATION_GROUP,
                        ++order,
                        Width.LONG,
                        "Credentials file")
                .define(
                        CREDENTIALS,
                        Type.PASSWORD,
                        null,
                        Importance.MEDIUM,
                        "The text of a .creds file. Use a config provider rather than clear text.",
                        AUTHENTICATION_GROUP,
                        ++order,
                        Width.LONG,
                        "Credentials")
                .define(
                        NKEY_SEED,
                        Type.PASSWORD,
                        null,
                        Importance.MEDIUM,
                        "An nkey seed (SU...), where the server knows the user's public nkey.",
                        AUTHENTICATION_GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Nkey seed")
                .define(
                        TOKEN,
                        Type.PASSWORD,
                        null,
                        Importance.MEDIUM,
                        "Token of the server.",
                        AUTHENTICATION_GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Token")
                .define(
                        USERNAME,
                        Type.STRING,
                        "",
                        Importance.MEDIUM,
                        "User name; with " + PASSWORD + ".",
                        AUTHENTICATION_GROUP,
                        ++order,
                        Width.MEDIUM,
                        "User name")
                .define(
                        PASSWORD,
                        Type.PASSWORD,
                        null,
                        Importance.MEDIUM,
                        "Password of " + USERNAME + ".",
                        AUTHENTICATION_GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Password");
    }

    private static ConfigDef defineTls(ConfigDef def) {
        int order = 0;
        return def.define(
                        TLS_FIRST,
                        Type.BOOLEAN,
                        false,
                        Importance.LOW,
                        "Start TLS before the server speaks (handshake_first of the server). TLS is used where a server address has scheme tls "
                                + "or wss, and everywhere once one of the TLS settings is set; it is never left out silently.",
                        TLS_GROUP,
                        ++order,
                        Width.SHORT,
                        "TLS first")
                .define(
                        TLS_VERIFY_HOSTNAME,
                        Type.BOOLEAN,
                        true,
                        Importance.LOW,
                        "Whether the server's certificate must name the host that is connected to.",
                        TLS_GROUP,
                        ++order,
                        Width.SHORT,
                        "Verify host name")
                .define(
                        TLS_TRUSTSTORE_LOCATION,
                        Type.STRING,
                        "",
                        Importance.MEDIUM,
                        "File with the certificates to trust. Without it and without " + TLS_TRUSTED_CERTIFICATES
                                + " the JVM's own trust store decides.",
                        TLS_GROUP,
                        ++order,
                        Width.LONG,
                        "Trust store")
                .define(
                        TLS_TRUSTSTORE_PASSWORD,
                        Type.PASSWORD,
                        null,
                        Importance.MEDIUM,
                        "Password of the trust store.",
                        TLS_GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Trust store password")
                .define(
                        TLS_TRUSTSTORE_TYPE,
                        Type.STRING,
                        "PKCS12",
                        ConfigDef.ValidString.in("PKCS12", "JKS"),
                        Importance.LOW,
                        "Format of the trust store.",
                        TLS_GROUP,
                        ++order,
                        Width.SHORT,
                        "Trust store type")
                .define(
                        TLS_TRUSTED_CERTIFICATES,
                        Type.STRING,
                        "",
                        Importance.MEDIUM,
                        "The certificates to trust as PEM text, in place of a trust store.",
                        TLS_GROUP,
                        ++order,
                        Width.LONG,
                        "Trusted certificates")
                .define(
                        TLS_KEYSTORE_LOCATION,
                        Type.STRING,
                        "",
                        Importance.MEDIUM,
                        "File with the client's certificate and key, for servers that ask for one.",
                        TLS_GROUP,
                        ++order,
                        Width.LONG,
                        "Key store")
                .define(
                        TLS_KEYSTORE_PASSWORD,
                        Type.PASSWORD,
                        null,
                        Importance.MEDIUM,
                        "Password of the key store.",
                        TLS_GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Key store password")
                .define(
                        TLS_KEYSTORE_TYPE,
                        Type.STRING,
                        "PKCS12",
                        ConfigDef.ValidString.in("PKCS12", "JKS"),
                        Importance.LOW,
                        "Format of the key store.",
                        TLS_GROUP,
                        ++order,
                        Width.SHORT,
                        "Key store type")
                .define(
                        TLS_KEY_PASSWORD,
                        Type.PASSWORD,
                        null,
                        Importance.LOW,
                        "Password of the key in the key store, if it is not the store's.",
                        TLS_GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Key password")
                .define(
                        TLS_CERTIFICATE_CHAIN,
                        Type.STRING,
                        "",
                        Importance.MEDIUM,
                        "The client's certificate and its chain as PEM text, in place of a key store; with "
                                + TLS_PRIVATE_KEY + ".",
                        TLS_GROUP,
                        ++order,
                        Width.LONG,
                        "Certificate chain")
                .define(
                        TLS_PRIVATE_KEY,
                        Type.PASSWORD,
                        null,
                        Importance.MEDIUM,
                        "The client's private key as PEM text: PKCS#8, not encrypted.",
                        TLS_GROUP,
                        ++order,
                        Width.LONG,
                        "Private key");
    }

    /**
     * The connection that the settings describe.
     *
     * @param name the connection's name, if {@link #CONNECTION_NAME} is not set
     * @throws ConfigException if a setting is malformed or two contradict
     */
    public static NatsConnectionConfig of(Map<String, String> settings, String name) {
        try {
            return builder(settings, name).build();
        } catch (IllegalArgumentException e) {
            throw new ConfigException(e.getMessage());
        }
    }

    static NatsConnectionConfig.Builder builder(Map<String, String> settings, String name) {
        AbstractConfig config = new AbstractConfig(DEF, settings, false);
        NatsConnectionConfig.Builder builder = NatsConnectionConfig.builder()
                .servers(config.getList(SERVERS))
                .connectionName(text(config, CONNECTION_NAME).orElse(name))
                .connectTimeout(millis(config, CONNECT_TIMEOUT_MS))
                .requestTimeout(millis(config, REQUEST_TIMEOUT_MS))
                .reconnectWait(millis(config, RECONNECT_WAIT_MS))
                .reconnectJitter(millis(config, RECONNECT_JITTER_MS))
                .pingInterval(millis(config, PING_INTERVAL_MS))
                .ignoreDiscoveredServers(config.getBoolean(IGNORE_DISCOVERED_SERVERS))
                .tlsFirst(config.getBoolean(TLS_FIRST));
        text(config, JETSTREAM_DOMAIN).ifPresent(builder::domain);
        text(config, API_PREFIX).ifPresent(builder::apiPrefix);
        text(config, INBOX_PREFIX).ifPresent(builder::inboxPrefix);
        text(config, USERNAME).ifPresent(builder::username);
        secret(config, PASSWORD).map(String::toCharArray).ifPresent(builder::password);
        secret(config, TOKEN).map(String::toCharArray).ifPresent(builder::token);
        text(config, CREDENTIALS_FILE)
                .map(file -> path("credentials file", file))
                .ifPresent(builder::credentialsFile);
        secret(config, CREDENTIALS).map(String::toCharArray).ifPresent(builder::credentials);
        secret(config, NKEY_SEED).map(String::toCharArray).ifPresent(builder::nkeySeed);
        tls(config).ifPresent(builder::tls);
        return builder;
    }

    private static Optional<TlsConfig> tls(AbstractConfig config) {
        TlsConfig tls = new TlsConfig(
                store(config, TLS_TRUSTSTORE_LOCATION, TLS_TRUSTSTORE_TYPE, TLS_TRUSTSTORE_PASSWORD, Optional.empty()),
                text(config, TLS_TRUSTED_CERTIFICATES),
                store(
                        config,
                        TLS_KEYSTORE_LOCATION,
                        TLS_KEYSTORE_TYPE,
                        TLS_KEYSTORE_PASSWORD,
                        secret(config, TLS_KEY_PASSWORD).map(TlsConfig.Secret::new)),
                text(config, TLS_CERTIFICATE_CHAIN),
                secret(config, TLS_PRIVATE_KEY).map(TlsConfig.Secret::new),
                config.getBoolean(TLS_VERIFY_HOSTNAME));
        // Left out where nothing is set: a TlsConfig turns TLS on.
        return tls.equals(TlsConfig.DEFAULT) ? Optional.empty() : Optional.of(tls);
    }

    private static Optional<TlsConfig.Store> store(
            AbstractConfig config,
            String location,
            String type,
            String password,
            Optional<TlsConfig.Secret> keyPassword) {
        return text(config, location)
                .map(path -> new TlsConfig.Store(
                        path("TLS: " + (location.equals(TLS_TRUSTSTORE_LOCATION) ? "trust store" : "key store"), path),
                        config.getString(type),
                        new TlsConfig.Secret(secret(config, password).orElse("")),
                        keyPassword));
    }

    /** Puts errors that concern several connection settings on the one to change; does nothing while single ones have errors. */
    public static void check(Map<String, String> settings, Map<String, ConfigValue> values) {
        if (hasErrors(values)) {
            return;
        }
        try {
            builder(settings, "validate").build();
        } catch (IllegalArgumentException e) {
            values.get(settingOf(e.getMessage(), settings)).addErrorMessage(e.getMessage());
        }
    }

    /** True if one of the connection settings has an error. */
    public static boolean hasErrors(Map<String, ConfigValue> values) {
        return names().stream()
                .map(values::get)
                .anyMatch(value -> value == null || !value.errorMessages().isEmpty());
    }

    /** The setting that holds the authentication in use: where a refusal is shown. */
    public static String authenticationSetting(Map<String, String> settings) {
        return AUTHENTICATION.stream()
                .filter(name -> GivenSettings.isSet(settings, name))
                .findFirst()
                .orElse(USERNAME);
    }

    static boolean usesDomain(Map<String, String> settings) {
        return GivenSettings.isSet(settings, JETSTREAM_DOMAIN);
    }

    /** The messages of {@link NatsConnectionConfig} and {@link TlsConfig} begin with the matter they complain about. */
    private static String settingOf(String message, Map<String, String> settings) {
        String matter = message.substring(0, Math.max(0, message.indexOf(':')));
        return switch (matter) {
            case "authentication" -> authenticationSetting(settings);
            case "TLS" ->
                message.contains("trust")
                        ? TLS_TRUSTSTORE_LOCATION
                        : message.contains("key store") ? TLS_KEYSTORE_LOCATION : TLS_CERTIFICATE_CHAIN;
            default -> SETTING_OF_MATTER.getOrDefault(matter, SERVERS);
        };
    }

    private static Duration millis(AbstractConfig config, String name) {
        return Duration.ofMillis(config.getInt(name));
    }

    private static Optional<String> text(AbstractConfig config, String name) {
        return Optional.ofNullable(config.getString(name)).map(String::trim).filter(text -> !text.isEmpty());
    }

    private static Path path(String matter, String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(matter + ": no path of a file: " + e.getReason(), e);
        }
    }

    private static Optional<String> secret(AbstractConfig config, String name) {
        return Optional.ofNullable(config.getPassword(name))
                .map(Password::value)
                .filter(text -> !text.isBlank());
    }

    /** Its messages never quote what was given: there may be a password in it. */
    private static final class Servers implements ConfigDef.Validator {
        @Override
        public void ensureValid(String name, Object value) {
            if (!(value instanceof List<?> servers)) {
                return;
            }
            List<String> texts = servers.stream().map(String::valueOf).toList();
            if (texts.stream().anyMatch(server -> server.contains("@"))) {
                throw new ConfigException(
                        name + " must not hold user information, which would show in logs and in the REST API; use "
                                + USERNAME + " and " + PASSWORD + ", or " + TOKEN);
            }
            try {
                NatsConnectionConfig.builder().servers(texts).build();
            } catch (IllegalArgumentException e) {
                throw new ConfigException(name + ": " + e.getMessage());
            }
        }

        @Override
        public String toString() {
            return "server addresses";
        }
    }
}
