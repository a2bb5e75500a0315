package io.natskv.benchmarks.scale;

import io.natskv.testing.kafka.ConnectWorker;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Looks again and again whether a connector is done. */
final class Look {
    private static final long PAUSE_NANOS = Duration.ofMillis(20).toNanos();
    private static final Duration PATIENCE = Duration.ofMinutes(20);
    private static final long STATUS_EACH = 100;

    private Look() {}

    /** @throws IllegalStateException if it has failed, or is not done within 20 minutes */
    static void until(ConnectWorker worker, String connector, Callable<Boolean> done) throws Exception {
        long start = System.nanoTime();
        for (long looks = 1; !done.call(); looks++) {
            LockSupport.parkNanos(PAUSE_NANOS);
            if (!worker.alive()) {
                throw new IllegalStateException("the worker has ended: " + worker.logTail());
            }
            boolean late = System.nanoTime() - start > PATIENCE.toNanos();
            if (late
                    || looks % STATUS_EACH == 0
                            && worker.rest().status(connector).failed()) {
                throw new IllegalStateException("connector " + connector + " does not get done: "
                        + worker.rest().status(connector).describe());
            }
        }
    }
}
