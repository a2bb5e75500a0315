package io.natskv.connect.sink.exactlyonce;

import io.natskv.connect.sink.exactlyonce.OffsetStore.Held;
import io.natskv.connect.sink.exactlyonce.PartitionState.Checked;

/** What the stored offset tells when a batch has failed. */
enum Finding {
    /** Nothing was stored since. */
    UNCHANGED,
    /** The batch was stored: its acknowledgement was lost alone. */
    STORED,
    /** Another task has claimed the partition, or its offset was set from outside. */
    CLAIMED_AWAY,
    /** The offset is gone, and the bucket has gone on or is another one. */
    PURGED,
    /** The bucket is as it was at some time before: its server has come back without the end of its stream. */
    ROLLED_BACK;

    /** @param held what was stored last, as far as this task knows */
    static Finding of(Held held, Checked checked) {
        Held found = checked.found();
        if (found.revision() == 0) {
            return !checked.replaced() && checked.lastRevision() < held.revision() ? ROLLED_BACK : PURGED;
        }
        if (!found.offset().isSameClaimAs(held.offset())) {
            // Within one stream nobody can write an offset below one that was there.
            return !checked.replaced() && found.revision() < held.revision() ? ROLLED_BACK : CLAIMED_AWAY;
        }
        if (found.revision() < held.revision()
                || found.offset().next() < held.offset().next()) {
            return ROLLED_BACK;
        }
        return found.revision() == held.revision() ? UNCHANGED : STORED;
    }
}
