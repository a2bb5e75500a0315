package io.natskv.core.connect;

import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.error.UnavailableException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * A connection, and what is to be made of it, that come about on a thread of their own with as many attempts as it takes: a task may neither
 * fail in {@code start()} because a server is away for a moment, nor block in {@code poll()} or {@code put()} while an attempt times out.
 *
 * <p>Owned by the task's thread; only the attempts run elsewhere.
 *
 * @param <T> what the task needs of the connection
 */
public final class BackgroundConnection<T> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BackgroundConnection.class);
    private static final long FIRST_PAUSE_MS = 100;
    private static final long LONGEST_PAUSE_MS = 5_000;

    private final NatsConnectionConfig config;
    private final Function<KvConnection, T> preparation;
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private final Thread thread;
    private KvConnection connection; // guarded by this
    private boolean closed; // guarded by this

    /**
     * Begins to connect.
     *
     * @param preparation makes what the task needs of the connection; may block, and is repeated when it fails for a passing reason
     */
    public BackgroundConnection(NatsConnectionConfig config, Function<KvConnection, T> preparation) {
        this.config = config;
        this.preparation = preparation;
        // The worker tells its connectors apart by the logging context, which belongs to the thread.
        Map<String, String> context = MDC.getCopyOfContextMap();
        thread = new Thread(
                () -> {
                    if (context != null) {
                        MDC.setContextMap(context);
                    }
                    run();
                },
                config.connectionName() + "-connect");
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * What was made of the connection.
     *
     * @param maxWait how long to wait for it
     * @return null if it is not there yet
     * @throws KvException if it will never be: credentials refused, TLS settings unusable, preparation failed for good
     */
    public T await(Duration maxWait) {
        try {
            return result.get(maxWait.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return null;
        } catch (ExecutionException | InterruptedException e) {
            throw KvErrors.translate(e, "connect to NATS at " + config.displayServers());
        }
    }

    /** True if there is a connection, and a server at its other end. */
    public synchronized boolean isConnected() {
        return connection != null && connection.isConnected();
    }

    private void run() {
        long pause = FIRST_PAUSE_MS;
        boolean told = false;
        while (!isClosed()) {
            try {
                T made = preparation.apply(connected());
                if (told) {
                    LOG.info("Connected to NATS at {}", config.displayServers());
                }
                result.complete(made);
                return;
            } catch (KvException e) {
                if (e.errorClass() != ErrorClass.TRANSIENT) {
                    result.completeExceptionally(e);
                    return;
                }
                if (!told && !isClosed()) {
                    LOG.warn("{}; trying again until it works", e.getMessage());
                    told = true;
                }
            } catch (RuntimeException | Error e) {
                // Errors too: nobody would ever hear of them, and the task would wait for ever.
                LOG.error("Unexpected error in connecting to NATS at {}", config.displayServers(), e);
                result.completeExceptionally(new KvException(ErrorClass.FATAL, "Unexpected error: " + e, e));
                return;
            }
            try {
                Thread.sleep(pause / 2 + ThreadLocalRandom.current().nextLong(pause));
            } catch (InterruptedException e) {
                return;
            }
            pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
        }
    }

    private KvConnection connected() {
        synchronized (this) {
            if (connection != null) {
                return connection;
            }
        }
        KvConnection opened = KvConnection.open(config);
        synchronized (this) {
            if (!closed) {
                connection = opened;
                return opened;
            }
        }
        opened.close();
        throw new UnavailableException("Closed meanwhile", null);
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    /** Closes the connection, and ends the attempts. Does not wait for an attempt that is under way. */
    @Override
    public void close() {
        KvConnection opened;
        synchronized (this) {
            closed = true;
            opened = connection;
            connection = null;
        }
        thread.interrupt();
        if (opened != null) {
            opened.close();
        }
    }
}
