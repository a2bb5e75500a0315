package io.natskv.core.connection;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/**
 * How to reach a NATS server: immutable, made by {@link #builder()}. {@link #toString()} prints no secret.
 *
 * <p>One kind of authentication at most: user and password, token, credentials (file or text), or nkey seed. A setting that
 * is malformed fails in {@link Builder#build()} with {@link IllegalArgumentException}, naming the setting.
 */
public final class NatsConnectionConfig {
    private final Builder values;

    private NatsConnectionConfig(Builder values) {
        this.values = values;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** A configuration with defaults for everything but the servers. */
    public static NatsConnectionConfig of(String... servers) {
        return builder().servers(List.of(servers)).build();
    }

    public List<String> servers() {
        return values.servers;
    }

    /** The servers without user information: fit for logs and messages. */
    public String displayServers() {
        return String.join(
                ",",
                values.servers.stream()
                        .map(NatsConnectionConfig::withoutUserInfo)
                        .toList());
    }

    public Optional<String> username() {
        return Optional.ofNullable(values.username);
    }

    public Optional<char[]> password() {
        return Optional.ofNullable(copy(values.password));
    }

    public Optional<char[]> token() {
        return Optional.ofNullable(copy(values.token));
    }

    public Optional<Path> credentialsFile() {
        return Optional.ofNullable(values.credentialsFile);
    }

    public Optional<char[]> credentials() {
        return Optional.ofNullable(copy(values.credentials));
    }

    public Optional<char[]> nkeySeed() {
        return Optional.ofNullable(copy(values.nkeySeed));
    }

    /** What the connection needs for TLS; empty means that a {@code tls://} server is verified by the JVM's own trust store. */
    public Optional<TlsConfig> tls() {
        return Optional.ofNullable(values.tls);
    }

    /** A context made elsewhere (Camel); wins over {@link #tls()}. */
    public Optional<SSLContext> sslContext() {
        return Optional.ofNullable(values.sslContext);
    }

    public boolean tlsFirst() {
        return values.tlsFirst;
    }

    /** Prefix of the JetStream API, with its dot at the end. */
    public String apiPrefix() {
        if (values.apiPrefix != null) {
            return values.apiPrefix.endsWith(".") ? values.apiPrefix : values.apiPrefix + ".";
        }
        return values.domain == null ? "$JS.API." : "$JS." + values.domain + ".API.";
    }

    public Optional<String> inboxPrefix() {
        return Optional.ofNullable(values.inboxPrefix);
    }

    public String connectionName() {
        return values.connectionName;
    }

    public Duration connectTimeout() {
        return values.connectTimeout;
    }

    /**
     * How long one request to the JetStream API may take, and how long a single write looks for a leader that takes it (an election takes some 4
     * to 9 seconds when a leader has died).
     */
    public Duration requestTimeout() {
        return values.requestTimeout;
    }

    public Duration reconnectWait() {
        return values.reconnectWait;
    }

    public Duration reconnectJitter() {
        return values.reconnectJitter;
    }

    public int maxReconnects() {
        return values.maxReconnects;
    }

    public Duration pingInterval() {
        return values.pingInterval;
    }

    public int maxPingsOut() {
        return values.maxPingsOut;
    }

    public boolean ignoreDiscoveredServers() {
        return values.ignoreDiscoveredServers;
    }

    @Override
    public String toString() {
        return "NatsConnectionConfig[servers=" + displayServers() + ", authentication=" + authentication() + ", tls="
                + (values.tls != null || values.sslContext != null) + ", apiPrefix=" + apiPrefix() + "]";
    }

    private String authentication() {
        if (values.username != null) {
            return "user";
        }
        if (values.token != null) {
            return "token";
        }
        if (values.credentialsFile != null || values.credentials != null) {
            return "credentials";
        }
        return values.nkeySeed != null ? "nkey" : "none";
    }

    private static char[] copy(char[] secret) {
        return secret == null ? null : secret.clone();
    }

    static String withoutUserInfo(String server) {
        int at = server.lastIndexOf('@');
        int scheme = server.indexOf("://");
        return at < 0 ? server : (scheme < 0 ? "" : server.substring(0, scheme + 3)) + server.substring(at + 1);
    }

    /** Collects the settings; not thread-safe. */
    public static final class Builder {
        private static final List<String> SCHEMES = List.of("nats", "tls", "ws", "wss");

        private static final String TOKEN = "[^.*>\\s]+";
        private static final String TOKENS = TOKEN + "(\\." + TOKEN + ")*";

        private List<String> servers = List.of("nats://127.0.0.1:4222");
        private String username;
        private char[] password;
        private char[] token;
        private Path credentialsFile;
        private char[] credentials;
        private char[] nkeySeed;
        private TlsConfig tls;
        private SSLContext sslContext;
        private boolean tlsFirst;
        private String domain;
        private String apiPrefix;
        private String inboxPrefix;
        private String connectionName = "nats-kv";
        private Duration connectTimeout = Duration.ofSeconds(2);
        private Duration requestTimeout = Duration.ofSeconds(5);
        private Duration reconnectWait = Duration.ofMillis(100);
        private Duration reconnectJitter = Duration.ofMillis(100);
        private int maxReconnects = -1;
        private Duration pingInterval = Duration.ofSeconds(20);
        private int maxPingsOut = 2;
        private boolean ignoreDiscoveredServers;

        private Builder() {}

        private Builder(Builder other) {
            servers = other.servers;
            username = other.username;
            password = copy(other.password);
            token = copy(other.token);
            credentialsFile = other.credentialsFile;
            credentials = copy(other.credentials);
            nkeySeed = copy(other.nkeySeed);
            tls = other.tls;
            sslContext = other.sslContext;
            tlsFirst = other.tlsFirst;
            domain = other.domain;
            apiPrefix = other.apiPrefix;
            inboxPrefix = other.inboxPrefix;
            connectionName = other.connectionName;
            connectTimeout = other.connectTimeout;
            requestTimeout = other.requestTimeout;
            reconnectWait = other.reconnectWait;
            reconnectJitter = other.reconnectJitter;
            maxReconnects = other.maxReconnects;
            pingInterval = other.pingInterval;
            maxPingsOut = other.maxPingsOut;
            ignoreDiscoveredServers = other.ignoreDiscoveredServers;
        }

        /**
         * Server addresses with schemes {@code nats}, {@code tls}, {@code ws} or {@code wss}; host and port alone mean {@code nats}; each
         * may be a comma-separated list. User and
         * password, or a token, may stand before the host, percent-encoded; the settings for authentication are the better place.
         */
        public Builder servers(List<String> value) {
            servers = value.stream()
                    .flatMap(list -> Stream.of(list.split(",")))
                    .map(String::trim)
                    .filter(server -> !server.isEmpty())
                    .toList();
            return this;
        }

        public Builder username(String value) {
            username = value;
            return this;
        }

        public Builder password(char[] value) {
            password = value;
            return this;
        }

        public Builder token(char[] value) {
            token = value;
            return this;
        }

        /** Path of a {@code .creds} file: JWT and nkey seed. Read again at each reconnect, so that it can be rotated. */
        public Builder credentialsFile(Path value) {
            credentialsFile = value;
            return this;
        }

        /** The text of a {@code .creds} file. */
        public Builder credentials(char[] value) {
            credentials = value;
            return this;
        }

        /** An nkey seed ({@code SU…}). */
        public Builder nkeySeed(char[] value) {
            nkeySeed = value;
            return this;
        }

        public Builder tls(TlsConfig value) {
            tls = value;
            return this;
        }

        public Builder sslContext(SSLContext value) {
            sslContext = value;
            return this;
        }

        /** Start TLS before the server speaks ({@code handshake_first} of the server). */
        public Builder tlsFirst(boolean value) {
            tlsFirst = value;
            return this;
        }

        /** JetStream domain; not together with {@link #apiPrefix}. */
        public Builder domain(String value) {
            domain = value;
            return this;
        }

        /** Prefix of the JetStream API of another account, for example {@code JS.acc.API}. */
        public Builder apiPrefix(String value) {
            apiPrefix = value;
            return this;
        }

        /** Prefix of the subjects on which answers come back, where {@code _INBOX} is not permitted. */
        public Builder inboxPrefix(String value) {
            inboxPrefix = value;
            return this;
        }

        /** Name that the server's connection reports show. */
        public Builder connectionName(String value) {
            connectionName = value;
            return this;
        }

        public Builder connectTimeout(Duration value) {
            connectTimeout = value;
            return this;
        }

        public Builder requestTimeout(Duration value) {
            requestTimeout = value;
            return this;
        }

        /** Pause between two attempts to reconnect, to which a random part up to {@link #reconnectJitter} is added. */
        public Builder reconnectWait(Duration value) {
            reconnectWait = value;
            return this;
        }

        public Builder reconnectJitter(Duration value) {
            reconnectJitter = value;
            return this;
        }

        /** Attempts to reconnect before the connection is given up; -1, the default, for ever. */
        public Builder maxReconnects(int value) {
            maxReconnects = value;
            return this;
        }

        public Builder pingInterval(Duration value) {
            pingInterval = value;
            return this;
        }

        public Builder maxPingsOut(int value) {
            maxPingsOut = value;
            return this;
        }

        /** Connect to the configured servers only, not to others of their cluster. */
        public Builder ignoreDiscoveredServers(boolean value) {
            ignoreDiscoveredServers = value;
            return this;
        }

        /**
         * @throws IllegalArgumentException if a setting is malformed or two contradict; the message names the setting and no secret
         */
        public NatsConnectionConfig build() {
            require(!servers.isEmpty(), "servers: at least one server is needed");
            servers.forEach(Builder::checkServer);
            checkAuthentication();
            require(domain == null || apiPrefix == null, "domain: not together with an API prefix");
            require(domain == null || domain.matches(TOKEN), "domain: must be one token without dots, * or >");
            require(
                    apiPrefix == null || apiPrefix.matches(TOKENS + "\\.?"),
                    "API prefix: must be tokens separated by dots, without * and >");
            require(
                    inboxPrefix == null || inboxPrefix.matches(TOKENS + "\\.?"),
                    "inbox prefix: must be tokens separated by dots, without * and >");
            require(connectionName != null && !connectionName.isBlank(), "connection name: must not be empty");
            requirePositive("connect timeout", connectTimeout);
            requirePositive("request timeout", requestTimeout);
            requirePositive("ping interval", pingInterval);
            require(!reconnectWait.isNegative(), "reconnect wait: must not be negative");
            require(!reconnectJitter.isNegative(), "reconnect jitter: must not be negative");
            require(maxReconnects >= -1, "max reconnects: must be -1 (for ever) or more, not " + maxReconnects);
            require(maxPingsOut >= 1, "max pings out: must be 1 or more, not " + maxPingsOut);
            return new NatsConnectionConfig(new Builder(this));
        }

        private void checkAuthentication() {
            long kinds = Stream.of(username, token, credentialsFile, credentials, nkeySeed)
                    .filter(Objects::nonNull)
                    .count();
            require(
                    kinds <= 1,
                    "authentication: choose one of username, token, credentials file, credentials, nkey seed");
            require(username == null || password != null, "password: needed with a username");
            require(password == null || username != null, "username: needed with a password");
            require(nkeySeed == null || NkeyAuth.isUserSeed(nkeySeed), "nkey seed: must be the seed of a user (SU...)");
            require(
                    credentials == null || ConnectionOptions.isComplete(ConnectionOptions.credentials(credentials)),
                    "credentials: must hold a user JWT and its nkey seed");
        }

        private static void checkServer(String server) {
            String shown = withoutUserInfo(server);
            try {
                URI uri = new URI(server.contains("://") ? server : "nats://" + server);
                require(
                        SCHEMES.contains(uri.getScheme()),
                        "servers: scheme of " + shown + " must be one of " + SCHEMES);
                require(uri.getHost() != null, "servers: no host in " + shown);
                require(uri.getPort() != 0 && uri.getPort() <= 65_535, "servers: no such port in " + shown);
                // A / ? or # in a password ends the host early: what follows would be taken, and shown, as a path.
                require(
                        server.indexOf('@') < 0 || uri.getRawUserInfo() != null,
                        "servers: user and password of " + shown + " must be percent-encoded");
            } catch (URISyntaxException e) {
                // Its text quotes the URL whole, with what may be a password in it.
                throw new IllegalArgumentException("servers: " + shown + " is no server address: " + e.getReason());
            }
        }

        private static void requirePositive(String setting, Duration value) {
            require(!value.isNegative() && !value.isZero(), setting + ": must be longer than 0");
        }

        private static void require(boolean ok, String message) {
            if (!ok) {
                throw new IllegalArgumentException(message);
            }
        }
    }
}
