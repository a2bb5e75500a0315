package io.natskv.core.write;

import io.natskv.core.write.KvWrite.Origin;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** One key: what is known of it, and its writes in their order, one under way and the others behind it. Guarded by the writer's lock. */
final class Lane {
    private final String key;
    /** The last known revision; 0 if none is, which is right for a key that does not exist. */
    private long revision;
    /** The record that is stored there, if we wrote it and it comes from one. */
    private Optional<Origin> origin = Optional.empty();

    private PendingWrite underWay;
    /** Null while nothing waits: most keys never need it. */
    private Deque<PendingWrite> waiting;

    Lane(String key) {
        this.key = key;
    }

    String key() {
        return key;
    }

    boolean isIdle() {
        return underWay == null;
    }

    long revision() {
        return revision;
    }

    /** True if the record that a write comes from, or a later one of its topic partition, is stored already. */
    boolean covers(KvWrite write) {
        return origin.isPresent()
                && write.origin().isPresent()
                && write.origin().get().isNoLaterThan(origin.get());
    }

    /** What was stored, or found to be. True if that is the record that a write comes from. */
    boolean holds(KvWrite write) {
        return origin.equals(write.origin());
    }

    void remember(KvWrite write, WriteResult result) {
        if (result.outcome() == WriteResult.Outcome.STORED) {
            revision = result.revision();
            origin = write.origin();
        } else if (!covers(write)) {
            // Knowing somebody else's revision would let our next late record of this key through.
            revision = 0;
            origin = Optional.empty();
        }
    }

    /** Takes a write in. True if it is the first, and may be sent. */
    boolean add(PendingWrite pending, boolean coalesce) {
        if (underWay == null) {
            underWay = pending;
            return true;
        }
        if (waiting == null) {
            waiting = new ArrayDeque<>(4);
        }
        PendingWrite tail = waiting.peekLast();
        if (coalesce && tail != null && pending.mayReplace(tail)) {
            waiting.removeLast();
            pending.predecessor = tail;
        }
        waiting.addLast(pending);
        return false;
    }

    /** Ends the write under way; returns the next one, or null. */
    PendingWrite next(PendingWrite ended) {
        if (underWay != ended) {
            throw new IllegalStateException("Not under way: " + ended.write);
        }
        underWay = waiting == null ? null : waiting.pollFirst();
        if (underWay == null) {
            waiting = null;
        }
        return underWay;
    }

    /** The write under way was rejected: the one whose place it had taken comes back to its place. */
    PendingWrite restore() {
        underWay = underWay.predecessor;
        return underWay;
    }

    /** Ends the write under way and all behind it; returns those behind. */
    List<PendingWrite> drop() {
        List<PendingWrite> behind = waiting == null ? List.of() : new ArrayList<>(waiting);
        underWay = null;
        waiting = null;
        return behind;
    }
}
