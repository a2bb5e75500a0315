package io.natskv.camel;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Where each exchange of a consumer goes in and out: closed while the consumer is suspended, and for good when it stops. */
final class Gate {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final AtomicInteger inside = new AtomicInteger();
    private volatile boolean suspended;
    private volatile boolean stopped;

    /** Waits while suspended. False if stopped, else {@link #leave} has to follow. */
    boolean enter() {
        while (true) {
            // Counted before it is looked at, so that whoever suspends sees either.
            inside.incrementAndGet();
            if (!suspended && !stopped) {
                return true;
            }
            inside.decrementAndGet();
            lock.lock();
            try {
                while (suspended && !stopped) {
                    // An interruption would lose the change that waits.
                    changed.awaitUninterruptibly();
                }
                if (stopped) {
                    return false;
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /** Does not wait: false if suspended or stopped, else {@link #leave} has to follow. */
    boolean tryEnter() {
        inside.incrementAndGet();
        if (!suspended && !stopped) {
            return true;
        }
        inside.decrementAndGet();
        return false;
    }

    /** Waits while suspended; false if stopped. */
    boolean await() {
        if (!enter()) {
            return false;
        }
        leave();
        return true;
    }

    boolean isOpen() {
        return !suspended && !stopped;
    }

    void leave() {
        inside.decrementAndGet();
    }

    /** How many exchanges are under way. */
    int inside() {
        return inside.get();
    }

    boolean isStopped() {
        return stopped;
    }

    void suspend() {
        suspended = true;
    }

    void resume() {
        lock.lock();
        try {
            suspended = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void stop() {
        lock.lock();
        try {
            stopped = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits; false if it was stopped meanwhile. An interruption does not end the wait. */
    boolean pause(long millis) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        lock.lock();
        try {
            long left = end - System.nanoTime();
            while (!stopped && left > 0) {
                try {
                    changed.awaitNanos(left);
                } catch (InterruptedException e) {
                    // Only stop() ends the flow.
                }
                left = end - System.nanoTime();
            }
            return !stopped;
        } finally {
            lock.unlock();
        }
    }
}
