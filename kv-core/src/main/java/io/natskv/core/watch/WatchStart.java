package io.natskv.core.watch;

import java.time.Instant;
import java.util.Objects;

/** Where a watch begins. */
public sealed interface WatchStart {
    /** The last entry of each key, markers included, then what changes. */
    record Snapshot() implements WatchStart {}

    /** Every revision that the bucket still keeps, then what changes. */
    record History() implements WatchStart {}

    /** Only what changes from now on; "now" is the bucket's last revision when the watch begins, kept over every outage. */
    record UpdatesOnly() implements WatchStart {}

    /** Every surviving revision from this one on. */
    record FromRevision(long revision) implements WatchStart {
        public FromRevision {
            if (revision < 1) {
                throw new IllegalArgumentException("Revisions start at 1, not " + revision);
            }
        }
    }

    /** Every surviving revision that was stored at this time or later. */
    record FromTime(Instant time) implements WatchStart {
        public FromTime {
            Objects.requireNonNull(time, "time");
        }
    }

    /** Behind a position that an earlier watch had reached. */
    record After(WatchPosition position) implements WatchStart {
        public After {
            Objects.requireNonNull(position, "position");
        }
    }

    static WatchStart snapshot() {
        return new Snapshot();
    }

    static WatchStart history() {
        return new History();
    }

    static WatchStart updatesOnly() {
        return new UpdatesOnly();
    }

    static WatchStart after(WatchPosition position) {
        return new After(position);
    }
}
