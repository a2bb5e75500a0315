package io.natskv.connect.sink.delivery;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Hands over what has completed, from any thread to one. That one is woken when there is enough to do: to be woken for each costs more than to
 * deal with it.
 */
final class Completions<T> {
    private final Queue<T> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();
    private volatile Thread waiter;
    private volatile int wanted = Integer.MAX_VALUE;

    void add(T completed) {
        queue.add(completed);
        if (size.incrementAndGet() >= wanted) {
            LockSupport.unpark(waiter);
        }
    }

    /** The next one, or null. */
    T poll() {
        T completed = queue.poll();
        if (completed != null) {
            size.decrementAndGet();
        }
        return completed;
    }

    /** Waits until there are so many, or the time is over, or the thread is interrupted, whose mark stays. */
    void await(int enough, long nanos) {
        waiter = Thread.currentThread();
        wanted = Math.max(1, enough);
        long deadline = System.nanoTime() + nanos;
        for (long rest = nanos;
                rest > 0 && size.get() < wanted && !waiter.isInterrupted();
                rest = deadline - System.nanoTime()) {
            LockSupport.parkNanos(this, rest);
        }
        wanted = Integer.MAX_VALUE;
    }
}
