package io.natskv.soak.model;

/**
 * What a writer knows of one of its writes.
 *
 * @param digest of the value; {@link Digest#NONE} for markers
 * @param incarnation of the bucket that it was written to
 * @param revision that the server gave it; 0 where no answer came, so that it may be there or not
 */
public record Ack(String key, Operation operation, long digest, int incarnation, long revision) {}
