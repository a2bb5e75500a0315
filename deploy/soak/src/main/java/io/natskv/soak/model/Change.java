package io.natskv.soak.model;

import java.time.Instant;

/**
 * A revision of a bucket as its stream holds it.
 *
 * @param incarnation which bucket of this name, from 0
 * @param digest of the value; {@link Digest#NONE} for markers
 * @param created when the server stored it
 * @param ttlSeconds after which the server removes it; 0 for never
 * @param origin the Kafka record that a sink made it of, {@code topic/partition/offset}; null for none
 */
public record Change(
        int incarnation,
        long revision,
        String key,
        Operation operation,
        long digest,
        Instant created,
        int ttlSeconds,
        String origin) {

    /** Separated by tabs, as {@link History#FIELDS} names them. */
    String fields() {
        return String.join(
                "\t",
                Integer.toString(incarnation),
                Long.toString(revision),
                key,
                operation.toString(),
                Digest.text(digest),
                created.toString(),
                Integer.toString(ttlSeconds),
                origin == null ? "-" : origin);
    }

    Position position() {
        return new Position(incarnation, revision);
    }

    @Override
    public String toString() {
        return operation + " " + key + " revision " + revision + (incarnation == 0 ? "" : " of bucket #" + incarnation)
                + " (" + created + (origin == null ? "" : ", of record " + origin) + ")";
    }
}
