package io.natskv.connect.source;

import java.time.Instant;

/**
 * What an offset says beside the position.
 *
 * @param reconcile whether a reconciliation is still due or under way
 * @param signal when the last signal was given whose snapshot is complete; null before the first
 */
record OffsetMarks(boolean reconcile, Instant signal) {
    static final OffsetMarks NONE = new OffsetMarks(false, null);

    OffsetMarks withReconcile(boolean value) {
        return value == reconcile ? this : new OffsetMarks(value, signal);
    }

    /** What both say of the same keys: what is due for one is due, what is done for one is done. */
    OffsetMarks and(OffsetMarks other) {
        boolean later = signal == null || other.signal != null && other.signal.isAfter(signal);
        return new OffsetMarks(reconcile || other.reconcile, later ? other.signal : signal);
    }

    OffsetMarks withSignal(Instant value) {
        return new OffsetMarks(reconcile, value);
    }
}
