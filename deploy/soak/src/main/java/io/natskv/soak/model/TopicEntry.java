package io.natskv.soak.model;

import java.time.Instant;

/**
 * A committed record of the topic, by a source.
 *
 * @param digest of the value; {@link Digest#NONE} for a tombstone
 * @param revision as its header says
 * @param created as its header says, with all digits
 * @param reconciled whether reconciliation wrote it
 * @param observed when it was read here: the source had read the bucket before
 */
public record TopicEntry(
        String topic,
        int partition,
        long offset,
        String key,
        Operation operation,
        long digest,
        long revision,
        Instant created,
        boolean reconciled,
        Instant observed) {

    /** Names of {@link #fields}. */
    public static final String FIELDS = "place\tkey\toperation\tvalue\trevision\tcreated\treconciled\tobserved";

    /** Separated by tabs. */
    public String fields() {
        return String.join(
                "\t",
                place(),
                key,
                operation.toString(),
                Digest.text(digest),
                Long.toString(revision),
                created.toString(),
                Boolean.toString(reconciled),
                observed.toString());
    }

    /** As the sink writes it into the entries that it makes of it. */
    String place() {
        return topic + "/" + partition + "/" + offset;
    }

    @Override
    public String toString() {
        return "record " + place() + " (" + operation + " " + key + " revision " + revision + " of " + created
                + (reconciled ? ", reconciled" : "") + ")";
    }
}
