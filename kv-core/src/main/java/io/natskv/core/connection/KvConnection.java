package io.natskv.core.connection;

import io.nats.client.AuthHandler;
import io.nats.client.AuthenticationException;
import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.ErrorListener;
import io.nats.client.NKey;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.FeatureUnsupportedException;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.error.UnavailableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A NATS connection with what the two engines need beside it: the JetStream API under its prefix, and refused subjects as events (the
 * server reports them asynchronously; without the event they look like time-outs).
 *
 * <p>Made by {@link #open}, which sets it up and owns it, or by {@link #using}, which borrows a connection and never closes it.
 */
public final class KvConnection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KvConnection.class);
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(2);

    private final Connection connection;
    private final boolean owned;
    private final JetStreamApi api;
    private final String servers;
    private final List<Consumer<KvErrors.Violation>> violationListeners;
    private final List<Runnable> reconnectListeners = new CopyOnWriteArrayList<>();
    private final AtomicLong reconnects = new AtomicLong();
    private final AtomicBoolean probing = new AtomicBoolean();
    private final ConnectionListener reconnectListener = new ReconnectListener();

    private KvConnection(
            Connection connection,
            boolean owned,
            JetStreamApi api,
            String servers,
            List<Consumer<KvErrors.Violation>> violationListeners) {
        this.connection = connection;
        this.owned = owned;
        this.api = api;
        this.servers = servers;
        this.violationListeners = violationListeners;
        connection.addConnectionListener(reconnectListener);
    }

    /**
     * Connects. From then on the connection comes back by itself after any outage, for ever unless configured otherwise.
     *
     * @throws UnavailableException if no server answers in time
     * @throws KvException (fatal) if the server refuses the credentials or TLS fails
     */
    public static KvConnection open(NatsConnectionConfig config) {
        List<Consumer<KvErrors.Violation>> listeners = new CopyOnWriteArrayList<>();
        String servers = config.displayServers();
        try {
            Connection connection = Nats.connect(options(config, new Observer(servers, listeners)));
            return new KvConnection(
                    connection,
                    true,
                    new JetStreamApi(connection, config.apiPrefix(), config.requestTimeout()),
                    servers,
                    listeners);
        } catch (AuthenticationException e) {
            throw new KvException(
                    ErrorClass.FATAL, "NATS server at " + servers + " refused the credentials: " + redacted(e));
        } catch (IOException e) {
            // Without the cause: its text quotes the URLs whole, with what may be a password in them.
            throw new UnavailableException("Can't connect to NATS at " + servers + ": " + redacted(e), null);
        } catch (InterruptedException e) {
            throw KvErrors.translate(e, "connect to NATS at " + servers);
        }
    }

    private static String redacted(IOException e) {
        return String.valueOf(e.getMessage()).replaceAll("://[^@/\\s,]*@", "://");
    }

    /**
     * Borrows a connection that somebody else made, and will close.
     *
     * @param apiPrefix prefix of the JetStream API with its dot at the end, usually {@code $JS.API.}
     * @param requestTimeout how long one request to the JetStream API may take
     */
    public static KvConnection using(Connection connection, String apiPrefix, Duration requestTimeout) {
        String url = connection.getConnectedUrl();
        return new KvConnection(
                connection,
                false,
                new JetStreamApi(connection, apiPrefix, requestTimeout),
                url == null ? "(disconnected)" : NatsConnectionConfig.withoutUserInfo(url),
                new CopyOnWriteArrayList<>());
    }

    public Connection nats() {
        return connection;
    }

    public JetStreamApi api() {
        return api;
    }

    /** The servers of this connection without user information: fit for messages. */
    public String servers() {
        return servers;
    }

    public boolean isConnected() {
        return connection.getStatus() == Connection.Status.CONNECTED;
    }

    /** True once nothing will bring the connection back. */
    public boolean isClosed() {
        return connection.getStatus() == Connection.Status.CLOSED;
    }

    /** Registers for refused subjects. Never called for a borrowed connection. The listener must not block. */
    public void onViolation(Consumer<KvErrors.Violation> listener) {
        violationListeners.add(listener);
    }

    public void removeViolationListener(Consumer<KvErrors.Violation> listener) {
        violationListeners.remove(listener);
    }

    /**
     * Fails unless the server's JetStream API has a level (ADR-44). Asked anew each time: the next server may be another one.
     *
     * @param feature what is asked for, for the message
     * @param since the server version that has it, for the message
     */
    public CompletableFuture<Void> requireLevel(int level, String feature, String since) {
        return api.serverLevel().thenAccept(server -> {
            if (server.apiLevel() < level) {
                throw new FeatureUnsupportedException(feature, since, server.version());
            }
        });
    }

    /** How often the connection was lost and came back: what was subscribed or asked before the last time may have been lost with it. */
    public long reconnects() {
        return reconnects.get();
    }

    /** Registers to be told when the connection is back and its subscriptions are restored. The listener must not block. */
    public void onReconnect(Runnable listener) {
        reconnectListeners.add(listener);
    }

    public void removeReconnectListener(Runnable listener) {
        reconnectListeners.remove(listener);
    }

    /**
     * Checks in the background whether the link still answers, and makes a new one if it does not. jnats pings only now and then; a
     * half-open link would stand for minutes. Does nothing while a check is under way.
     */
    public void probe() {
        if (isConnected() && probing.compareAndSet(false, true)) {
            Thread thread = new Thread(this::probeNow, "natskv-probe");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void probeNow() {
        try {
            connection.flush(PROBE_TIMEOUT);
        } catch (TimeoutException | IllegalStateException e) {
            if (isConnected()) {
                LOG.warn("NATS at {} does not answer over the open connection; connecting anew", servers);
                forceReconnect();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            probing.set(false);
        }
    }

    private void forceReconnect() {
        try {
            connection.forceReconnect();
        } catch (IOException e) {
            LOG.debug("Reconnect to NATS at {} failed: {}", servers, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Closes the connection if {@link #open} made it. */
    @Override
    public void close() {
        connection.removeConnectionListener(reconnectListener);
        if (!owned) {
            return;
        }
        try {
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class ReconnectListener implements ConnectionListener {
        @Override
        @SuppressWarnings("deprecation") // jnats demands it
        public void connectionEvent(Connection conn, Events event) {
            // RESUBSCRIBED, not RECONNECTED: before it, what is published is not sent.
            if (event == Events.RESUBSCRIBED) {
                reconnects.incrementAndGet();
                reconnectListeners.forEach(Runnable::run);
            }
        }
    }

    private static Options options(NatsConnectionConfig config, Observer events) {
        Options.Builder options = Options.builder()
                .servers(config.servers().toArray(new String[0]))
                .connectionName(config.connectionName())
                .connectionTimeout(config.connectTimeout())
                .reconnectWait(config.reconnectWait())
                .reconnectJitter(config.reconnectJitter())
                .reconnectJitterTls(config.reconnectJitter())
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
        config.username()
                .ifPresent(user ->
                        options.userInfo(user.toCharArray(), config.password().orElseThrow()));
        config.token().ifPresent(options::token);
        config.credentialsFile().ifPresent(file -> options.authHandler(Nats.credentials(file.toString())));
        config.credentials().ifPresent(text -> options.authHandler(Nats.staticCredentials(utf8(text))));
        config.nkeySeed().ifPresent(seed -> options.authHandler(new NkeyAuth(seed)));
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

    private static byte[] utf8(char[] text) {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(CharBuffer.wrap(text));
        return Arrays.copyOf(bytes.array(), bytes.limit());
    }

    /** Authentication by an nkey alone, without a JWT. */
    private record NkeyAuth(char[] seed) implements AuthHandler {
        @Override
        public byte[] sign(byte[] nonce) {
            try {
                NKey key = NKey.fromSeed(seed.clone());
                byte[] signature = key.sign(nonce);
                key.clear();
                return signature;
            } catch (GeneralSecurityException | IOException e) {
                throw new IllegalStateException("The nkey seed can't sign", e);
            }
        }

        @Override
        public char[] getID() {
            try {
                NKey key = NKey.fromSeed(seed.clone());
                char[] id = key.getPublicKey();
                key.clear();
                return id;
            } catch (GeneralSecurityException | IOException e) {
                throw new IllegalStateException("The nkey seed is malformed", e);
            }
        }

        @Override
        public char[] getJWT() {
            return null;
        }

        @Override
        public String toString() {
            return "NkeyAuth[hidden]";
        }
    }

    /** Turns jnats' callbacks into log lines, once per change of state, and refused subjects into events. */
    private record Observer(String servers, List<Consumer<KvErrors.Violation>> listeners)
            implements ErrorListener, ConnectionListener {
        @Override
        @SuppressWarnings("deprecation") // jnats demands it, and calls the one below
        public void connectionEvent(Connection conn, Events event) {
            connectionEvent(conn, event, null, servers);
        }

        @Override
        public void connectionEvent(Connection conn, Events event, Long time, String uriDetails) {
            switch (event) {
                case DISCONNECTED -> LOG.warn("Disconnected from NATS at {}; reconnecting", servers);
                case RECONNECTED -> LOG.info("Reconnected to NATS at {}", servers);
                case LAME_DUCK -> LOG.info("NATS server at {} announces its shutdown", servers);
                default -> LOG.debug("NATS connection event {}", event);
            }
        }

        @Override
        public void errorOccurred(Connection conn, String error) {
            KvErrors.Violation violation = KvErrors.violationIn(error);
            if (violation == null) {
                LOG.warn("NATS server at {} reports: {}", servers, error);
            } else {
                listeners.forEach(listener -> listener.accept(violation));
            }
        }

        @Override
        public void exceptionOccurred(Connection conn, Exception exception) {
            LOG.debug("NATS connection to {}: {}", servers, exception.toString());
        }
    }
}
