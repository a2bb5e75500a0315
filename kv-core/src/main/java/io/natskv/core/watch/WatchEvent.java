package io.natskv.core.watch;

import io.natskv.core.KvEntry;
import java.time.Duration;

/** What a watch reports, in the order in which it happened. A reader has to say what it does about each. */
public sealed interface WatchEvent {
    /**
     * A key changed.
     *
     * @param entry the change
     * @param snapshot true while the state as of the start is delivered, false for what changed after
     */
    record Change(KvEntry entry, boolean snapshot) implements WatchEvent {}

    /**
     * Everything that was in the bucket when the watch began has been delivered. Comes once, also for an empty bucket; not at all for
     * a watch that resumes behind its snapshot.
     *
     * @param revision the bucket's last revision when the watch began
     */
    record SnapshotEnd(long revision) implements WatchEvent {}

    /**
     * The bucket behind the position is not the one that is there now. Nothing is delivered until the reader calls
     * {@link KvWatch#restart} with a start of its choice.
     *
     * @param reason what was found
     * @param position the position that means nothing any more
     * @param message the finding in words, for a log or a status
     */
    record PositionLost(Reason reason, WatchPosition position, String message) implements WatchEvent {
        /** What was found. */
        public enum Reason {
            /** The bucket was deleted and made again. */
            RECREATED,
            /** The bucket's last revision lies below the position: it was restored from a backup, or lost its tail in a crash. */
            WENT_BACK,
            /** A revision that was delivered holds another message now: restored from a backup and written since. */
            CONTRADICTED
        }
    }

    /**
     * The bucket is gone. The watch goes on looking for it; when it is back, {@link PositionLost} follows.
     *
     * @param message names the bucket
     */
    record BucketDeleted(String message) implements WatchEvent {}

    /**
     * Delivery has stopped; the watch tries to go on by itself. Comes once per outage.
     *
     * @param message the cause in words
     */
    record Unavailable(String message) implements WatchEvent {}

    /**
     * Delivery goes on where it was, after {@link Unavailable}.
     *
     * @param outage how long it took
     */
    record Available(Duration outage) implements WatchEvent {}
}
