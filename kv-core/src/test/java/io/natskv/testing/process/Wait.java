package io.natskv.testing.process;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/** Waits for a condition by asking again and again, up to a deadline. */
public final class Wait {
    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private Wait() {}

    /** A condition; an exception counts as "not yet" and is named if the deadline passes. */
    @FunctionalInterface
    public interface Condition {
        /** Whether what is waited for has happened. */
        boolean holds() throws Exception;
    }

    /**
     * Returns as soon as the condition holds.
     *
     * @param what what is waited for, for the message
     * @throws IllegalStateException after the deadline, or if the thread is interrupted (it stays marked interrupted)
     */
    public static void until(String what, Duration deadline, Condition condition) {
        long end = System.nanoTime() + deadline.toNanos();
        Exception last;
        do {
            try {
                if (condition.holds()) {
                    return;
                }
                last = null;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                last = e;
            } catch (Exception e) {
                last = e;
            }
            LockSupport.parkNanos(INTERVAL_NANOS);
            if (Thread.currentThread().isInterrupted()) {
                throw new IllegalStateException("interrupted while waiting for " + what, last);
            }
        } while (System.nanoTime() - end < 0);
        throw new IllegalStateException(
                "no " + what + " within " + deadline.toMillis() + " ms" + (last == null ? "" : ": " + last), last);
    }

    /**
     * What a look brings, as soon as it succeeds.
     *
     * @param what what is looked at, for the message
     * @throws IllegalStateException as {@link #until}
     */
    public static <T> T value(String what, Duration deadline, Callable<T> look) {
        AtomicReference<T> seen = new AtomicReference<>();
        until(what, deadline, () -> {
            seen.set(look.call());
            return true;
        });
        return seen.get();
    }
}
