package io.natskv.benchmarks.core;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** When something happened, told by one thread and waited for by another. Moments of {@link System#nanoTime}. */
final class Moments {
    private final BlockingQueue<Long> moments = new LinkedBlockingQueue<>();

    void now() {
        moments.add(System.nanoTime());
    }

    /**
     * The first one after a moment; those before are forgotten.
     *
     * @throws IllegalStateException if it does not come in time
     */
    long firstAfter(long nanos, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            Long next = moments.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (next == null) {
                throw new IllegalStateException("nothing happened within " + patience);
            }
            if (next - nanos > 0) {
                return next;
            }
        }
    }
}
