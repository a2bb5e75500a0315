package io.natskv.core.connection;

import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.natskv.core.error.FeatureUnsupportedException;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.error.PermissionException;
import io.natskv.core.error.UnavailableException;
import java.io.IOException;
import java.time.Duration;
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
    private static final Duration LAST_FLUSH = Duration.ofMillis(500);

    private final Connection connection;
    private final boolean owned;
    private final JetStreamApi api;
    private final Requests requests;
    private final String servers;
    private final List<Consumer<KvErrors.Violation>> violationListeners;
    private final List<Runnable> reconnectListeners = new CopyOnWriteArrayList<>();
    private final AtomicLong reconnects = new AtomicLong();
    private final AtomicBoolean probing = new AtomicBoolean();
    private final ConnectionListener reconnectListener = new ReconnectListener();

    private KvConnection(
            Connection connection,
            boolean owned,
            Requests requests,
            JetStreamApi api,
            String servers,
            List<Consumer<KvErrors.Violation>> violationListeners) {
        this.connection = connection;
        this.owned = owned;
        this.requests = requests;
        this.api = api;
        this.servers = servers;
        this.violationListeners = violationListeners;
        connection.addConnectionListener(reconnectListener);
    }

    /**
     * Connects. From then on the connection comes back by itself after any outage, for ever unless configured otherwise.
     *
     * @throws UnavailableException if no server answers in time
     * @throws io.natskv.core.error.TlsException if TLS fails, or a store or PEM text for it can't be used
     * @throws KvException (fatal) if a server refuses the credentials, or their file can't be used
     */
    public static KvConnection open(NatsConnectionConfig config) {
        ConnectionEvents events = new ConnectionEvents(config);
        String servers = config.displayServers();
        Options options = ConnectionOptions.of(config, events);
        try {
            Connection connection = connect(options, events, servers);
            Requests requests = new Requests(connection);
            events.onViolationLast(requests::refused);
            return new KvConnection(
                    connection,
                    true,
                    requests,
                    new JetStreamApi(connection, requests, config.apiPrefix(), config.requestTimeout()),
                    servers,
                    events.violationListeners());
        } catch (InterruptedException e) {
            throw KvErrors.translate(e, "connect to NATS at " + servers);
        }
    }

    private static Connection connect(Options options, ConnectionEvents events, String servers)
            throws InterruptedException {
        try {
            return Nats.connect(options);
        } catch (IOException e) {
            // Not as the cause: it tells the addresses with the passwords in them.
            throw events.failure().toException(servers, options.getSslContext() != null);
        }
    }

    /**
     * Borrows a connection that somebody else made, and will close. Unless it was made with {@code reportNoResponders()}, a bucket without a leader
     * looks like a server that does not answer: a single write fails at once then, and does not look for the next leader.
     *
     * @param apiPrefix prefix of the JetStream API with its dot at the end, usually {@code $JS.API.}
     * @param requestTimeout how long one request to the JetStream API may take, and how long a single write looks for a leader
     */
    public static KvConnection using(Connection connection, String apiPrefix, Duration requestTimeout) {
        String url = connection.getConnectedUrl();
        Requests requests = new Requests(connection);
        return new KvConnection(
                connection,
                false,
                requests,
                new JetStreamApi(connection, requests, apiPrefix, requestTimeout),
                url == null ? "(disconnected)" : NatsConnectionConfig.withoutUserInfo(url),
                new CopyOnWriteArrayList<>());
    }

    public Connection nats() {
        return connection;
    }

    public JetStreamApi api() {
        return api;
    }

    /**
     * Sends a request.
     *
     * @return the answer; fails with what jnats reports (see {@link KvErrors#isNoResponders}), with
     *     {@link java.util.concurrent.TimeoutException}, or with {@link io.natskv.core.error.PermissionException} if the server does not permit
     *     the message's subject or that of the answer: to be told by {@link KvErrors#translate}
     */
    public CompletableFuture<Message> request(Message message, Duration timeout) {
        return requests.send(message, timeout);
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
     * Not null while the server refuses the subjects on which answers come back. It tells so once for each link, so that who asks later has to look
     * here.
     */
    public PermissionException answersRefused() {
        return requests.answersRefused();
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
            sendOut();
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What was published last, such as the request to remove a watch's consumer, would be dropped by a close at once. */
    private void sendOut() throws InterruptedException {
        if (isConnected()) {
            try {
                connection.flush(LAST_FLUSH);
            } catch (TimeoutException | IllegalStateException e) {
                LOG.debug("NATS at {} does not answer any more: {}", servers, e.toString());
            }
        }
    }

    private final class ReconnectListener implements ConnectionListener {
        @Override
        @SuppressWarnings("deprecation") // jnats demands it
        public void connectionEvent(Connection conn, Events event) {
            if (event == Events.RECONNECTED) {
                requests.newLink(); // not later: a refusal may be told before RESUBSCRIBED
            }
            // RESUBSCRIBED, not RECONNECTED: before it, what is published is not sent.
            if (event == Events.RESUBSCRIBED) {
                reconnects.incrementAndGet();
                reconnectListeners.forEach(Runnable::run);
            }
        }
    }
}
