package io.natskv.benchmarks.latency;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Takes the ends of operations, from any thread. */
public final class Arrivals {
    /** In microseconds: three digits of anything up to five minutes. */
    private static final long HIGHEST_MICROS = TimeUnit.MINUTES.toMicros(5);

    private static final int DIGITS = 3;

    private final Histogram micros = new ConcurrentHistogram(HIGHEST_MICROS, DIGITS);
    private final CountDownLatch missing;
    private final int expected;

    /** @param expected how many operations there are */
    public Arrivals(int expected) {
        this.expected = expected;
        this.missing = new CountDownLatch(expected);
    }

    /** An operation has ended now. */
    public void arrived(long dueNanos) {
        arrived(dueNanos, System.nanoTime());
    }

    void arrived(long dueNanos, long nowNanos) {
        long time = TimeUnit.NANOSECONDS.toMicros(nowNanos - dueNanos);
        micros.recordValue(Math.max(0, Math.min(HIGHEST_MICROS, time)));
        missing.countDown();
    }

    /** How many are still on their way. */
    public long missing() {
        return missing.getCount();
    }

    /**
     * Waits for all of them.
     *
     * @param what arrives, for the message
     * @throws IllegalStateException if some have not arrived by then
     */
    public Histogram await(Duration patience, String what) throws InterruptedException {
        if (!missing.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException(
                    missing.getCount() + " of " + expected + " " + what + " did not arrive within " + patience);
        }
        return micros;
    }
}
