package io.natskv.core.write;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;
import java.util.function.Predicate;

/**
 * What is in flight: the bounds, the order within each key, and the last known revisions. All state of the writer is guarded by {@link #lock}.
 */
final class WriteWindow {
    final ReentrantLock lock = new ReentrantLock();

    private final WriterOptions options;
    private final Condition changed = lock.newCondition();
    private final Map<Long, PendingWrite> outstanding = new LinkedHashMap<>();
    private final Lanes lanes;
    private final RevisionCache revisions;
    private long lastId;
    private long bytesInFlight;
    private boolean closed;

    WriteWindow(WriterOptions options) {
        this.options = options;
        this.lanes = new Lanes(options.coalesce());
        this.revisions = new RevisionCache(options.revisionCacheSize());
    }

    /** A write that was taken in; {@code first} if it may be sent at once. */
    record Admitted(PendingWrite pending, boolean first) {}

    /**
     * Takes a write in, as soon as there is room.
     *
     * @param factory makes it of its number
     * @return null if the window is closed
     */
    Admitted admit(long bytes, LongFunction<PendingWrite> factory) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed && !hasRoom(bytes)) {
                changed.await();
            }
            if (closed) {
                return null;
            }
            PendingWrite pending = factory.apply(++lastId);
            outstanding.put(pending.id, pending);
            bytesInFlight += pending.bytes;
            return new Admitted(pending, lanes.add(pending));
        } finally {
            lock.unlock();
        }
    }

    private boolean hasRoom(long bytes) {
        return outstanding.isEmpty()
                || outstanding.size() < options.maxInFlight() && bytesInFlight + bytes <= options.maxInFlightBytes();
    }

    /** What was settled by one answer, and what comes next in the key. */
    record Settled(List<PendingWrite> coalesced, PendingWrite next) {}

    /**
     * Ends a write, once.
     *
     * @param result null if it failed
     * @param rejected whether a write whose place it had taken is to be done in its stead
     * @return null if it had ended before
     */
    Settled settle(PendingWrite pending, WriteResult result, boolean rejected) {
        lock.lock();
        try {
            if (!release(pending)) {
                return null;
            }
            if (result != null) {
                remember(pending.write.key(), result);
            }
            changed.signalAll();
            if (rejected && pending.predecessor != null) {
                lanes.restore(pending);
                return new Settled(List.of(), pending.predecessor);
            }
            List<PendingWrite> coalesced = new ArrayList<>();
            for (PendingWrite earlier = pending.predecessor; earlier != null; earlier = earlier.predecessor) {
                release(earlier);
                coalesced.add(earlier);
            }
            return new Settled(coalesced, lanes.next(pending));
        } finally {
            lock.unlock();
        }
    }

    private void remember(String key, WriteResult result) {
        if (result.outcome() == WriteResult.Outcome.SUPERSEDED) {
            // Knowing that revision would let our next late record of this key through.
            revisions.forget(key);
        } else {
            revisions.put(key, result.revision());
        }
    }

    private boolean release(PendingWrite pending) {
        if (outstanding.remove(pending.id) == null) {
            return false;
        }
        bytesInFlight -= pending.bytes;
        return true;
    }

    /** The last known revision of a key. */
    long revision(String key) {
        lock.lock();
        try {
            return revisions.get(key);
        } finally {
            lock.unlock();
        }
    }

    PendingWrite find(long id) {
        lock.lock();
        try {
            return outstanding.get(id);
        } finally {
            lock.unlock();
        }
    }

    /** To be asked under the lock. */
    boolean holds(PendingWrite pending) {
        return outstanding.containsKey(pending.id);
    }

    /** The writes in flight that have been sent at least once and meet a condition, oldest first. */
    List<PendingWrite> underWay(Predicate<PendingWrite> condition) {
        lock.lock();
        try {
            return outstanding.values().stream()
                    .filter(pending -> pending.state != PendingWrite.State.WAITING)
                    .filter(condition)
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    boolean awaitSettled(Duration timeout) throws InterruptedException {
        long nanos = timeout.toNanos();
        lock.lockInterruptibly();
        try {
            long last = lastId;
            while (!outstanding.isEmpty() && outstanding.keySet().iterator().next() <= last) {
                if (nanos <= 0) {
                    return false;
                }
                nanos = changed.awaitNanos(nanos);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Takes nothing in any more, and forgets what is in flight; returns that. Empty the second time. */
    List<PendingWrite> close() {
        lock.lock();
        try {
            closed = true;
            List<PendingWrite> given = new ArrayList<>(outstanding.values());
            outstanding.clear();
            lanes.clear();
            bytesInFlight = 0;
            changed.signalAll();
            return given;
        } finally {
            lock.unlock();
        }
    }

    WriterStats stats(WriterMeter meter) {
        lock.lock();
        try {
            return meter.stats(outstanding.size(), bytesInFlight);
        } finally {
            lock.unlock();
        }
    }
}
