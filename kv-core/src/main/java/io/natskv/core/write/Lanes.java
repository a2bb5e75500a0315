package io.natskv.core.write;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The order within each key: one write under way, the others behind it. Guarded by the writer's lock. */
final class Lanes {
    private final Map<String, Deque<PendingWrite>> lanes = new HashMap<>();
    private final boolean coalesce;

    Lanes(boolean coalesce) {
        this.coalesce = coalesce;
    }

    /** Takes a write in. Returns true if it is the first of its key, and may be sent. */
    boolean add(PendingWrite pending) {
        Deque<PendingWrite> lane = lanes.computeIfAbsent(pending.write.key(), key -> new ArrayDeque<>(1));
        PendingWrite tail = lane.peekLast();
        if (coalesce && lane.size() > 1 && pending.mayReplace(tail)) {
            lane.removeLast();
            pending.predecessor = tail;
        }
        lane.addLast(pending);
        return lane.size() == 1;
    }

    /** Ends the write under way; returns the next one of its key, or null. */
    PendingWrite next(PendingWrite ended) {
        Deque<PendingWrite> lane = lanes.get(ended.write.key());
        if (lane == null || lane.peekFirst() != ended) {
            throw new IllegalStateException("Not under way: " + ended.write);
        }
        lane.removeFirst();
        if (lane.isEmpty()) {
            lanes.remove(ended.write.key());
        }
        return lane.peekFirst();
    }

    /** The write under way was rejected: the one whose place it had taken comes back to its place. */
    void restore(PendingWrite rejected) {
        Deque<PendingWrite> lane = lanes.get(rejected.write.key());
        lane.removeFirst();
        lane.addFirst(rejected.predecessor);
    }

    /** Ends the write under way and all behind it; returns those. */
    List<PendingWrite> drop(PendingWrite failed) {
        Deque<PendingWrite> lane = lanes.remove(failed.write.key());
        return lane.stream().filter(pending -> pending != failed).toList();
    }

    void clear() {
        lanes.clear();
    }
}
