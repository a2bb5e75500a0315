package io.natskv.core.connect;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;

/**
 * The distribution of whole numbers over the last one to two minutes, within 7 % of each. Recording takes some nanoseconds and no lock;
 * any number of threads may record and read.
 */
public final class Histogram {
    private static final long WINDOW = TimeUnit.MINUTES.toNanos(1);
    /** Each power of two is divided into so many buckets. */
    private static final int STEP_BITS = 4;

    private static final int STEPS = 1 << STEP_BITS;
    private static final int BUCKETS = (Long.SIZE - STEP_BITS) * STEPS;

    private final LongSupplier nanoTime;
    private volatile Windows windows;

    /** What is counted now, and what was before: so there is always at least one whole window to look at. */
    private record Windows(AtomicLongArray current, AtomicLongArray previous, long since) {}

    public Histogram() {
        this(System::nanoTime);
    }

    Histogram(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.windows = new Windows(empty(), empty(), nanoTime.getAsLong());
    }

    /** Counts a value; one below 0 as 0. */
    public void record(long value) {
        windows().current.incrementAndGet(bucketOf(Math.max(0, value)));
    }

    /**
     * The value that so large a part of all values does not exceed, rounded up to the end of its bucket; 0 if there are none.
     *
     * @param part between 0 and 1
     */
    public long quantile(double part) {
        Windows counted = windows();
        long total = 0;
        for (int i = 0; i < BUCKETS; i++) {
            total += counted.current.get(i) + counted.previous.get(i);
        }
        long rank = Math.max(1, (long) Math.ceil(part * total));
        long seen = 0;
        for (int i = 0; i < BUCKETS; i++) {
            seen += counted.current.get(i) + counted.previous.get(i);
            if (seen >= rank) {
                return lastOf(i);
            }
        }
        return 0;
    }

    private Windows windows() {
        Windows known = windows;
        long age = nanoTime.getAsLong() - known.since;
        return age < WINDOW ? known : turn();
    }

    private synchronized Windows turn() {
        long now = nanoTime.getAsLong();
        long age = now - windows.since;
        if (age >= WINDOW) {
            windows = new Windows(empty(), age < 2 * WINDOW ? windows.current : empty(), now);
        }
        return windows;
    }

    private static AtomicLongArray empty() {
        return new AtomicLongArray(BUCKETS);
    }

    /** Small values have a bucket each; above, the highest bits after the first choose among the steps. */
    static int bucketOf(long value) {
        if (value < STEPS) {
            return (int) value;
        }
        int power = Long.SIZE - 1 - Long.numberOfLeadingZeros(value);
        int step = (int) (value >>> (power - STEP_BITS)) & (STEPS - 1);
        return (power - STEP_BITS + 1) * STEPS + step;
    }

    /** The largest value in a bucket. */
    static long lastOf(int bucket) {
        if (bucket < STEPS) {
            return bucket;
        }
        int shift = bucket / STEPS - 1;
        return ((long) (STEPS + bucket % STEPS) << shift) + (1L << shift) - 1;
    }
}
