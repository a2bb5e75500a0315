package io.natskv.core.watch;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** When to try again: soon at first, then less and less often, with jitter. */
final class Backoff {
    private static final long FIRST = TimeUnit.MILLISECONDS.toNanos(20);
    /** No longer: once the server answers, delivery is to be back within half a second. */
    private static final long MAX = TimeUnit.MILLISECONDS.toNanos(400);

    private int failures;
    private long until;

    int failures() {
        return failures;
    }

    /** Counts a failure and sets the pause behind it. */
    void failed() {
        long wait = Math.min(MAX, FIRST << Math.min(failures, 10));
        failures++;
        pause(wait / 2 + ThreadLocalRandom.current().nextLong(wait / 2));
    }

    void pause(long nanos) {
        until = System.nanoTime() + nanos;
    }

    void succeeded() {
        failures = 0;
    }

    /** How long to wait still; 0 or less when the pause is over. */
    long left() {
        return until - System.nanoTime();
    }
}
