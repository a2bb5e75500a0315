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

    OffsetMarks withSignal(Instant value) {
        return new OffsetMarks(reconcile, value);
    }
}
