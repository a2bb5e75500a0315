package io.natskv.soak.model;

import java.time.Instant;

/** A line of what the Camel consumer has written. */
public sealed interface Seen {
    /**
     * The consumer's process began.
     *
     * @param bucketCreated which bucket its stored position belongs to; null if it had none
     * @param revision of the stored position
     */
    record Start(Instant bucketCreated, long revision) implements Seen {}

    /**
     * A change was processed.
     *
     * @param digest of the value; {@link Digest#NONE} for markers
     * @param at when
     */
    record Delivered(long revision, Instant created, String key, Operation operation, long digest, Instant at)
            implements Seen {}
}
