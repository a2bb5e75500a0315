package io.natskv.benchmarks.latency;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed rate. Each operation is due at its time, whatever became of those before: one that begins late, because an earlier one held it up, still
 * counts from when it was due. So a pause shows in all operations that it delayed, not in one alone.
 *
 * @param perSecond operations a second
 * @param count how many there are
 */
public record Schedule(int perSecond, int count) {
    /** Those who receive wait by then. */
    private static final long LEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    public Schedule {
        if (perSecond < 1 || count < 1) {
            throw new IllegalArgumentException("A schedule needs a rate and a number of operations");
        }
    }

    /** A schedule of so many seconds. */
    public static Schedule lasting(int perSecond, double seconds) {
        return new Schedule(perSecond, (int) Math.max(1, perSecond * seconds));
    }

    /** Starts one operation, and does not wait for its end. */
    @FunctionalInterface
    public interface Operation {
        /**
         * @param number from 0 on
         * @param dueNanos when it was due, of {@link System#nanoTime}
         */
        void start(int number, long dueNanos) throws Exception;
    }

    /** Starts all operations, the first one a fifth of a second from now. */
    public void run(Operation operation) throws Exception {
        long start = System.nanoTime() + LEAD_NANOS;
        for (int i = 0; i < count; i++) {
            long due = dueNanos(start, i);
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            operation.start(i, due);
        }
    }

    long dueNanos(long start, int number) {
        return start + number * TimeUnit.SECONDS.toNanos(1) / perSecond;
    }
}
