package io.natskv.quickstart;

import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriteResult;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/** Writes the changes into the first bucket at an even rate, by a thread of its own. */
final class Traffic implements AutoCloseable {
    private static final Duration FLUSH = Duration.ofSeconds(30);

    private final KvWriter writer;
    private final ChangeGenerator generator;
    private final long limit;
    private final double nanosPerChange;
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong lastRevision = new AtomicLong();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final Thread thread = new Thread(this::run, "quickstart-traffic");
    private volatile boolean closed;

    /**
     * Starts it.
     *
     * @param limit how many changes to make; {@link Long#MAX_VALUE} to go on until it is closed
     * @param rate changes a second
     */
    Traffic(KvWriter writer, ChangeGenerator generator, long limit, int rate) {
        this.writer = writer;
        this.generator = generator;
        this.limit = limit;
        this.nanosPerChange = 1e9 / rate;
        thread.setDaemon(true);
        thread.start();
    }

    /** How many changes the server has acknowledged. */
    long acknowledged() {
        return acknowledged.get();
    }

    /** The highest revision that was acknowledged. */
    long lastRevision() {
        return lastRevision.get();
    }

    /** Whether all changes are made and acknowledged. */
    boolean done() {
        return acknowledged.get() >= limit;
    }

    /** @throws UserProblem if a change could not be written */
    void check() {
        Throwable problem = failure.get();
        if (problem != null) {
            throw new UserProblem("A change could not be written: " + problem.getMessage(), problem);
        }
    }

    /** Makes no more changes. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }

    private void run() {
        try {
            long start = System.nanoTime();
            for (long i = 0; i < limit && !closed; i++) {
                long due = start + (long) (i * nanosPerChange);
                for (long wait = due - System.nanoTime(); wait > 0 && !closed; wait = due - System.nanoTime()) {
                    LockSupport.parkNanos(wait);
                }
                writer.submit(generator.next()).whenComplete(this::settled);
            }
            if (!writer.flush(FLUSH) && !closed) {
                failure.compareAndSet(
                        null, new IllegalStateException("no acknowledgement within " + FLUSH.toSeconds() + " s"));
            }
        } catch (RuntimeException e) {
            if (!closed) {
                failure.compareAndSet(null, e);
            }
        }
    }

    private void settled(WriteResult result, Throwable error) {
        if (error == null) {
            // In this order: who sees all changes acknowledged must see the last revision, too.
            lastRevision.accumulateAndGet(result.revision(), Math::max);
            acknowledged.incrementAndGet();
        } else if (!closed) {
            failure.compareAndSet(null, error);
        }
    }
}
