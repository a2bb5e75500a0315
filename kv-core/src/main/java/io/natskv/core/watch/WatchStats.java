package io.natskv.core.watch;

import java.time.Duration;
import java.time.Instant;

/**
 * How a watch is doing.
 *
 * @param state what it is doing
 * @param revision the last revision delivered to the reader
 * @param pending how many entries the server had still to deliver, by its last word; what waits in this process comes on top
 * @param bufferedEntries how many entries wait in this process
 * @param bufferedBytes how many bytes they take
 * @param delivered entries delivered to the reader since the watch was opened
 * @param recreations how often the server-side consumer was made again
 * @param lastEntryCreated when the server stored the last entry that was delivered; null before the first
 * @param unavailableFor how long the present outage lasts; zero if there is none
 */
public record WatchStats(
        State state,
        long revision,
        long pending,
        long bufferedEntries,
        long bufferedBytes,
        long delivered,
        long recreations,
        Instant lastEntryCreated,
        Duration unavailableFor) {
    /** What a watch is doing. */
    public enum State {
        /** On its way to the bucket, for the first time or again. */
        STARTING,
        /** Delivering. */
        WATCHING,
        /** Position lost; waits for {@link KvWatch#restart}. */
        LOST,
        CLOSED
    }
}
