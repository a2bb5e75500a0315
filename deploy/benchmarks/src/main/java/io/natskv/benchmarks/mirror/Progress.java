package io.natskv.benchmarks.mirror;

import io.natskv.testing.kafka.ConnectWorker;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToLongFunction;

/** Looks 50 times a second how far a connector has come: who looks takes processor time from who works. */
public record Progress(ConnectWorker worker, String connector) {
    private static final long LOOK_NANOS = Duration.ofMillis(20).toNanos();
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    /** How often the worker is asked whether the connector has failed: every two seconds. */
    private static final long STATUS_EACH = 100;

    /**
     * Waits until the connector has come so far.
     *
     * @param <T> what is looked at
     * @param look how far it is
     * @param count reads it
     * @return what was seen then
     * @throws IllegalStateException if it has failed, or does not come so far within ten minutes
     */
    public <T> T await(long wanted, Callable<T> look, ToLongFunction<T> count) throws Exception {
        long start = System.nanoTime();
        T seen = look.call();
        for (long looks = 1; count.applyAsLong(seen) < wanted; looks++) {
            boolean late = System.nanoTime() - start > PATIENCE.toNanos();
            if (late
                    || looks % STATUS_EACH == 0
                            && worker.rest().status(connector).failed()) {
                throw new IllegalStateException("connector " + connector + " came to " + count.applyAsLong(seen)
                        + " of " + wanted + (late ? " within " + PATIENCE : "") + ": "
                        + worker.rest().status(connector).describe());
            }
            LockSupport.parkNanos(LOOK_NANOS);
            seen = look.call();
        }
        return seen;
    }

    /** Waits until nothing has come for a while; returns what was seen then. */
    public <T> T awaitEnd(T seen, Callable<T> look, ToLongFunction<T> count) throws Exception {
        T last = seen;
        while (true) {
            LockSupport.parkNanos(10 * LOOK_NANOS);
            T later = look.call();
            if (count.applyAsLong(later) == count.applyAsLong(last)) {
                return last;
            }
            last = later;
        }
    }
}
