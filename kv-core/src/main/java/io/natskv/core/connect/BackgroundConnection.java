package io.natskv.core.connect;

import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * A connection that is made on a thread of its own, with as many attempts as it takes: a task may neither fail in {@code start()}
 * because a server is away for a moment, nor block in {@code poll()} or {@code put()} while an attempt times out.
 *
 * <p>Owned by the task's thread; only the attempts run elsewhere.
 */
public final class BackgroundConnection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BackgroundConnection.class);
    private static final long FIRST_PAUSE_MS = 100;
    private static final long LONGEST_PAUSE_MS = 5_000;

    private final NatsConnectionConfig config;
    private final CompletableFuture<KvConnection> result = new CompletableFuture<>();
    private final Thread thread;

    /** Begins to connect. */
    public BackgroundConnection(NatsConnectionConfig config) {
        this.config = config;
        // The worker tells its connectors apart by the logging context, which belongs to the thread.
        Map<String, String> context = MDC.getCopyOfContextMap();
        thread = new Thread(
                () -> {
                    if (context != null) {
                        MDC.setContextMap(context);
                    }
                    connect();
                },
                config.connectionName() + "-connect");
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * The connection.
     *
     * @param maxWait how long to wait for it
     * @return null if it is not there yet
     * @throws KvException if it will never be: credentials refused, TLS settings unusable
     */
    public KvConnection await(Duration maxWait) {
        try {
            return result.get(maxWait.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return null;
        } catch (ExecutionException | InterruptedException e) {
            throw KvErrors.translate(e, "connect to NATS at " + config.displayServers());
        }
    }

    /** True if there is a connection, and a server at its other end. */
    public boolean isConnected() {
        return result.isDone()
                && !result.isCompletedExceptionally()
                && result.join().isConnected();
    }

    private void connect() {
        long pause = FIRST_PAUSE_MS;
        boolean told = false;
        while (!result.isDone()) {
            try {
                KvConnection connection = KvConnection.open(config);
                if (told) {
                    LOG.info("Connected to NATS at {}", config.displayServers());
                }
                if (!result.complete(connection)) {
                    connection.close();
                }
                return;
            } catch (KvException e) {
                if (e.errorClass() != ErrorClass.TRANSIENT) {
                    result.completeExceptionally(e);
                    return;
                }
                if (!told && !result.isDone()) {
                    LOG.warn("{}; trying again until it works", e.getMessage());
                    told = true;
                }
            } catch (RuntimeException e) {
                result.completeExceptionally(new KvException(ErrorClass.FATAL, e.getMessage(), e));
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

    /** Closes the connection, or ends the attempts. Does not wait for an attempt that is under way. */
    @Override
    public void close() {
        if (result.cancel(false)) {
            thread.interrupt();
        } else if (!result.isCompletedExceptionally()) {
            result.join().close();
        }
    }
}
