package io.natskv.core.watch;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Wakes the one reader that waits; a signal that nobody waits for is kept, but not added up. */
final class Signal {
    private final Semaphore permits = new Semaphore(0);

    void set() {
        permits.drainPermits();
        permits.release();
    }

    /** True if it was set, false if the time went by. */
    boolean await(long nanos) throws InterruptedException {
        boolean set = permits.tryAcquire(Math.max(0, nanos), TimeUnit.NANOSECONDS);
        permits.drainPermits();
        return set;
    }
}
