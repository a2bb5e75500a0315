package io.natskv.core.connection;

import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.ErrorListener;
import io.nats.client.ReconnectDelayHandler;
import io.natskv.core.error.KvErrors;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * What jnats tells about one connection: becomes log lines, one for each change of state, events for refused subjects, the reasons of a failed
 * connect, and the pace of reconnects. jnats calls it on one thread, the pace on another.
 */
final class ConnectionEvents implements ErrorListener, ConnectionListener, ReconnectDelayHandler {
    private static final Logger LOG = LoggerFactory.getLogger(KvConnection.class);
    private static final Duration MAX_WAIT_AFTER_REFUSAL = Duration.ofSeconds(30);
    /** So many doublings of the wait after a refusal; more than enough for the maximum. */
    private static final int MAX_DOUBLINGS = 20;

    private final String servers;
    private final Duration reconnectWait;
    private final Duration reconnectJitter;
    private final List<Consumer<KvErrors.Violation>> violationListeners = new CopyOnWriteArrayList<>();
    private volatile Consumer<KvErrors.Violation> lastViolationListener = violation -> {};
    private final ConnectFailure failure = new ConnectFailure();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicInteger refusals = new AtomicInteger();
    /** A Connect worker tells its tasks' lines apart by what it puts here for each thread; jnats' threads are its own. */
    private final Map<String, String> logContext = MDC.getCopyOfContextMap();

    private volatile boolean opened;
    private volatile boolean down;

    ConnectionEvents(NatsConnectionConfig config) {
        this.servers = config.displayServers();
        this.reconnectWait = config.reconnectWait();
        this.reconnectJitter = config.reconnectJitter();
    }

    List<Consumer<KvErrors.Violation>> violationListeners() {
        return violationListeners;
    }

    /** Registers what is told of refused subjects behind all others: who waits for a request that it ends may ask the others. */
    void onViolationLast(Consumer<KvErrors.Violation> listener) {
        lastViolationListener = listener;
    }

    /** What went wrong while connecting. To be asked when jnats has given up, which it tells last. */
    ConnectFailure failure() throws InterruptedException {
        closed.await(1, TimeUnit.SECONDS);
        return failure;
    }

    @Override
    public Duration getWaitTime(long totalTries) {
        Duration wait = reconnectWait;
        int refused = refusals.get();
        if (refused > 0) {
            // No server is to be asked the same ten times a second; and jnats keeps some bytes for each refusal.
            Duration longer = wait.plusMillis(100).multipliedBy(1L << Math.min(refused - 1, MAX_DOUBLINGS));
            wait = longer.compareTo(MAX_WAIT_AFTER_REFUSAL) > 0 ? MAX_WAIT_AFTER_REFUSAL : longer;
        }
        return wait.plusNanos(ThreadLocalRandom.current().nextLong(reconnectJitter.toNanos() + 1));
    }

    @Override
    @SuppressWarnings("deprecation") // jnats demands it, and calls the one below
    public void connectionEvent(Connection conn, Events event) {
        connectionEvent(conn, event, null, servers);
    }

    @Override
    public void connectionEvent(Connection conn, Events event, Long time, String uriDetails) {
        useLogContext();
        switch (event) {
            case CONNECTED -> opened = true;
            case DISCONNECTED -> disconnected();
            case RECONNECTED -> {
                down = false;
                refusals.set(0);
                LOG.info("Reconnected to NATS at {}", servers);
            }
            case LAME_DUCK -> LOG.info("NATS server at {} announces its shutdown", servers);
            case CLOSED -> closed.countDown();
            default -> LOG.debug("NATS connection event {}", event);
        }
    }

    /** jnats reports each failed attempt so; only the first is news, and none while the connection is being made. */
    private void disconnected() {
        if (opened && !down) {
            down = true;
            LOG.warn("Disconnected from NATS at {}; reconnecting", servers);
        }
    }

    @Override
    public void errorOccurred(Connection conn, String error) {
        useLogContext();
        KvErrors.Violation violation = KvErrors.violationIn(error);
        if (violation != null) {
            violationListeners.forEach(listener -> listener.accept(violation));
            lastViolationListener.accept(violation);
        } else if (!opened) {
            failure.serverSaid(error, isRefusal(error));
        } else if (!isRefusal(error)) {
            LOG.warn("NATS server at {} reports: {}", servers, error);
        } else if (refusals.incrementAndGet() == 1) {
            LOG.warn("NATS server at {} refuses the credentials: {}; trying again", servers, error);
        }
    }

    private void useLogContext() {
        if (logContext != null) {
            MDC.setContextMap(logContext);
        }
    }

    private static boolean isRefusal(String error) {
        String text = error.toLowerCase(Locale.ROOT);
        return text.contains("authorization violation")
                || text.contains("authentication expired")
                || text.contains("authentication revoked");
    }

    @Override
    public void exceptionOccurred(Connection conn, Exception exception) {
        if (!opened) {
            failure.threw(exception);
        }
        LOG.debug("NATS connection to {}: {}", servers, exception.toString());
    }
}
