package io.natskv.core.connection;

import io.nats.client.AuthHandler;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/** jnats' options for a {@link NatsConnectionConfig}. */
final class ConnectionOptions {
    private ConnectionOptions() {}

    /**
     * @throws KvException (fatal) if the credentials file can't be used
     * @throws io.natskv.core.error.TlsException if TLS stores or PEM texts can't be used
     */
    static Options of(NatsConnectionConfig config, ConnectionEvents events) {
        Options.Builder options = Options.builder()
                .servers(config.servers().toArray(new String[0]))
                .serverPool(new Addresses())
                // The others hand the IP address to TLS: no SNI, and a certificate for the name would not match.
                .hostnameResolveMode(Options.HostnameResolveMode.HappyEyeballs)
                .connectionName(config.connectionName())
                .connectionTimeout(config.connectTimeout())
                .reconnectDelayHandler(events)
                .maxReconnects(config.maxReconnects())
                .pingInterval(config.pingInterval())
                .maxPingsOut(config.maxPingsOut())
                // Bytes kept over an outage would land behind the back of who has given them up: none are kept.
                .reconnectBufferSize(0)
                .requestCleanupInterval(Duration.ofMillis(500))
                .useTimeoutException()
                .reportNoResponders()
                .errorListener(events)
                .connectionListener(events);
        config.inboxPrefix().ifPresent(options::inboxPrefix);
        if (config.ignoreDiscoveredServers()) {
            options.ignoreDiscoveredServers();
        }
        authenticate(config, options);
        secure(config, options);
        return options.build();
    }

    private static void authenticate(NatsConnectionConfig config, Options.Builder options) {
        if (config.username().isPresent()) {
            options.userInfo(
                    config.username().get().toCharArray(), config.password().orElseThrow());
        } else if (config.token().isPresent()) {
            options.token(config.token().get());
        } else if (config.credentialsFile().isPresent()) {
            options.authHandler(credentialsFile(config.credentialsFile().get()));
        } else if (config.credentials().isPresent()) {
            options.authHandler(credentials(config.credentials().get()));
        } else if (config.nkeySeed().isPresent()) {
            options.authHandler(new NkeyAuth(config.nkeySeed().get()));
        } else {
            // The other servers of a cluster are told without user information: they get that of a configured one.
            config.servers().stream()
                    .map(ConnectionOptions::userInfo)
                    .flatMap(Optional::stream)
                    .findFirst()
                    .ifPresent(info -> userInfo(info, options));
        }
    }

    private static Optional<String> userInfo(String server) {
        return Optional.ofNullable(
                URI.create(server.contains("://") ? server : "nats://" + server).getRawUserInfo());
    }

    private static void userInfo(String info, Options.Builder options) {
        int colon = info.indexOf(':');
        if (colon < 0) {
            options.token(decode(info));
        } else {
            options.userInfo(decode(info.substring(0, colon)), decode(info.substring(colon + 1)));
        }
    }

    private static char[] decode(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8)
                .toCharArray();
    }

    /** Read now to tell what is wrong with it, and by jnats again at each connect. */
    private static AuthHandler credentialsFile(Path file) {
        AuthHandler handler = Nats.credentials(file.toString());
        if (!isComplete(handler)) {
            throw new KvException(
                    ErrorClass.FATAL,
                    "Credentials file " + file
                            + " can't be used: it must be readable and hold a user JWT and its nkey seed");
        }
        return handler;
    }

    static AuthHandler credentials(char[] text) {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(CharBuffer.wrap(text));
        return Nats.staticCredentials(Arrays.copyOf(bytes.array(), bytes.limit()));
    }

    /** True if there is a user JWT and a seed that can sign. */
    static boolean isComplete(AuthHandler handler) {
        try {
            char[] jwt = handler.getJWT();
            return handler.getID() != null && jwt != null && jwt.length > 0;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    private static void secure(NatsConnectionConfig config, Options.Builder options) {
        boolean tlsServer = config.servers().stream().anyMatch(s -> s.startsWith("tls:") || s.startsWith("wss:"));
        if (config.sslContext().isPresent()) {
            options.sslContext(config.sslContext().get());
        } else if (config.tls().isPresent() || tlsServer || config.tlsFirst()) {
            options.sslContext(TlsContexts.of(config.tls().orElse(TlsConfig.DEFAULT)));
        }
        if (config.tlsFirst()) {
            options.tlsFirst();
        }
    }
}
