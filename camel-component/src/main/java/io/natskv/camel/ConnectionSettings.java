package io.natskv.camel;

import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.connection.TlsConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.CamelContext;
import org.apache.camel.support.ResourceHelper;

/** The connection options of an endpoint, as kv-core wants them and as the key under which connections are shared. */
final class ConnectionSettings {
    private static final String FILE = "file:";

    /** Options that a connection of the registry could not heed. */
    private static final Set<String> WHERE_AND_WHO = Set.of(
            "servers",
            "secure",
            "tlsFirst",
            "sslContextParameters",
            "username",
            "password",
            "token",
            "credentialsFilePath",
            "userAuthenticationCredentials",
            "privateKey",
            "connectionName",
            "connectionTimeout",
            "reconnectTimeWait",
            "maxReconnectAttempts",
            "pingInterval",
            "maxPingsOut",
            "ignoreDiscoveredServers",
            "inboxPrefix");

    private ConnectionSettings() {}

    /**
     * Whether an endpoint says itself where and as whom it connects.
     *
     * @param parameters those of its URI
     * @throws IllegalArgumentException if it names a connection besides
     */
    static boolean isOwnConnection(Map<String, Object> parameters) {
        Set<String> own = new TreeSet<>(parameters.keySet());
        own.retainAll(WHERE_AND_WHO);
        if (!own.isEmpty() && parameters.containsKey("connection")) {
            throw new IllegalArgumentException("connection: not together with " + String.join(", ", own));
        }
        return !own.isEmpty();
    }

    /**
     * The configuration of a connection.
     *
     * @throws IllegalArgumentException if an option is malformed or missing; the message names the option
     * @throws IOException if the credentials can't be loaded
     * @throws GeneralSecurityException if keys or trust can't be loaded
     */
    static NatsConnectionConfig of(NatsKvConfiguration options, CamelContext context)
            throws IOException, GeneralSecurityException {
        NatsConnectionConfig.Builder config = NatsConnectionConfig.builder()
                .connectionName(
                        options.getConnectionName() == null
                                ? "camel-" + context.getName()
                                : options.getConnectionName())
                .connectTimeout(Duration.ofMillis(options.getConnectionTimeout()))
                .requestTimeout(Duration.ofMillis(options.getRequestTimeout()))
                .reconnectWait(Duration.ofMillis(options.getReconnectTimeWait()))
                .maxReconnects(options.getMaxReconnectAttempts())
                .pingInterval(Duration.ofMillis(options.getPingInterval()))
                .maxPingsOut(options.getMaxPingsOut())
                .ignoreDiscoveredServers(options.isIgnoreDiscoveredServers())
                .inboxPrefix(options.getInboxPrefix())
                .domain(options.getJetstreamDomain())
                .apiPrefix(options.getJetstreamPrefix());
        if (options.getConnection() == null) {
            if (options.getServers() == null || options.getServers().isBlank()) {
                throw new IllegalArgumentException(
                        "servers: set it on the endpoint or on the component, or give a connection");
            }
            config.servers(List.of(options.getServers().split(",")));
            authenticate(options, context, config);
            secure(options, context, config);
        }
        return config.build();
    }

    /** Two endpoints share a connection if these are equal. Never to be printed: secrets are among them. */
    static List<Object> key(NatsKvConfiguration options) {
        return Arrays.asList(
                options.getServers(),
                options.getJetstreamDomain(),
                options.getJetstreamPrefix(),
                options.getConnectionName(),
                options.getConnectionTimeout(),
                options.getRequestTimeout(),
                options.getReconnectTimeWait(),
                options.getMaxReconnectAttempts(),
                options.getPingInterval(),
                options.getMaxPingsOut(),
                options.isIgnoreDiscoveredServers(),
                options.getInboxPrefix(),
                options.isSecure(),
                options.isTlsFirst(),
                options.getSslContextParameters(),
                options.getUsername(),
                options.getPassword(),
                options.getToken(),
                options.getCredentialsFilePath(),
                options.getUserAuthenticationCredentials(),
                options.getPrivateKey());
    }

    private static void authenticate(
            NatsKvConfiguration options, CamelContext context, NatsConnectionConfig.Builder config) throws IOException {
        config.username(options.getUsername())
                .password(chars(options.getPassword()))
                .token(chars(options.getToken()))
                .credentials(chars(options.getUserAuthenticationCredentials()))
                .nkeySeed(chars(options.getPrivateKey()));
        String path = options.getCredentialsFilePath();
        if (path == null) {
            return;
        }
        if (path.startsWith(FILE)) {
            // By its path, so that it is read again at each reconnect.
            config.credentialsFile(Path.of(path.substring(FILE.length()).replaceFirst("^//", "")));
        } else if (options.getUserAuthenticationCredentials() != null) {
            throw new IllegalArgumentException("userAuthenticationCredentials: not together with credentialsFilePath");
        } else {
            try (InputStream in = ResourceHelper.resolveMandatoryResourceAsInputStream(context, path)) {
                config.credentials(new String(in.readAllBytes(), StandardCharsets.UTF_8).toCharArray());
            }
        }
    }

    private static void secure(NatsKvConfiguration options, CamelContext context, NatsConnectionConfig.Builder config)
            throws IOException, GeneralSecurityException {
        config.tlsFirst(options.isTlsFirst());
        if (options.getSslContextParameters() != null) {
            config.sslContext(options.getSslContextParameters().createSSLContext(context));
        } else if (options.isSecure()) {
            config.tls(TlsConfig.DEFAULT);
        }
    }

    private static char[] chars(String secret) {
        return secret == null ? null : secret.toCharArray();
    }
}
