package io.natskv.core.watch;

import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * Up to where a reader has read: enough to go on there later, and to notice that the bucket is another one by then. Immutable.
 *
 * @param created when the bucket's stream was created; below server 2.15 it may change over an update and a restart, so that it
 *     identifies the bucket only together with the anchors; null if unknown, which accepts the bucket that is there
 * @param revision the last revision that was delivered; 0 for none
 * @param snapshotEnd while a snapshot is under way: the revision at which it ends; 0 when it has ended
 * @param history whether what the snapshot still lacks is every revision of a key rather than the last
 * @param anchors delivered messages, newest last, by which the same bucket is recognised as long as one of them survives
 */
public record WatchPosition(Instant created, long revision, long snapshotEnd, boolean history, List<Anchor> anchors) {
    /** How many anchors are kept. */
    public static final int MAX_ANCHORS = 8;

    /**
     * A message that was seen.
     *
     * @param revision its revision
     * @param key its key
     * @param created when the server stored it
     */
    public record Anchor(long revision, String key, Instant created) {
        public Anchor {
            Objects.requireNonNull(key, "key");
            Objects.requireNonNull(created, "created");
        }
    }

    public WatchPosition {
        if (revision < 0 || snapshotEnd < 0) {
            throw new IllegalArgumentException("A revision can't be negative: " + revision + ", " + snapshotEnd);
        }
        anchors = anchors instanceof Anchors ? anchors : List.copyOf(anchors);
    }

    /** True if the snapshot had not ended at this position. */
    public boolean inSnapshot() {
        return snapshotEnd > 0;
    }
}
