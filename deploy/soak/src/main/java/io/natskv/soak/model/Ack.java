package io.natskv.soak.model;

/**
 * What a writer knows of one of its writes.
 *
 * @param digest of the value; {@link Digest#NONE} for markers
 * @param incarnation of the bucket that it was written to
 * @param revision that the server gave it; 0 where no answer came, so that it may be there or not
 */
public record Ack(String key, Operation operation, long digest, int incarnation, long revision) {
    /** Names of {@link #fields}. */
    public static final String FIELDS = "incarnation\trevision\tkey\toperation\tvalue";

    /** Separated by tabs. */
    public String fields() {
        return incarnation + "\t" + revision + "\t" + key + "\t" + operation + "\t" + Digest.text(digest);
    }
}
