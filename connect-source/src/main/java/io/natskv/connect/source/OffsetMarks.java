package io.natskv.connect.source;

import java.time.Instant;

/**
 * What an offset says beside the position.
 *
 * @param reconcile whether a reconciliation is still due or under way
 * @param signal when the last signal was given whose snapshot is complete; null before the first
 * @param generation how often reading began anew, because the position was lost, or set or reset by hand: revisions compare within one only
 */
record OffsetMarks(boolean reconcile, Instant signal, long generation) {
    static final OffsetMarks NONE = new OffsetMarks(false, null, 0);

    OffsetMarks withReconcile(boolean value) {
        return value == reconcile ? this : new OffsetMarks(value, signal, generation);
    }

    /** What both say of the same keys: what is due for one is due, what is done for one is done. */
    OffsetMarks and(OffsetMarks other) {
        boolean later = signal == null || other.signal != null && other.signal.isAfter(signal);
        return new OffsetMarks(
                reconcile || other.reconcile, later ? other.signal : signal, Math.max(generation, other.generation));
    }

    OffsetMarks withSignal(Instant value) {
        return new OffsetMarks(reconcile, value, generation);
    }

    OffsetMarks withGeneration(long value) {
        return new OffsetMarks(reconcile, signal, value);
    }
}
