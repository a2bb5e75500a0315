package io.natskv.core.write;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * What is in flight: the bounds, the order within each key, and the last known revisions. All state of the writer is guarded by {@link #lock}.
 */
final class WriteWindow {
    private static final long LOOK_AGAIN = TimeUnit.MILLISECONDS.toNanos(5);

    final ReentrantLock lock = new ReentrantLock();

    private final WriterOptions options;
    /** Who waits for room is woken when there is room for some more: to be woken for each write costs more than to write it. */
    private final int roomyWrites;

    private final long roomyBytes;
    private final Condition room = lock.newCondition();
    private final Condition settled = lock.newCondition();
    /** By their numbers, oldest first; a write leaves when whoever waits for its result knows it. */
    private final Map<Long, PendingWrite> outstanding = new LinkedHashMap<>();

    private final Lanes lanes;
    private long lastId;
    private int inFlight;
    private long bytesInFlight;
    private int waitingForRoom;
    private int waitingForResults;
    /** When the latest of the writes was sent that have been answered. */
    private long answered = System.nanoTime();

    private boolean closed;

    WriteWindow(WriterOptions options) {
        this.options = options;
        this.roomyWrites = options.maxInFlight() - Math.max(1, options.maxInFlight() / 8);
        this.roomyBytes = options.maxInFlightBytes() - options.maxInFlightBytes() / 8;
        this.lanes = new Lanes(Math.max(options.revisionCacheSize(), options.maxInFlight() + 1));
    }

    /** Makes a write that was taken in. */
    interface Factory {
        PendingWrite make(long id, Lane lane, long now);
    }

    /** A write that was taken in; {@code first} if its turn has come. */
    record Admitted(PendingWrite pending, boolean first) {}

    /**
     * Takes a write in, as soon as there is room.
     *
     * @return null if the window is closed
     */
    Admitted admit(KvWrite write, long bytes, Factory factory) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            awaitRoom(bytes);
            if (closed) {
                return null;
            }
            long now = System.nanoTime();
            PendingWrite pending = factory.make(++lastId, lanes.of(write.key()), now);
            outstanding.put(pending.id, pending);
            inFlight++;
            bytesInFlight += pending.bytes;
            boolean first = pending.lane.add(pending, options.coalesce());
            if (first) {
                begin(pending, now);
            }
            return new Admitted(pending, first);
        } finally {
            lock.unlock();
        }
    }

    private void awaitRoom(long bytes) throws InterruptedException {
        while (!closed && !hasRoom(bytes)) {
            waitingForRoom++;
            try {
                // Not only when woken: writes that hang may keep the window from ever becoming roomy.
                room.awaitNanos(LOOK_AGAIN);
            } finally {
                waitingForRoom--;
            }
        }
    }

    private boolean hasRoom(long bytes) {
        return inFlight == 0 || inFlight < options.maxInFlight() && bytesInFlight + bytes <= options.maxInFlightBytes();
    }

    /** The write's turn has come: what it counts on is fixed now. */
    private void begin(PendingWrite pending, long now) {
        KvWrite write = pending.write;
        Lane lane = pending.lane;
        if (lane.covers(write)) {
            // A replay: it, or a later record of its key, is there already.
            WriteResult.Outcome outcome =
                    lane.holds(write) ? WriteResult.Outcome.STORED : WriteResult.Outcome.SUPERSEDED;
            pending.stored = new WriteResult(lane.revision(), outcome);
            pending.state = PendingWrite.State.RESOLVING;
            return;
        }
        if (write.condition() instanceof KvWrite.Condition.LastRevision wanted) {
            pending.expected = wanted.revision();
        } else if (write.condition() instanceof KvWrite.Condition.Absent) {
            pending.expected = 0;
        } else if (options.guard()) {
            pending.expected = lane.revision();
        }
        pending.sent(now);
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
     * @param pending the write
     * @param coalesced writes that share its fate
     * @param behind writes of the key that fail with it
     * @param next to be sent now; null for none
     */
    record Settled(PendingWrite pending, List<PendingWrite> coalesced, List<PendingWrite> behind, PendingWrite next) {}

    /** {@link #settle} of the write of a number, which was stored. */
    Settled stored(long id, WriteResult result) {
        lock.lock();
        try {
            PendingWrite pending = outstanding.get(id);
            if (pending == null) {
                return null;
            }
            answered(pending);
            return settle(pending, result, End.STORED);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends a write, once. To be followed by {@link #completed} when everybody knows.
     *
     * @param result null if it failed
     * @return null if it had ended before
     */
    Settled settle(PendingWrite pending, WriteResult result, End end) {
        lock.lock();
        try {
            if (closed || pending.state == PendingWrite.State.SETTLED) {
                return null;
            }
            release(pending);
            if (result != null) {
                pending.lane.remember(pending.write, result);
            }
            Settled ended = settleOthers(pending, end);
            if (ended.next() != null) {
                begin(ended.next(), System.nanoTime());
            }
            if (waitingForRoom > 0 && inFlight <= roomyWrites && bytesInFlight <= roomyBytes) {
                room.signalAll();
            }
            return ended;
        } finally {
            lock.unlock();
        }
    }

    private Settled settleOthers(PendingWrite pending, End end) {
        if (end == End.REJECTED && pending.predecessor != null) {
            return new Settled(pending, List.of(), List.of(), pending.lane.restore());
        }
        List<PendingWrite> coalesced = predecessors(pending);
        if (end != End.FAILED) {
            return new Settled(pending, coalesced, List.of(), pending.lane.next(pending));
        }
        List<PendingWrite> behind = new ArrayList<>();
        for (PendingWrite later : pending.lane.drop()) {
            release(later);
            behind.addAll(predecessors(later));
            behind.add(later);
        }
        return new Settled(pending, coalesced, behind, null);
    }

    private List<PendingWrite> predecessors(PendingWrite pending) {
        if (pending.predecessor == null) {
            return List.of();
        }
        List<PendingWrite> earlier = new ArrayList<>();
        for (PendingWrite p = pending.predecessor; p != null; p = p.predecessor) {
            release(p);
            earlier.add(p);
        }
        return earlier;
    }

    private void release(PendingWrite pending) {
        pending.state = PendingWrite.State.SETTLED;
        inFlight--;
        bytesInFlight -= pending.bytes;
    }

    /** The results of these writes have been handed out. */
    void completed(Settled ended) {
        lock.lock();
        try {
            outstanding.remove(ended.pending().id);
            ended.coalesced().forEach(write -> outstanding.remove(write.id));
            ended.behind().forEach(write -> outstanding.remove(write.id));
            if (waitingForResults > 0) {
                settled.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** An answer is to the copy that was sent last, where no other one is unanswered. */
    private void answered(PendingWrite pending) {
        if (pending.copies - pending.refusals == 1 && pending.sentAt - answered > 0) {
            answered = pending.sentAt;
        }
    }

    /** The write of a number, a copy of which was refused, unless it has ended. */
    Optional<PendingWrite> refused(long id) {
        lock.lock();
        try {
            Optional<PendingWrite> pending = find(id);
            pending.ifPresent(this::answered);
            return pending;
        } finally {
            lock.unlock();
        }
    }

    /** The write of a number, unless it has ended. */
    Optional<PendingWrite> find(long id) {
        lock.lock();
        try {
            return Optional.ofNullable(outstanding.get(id)).filter(PendingWrite::isUnderWay);
        } finally {
            lock.unlock();
        }
    }

    /** Notes that another copy is sent. False if the write has ended. */
    boolean sendsAgain(PendingWrite pending) {
        lock.lock();
        try {
            if (!pending.isUnderWay()) {
                return false;
            }
            pending.sent(System.nanoTime());
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** {@link #sendsAgain} over another revision. */
    boolean rebases(PendingWrite pending, long revision) {
        lock.lock();
        try {
            if (pending.isUnderWay()) {
                pending.expected = revision;
            }
            return sendsAgain(pending);
        } finally {
            lock.unlock();
        }
    }

    /** Whether a write that was sent later has been answered. To be asked under the lock. */
    boolean isOvertaken(PendingWrite pending) {
        return answered - pending.sentAt > 0;
    }

    /** The writes in flight that have been sent at least once and meet a condition, oldest first. */
    List<PendingWrite> underWay(Predicate<PendingWrite> condition) {
        lock.lock();
        try {
            return outstanding.values().stream()
                    .filter(PendingWrite::isUnderWay)
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
                waitingForResults++;
                try {
                    nanos = settled.awaitNanos(nanos);
                } finally {
                    waitingForResults--;
                }
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private long oldest() {
        return outstanding.isEmpty()
                ? Long.MAX_VALUE
                : outstanding.keySet().iterator().next();
    }

    /** Takes nothing in any more, and forgets what is in flight; returns that. Empty the second time. */
    List<PendingWrite> close() {
        lock.lock();
        try {
            closed = true;
            List<PendingWrite> given = outstanding.values().stream()
                    .filter(pending -> pending.state != PendingWrite.State.SETTLED)
                    .toList();
            given.forEach(this::release);
            lanes.clear();
            room.signalAll();
            return given;
        } finally {
            lock.unlock();
        }
    }

    /** The results of the writes that {@link #close} returned have been handed out. */
    void closed(List<PendingWrite> given) {
        lock.lock();
        try {
            given.forEach(pending -> outstanding.remove(pending.id));
            settled.signalAll();
        } finally {
            lock.unlock();
        }
    }

    WriterStats stats(WriterMeter meter) {
        lock.lock();
        try {
            return meter.stats(inFlight, bytesInFlight);
        } finally {
            lock.unlock();
        }
    }
}
