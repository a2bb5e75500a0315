package io.natskv.core.write;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
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
    /** Settled, but whoever waits for the result does not know yet. */
    private final TreeSet<Long> completing = new TreeSet<>();

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

    /** How a write ended, for those behind it in its key. */
    enum End {
        STORED,
        /** The next one can be done; first of all, the one whose place it had taken. */
        REJECTED,
        /** Whether it will be there is not known, or nothing can be written: what is behind it must not overtake it. */
        FAILED
    }

    /**
     * What was settled by one answer, and what comes next in the key.
     *
     * @param coalesced writes that share the fate
     * @param behind writes of the key that fail with it
     */
    record Settled(List<PendingWrite> coalesced, List<PendingWrite> behind, PendingWrite next) {}

    /**
     * Ends a write, once. To be followed by {@link #completed} when everybody knows.
     *
     * @param result null if it failed
     * @return null if it had ended before
     */
    Settled settle(PendingWrite pending, WriteResult result, End end) {
        lock.lock();
        try {
            if (!release(pending)) {
                return null;
            }
            if (result != null) {
                remember(pending.write, result);
            }
            changed.signalAll();
            if (end == End.REJECTED && pending.predecessor != null) {
                lanes.restore(pending);
                return new Settled(List.of(), List.of(), pending.predecessor);
            }
            List<PendingWrite> coalesced = predecessors(pending);
            if (end != End.FAILED) {
                return new Settled(coalesced, List.of(), lanes.next(pending));
            }
            List<PendingWrite> behind = new ArrayList<>();
            for (PendingWrite later : lanes.drop(pending)) {
                release(later);
                behind.addAll(predecessors(later));
                behind.add(later);
            }
            return new Settled(coalesced, behind, null);
        } finally {
            lock.unlock();
        }
    }

    private List<PendingWrite> predecessors(PendingWrite pending) {
        List<PendingWrite> earlier = new ArrayList<>();
        for (PendingWrite p = pending.predecessor; p != null; p = p.predecessor) {
            release(p);
            earlier.add(p);
        }
        return earlier;
    }

    /** The results of these writes have been handed out. */
    void completed(PendingWrite pending, Settled settled) {
        lock.lock();
        try {
            completing.remove(pending.id);
            settled.coalesced().forEach(write -> completing.remove(write.id));
            settled.behind().forEach(write -> completing.remove(write.id));
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void remember(KvWrite write, WriteResult result) {
        if (result.outcome() == WriteResult.Outcome.STORED) {
            revisions.put(write.key(), new RevisionCache.Known(result.revision(), write.origin()));
        } else if (!revisions.get(write.key()).covers(write)) {
            // Knowing somebody else's revision would let our next late record of this key through.
            revisions.forget(write.key());
        }
    }

    private boolean release(PendingWrite pending) {
        if (outstanding.remove(pending.id) == null) {
            return false;
        }
        bytesInFlight -= pending.bytes;
        completing.add(pending.id);
        return true;
    }

    /** What is known of a key. */
    RevisionCache.Known known(String key) {
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
            while (oldest() <= last) {
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

    private long oldest() {
        long first = completing.isEmpty() ? Long.MAX_VALUE : completing.first();
        return outstanding.isEmpty()
                ? first
                : Math.min(first, outstanding.keySet().iterator().next());
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
