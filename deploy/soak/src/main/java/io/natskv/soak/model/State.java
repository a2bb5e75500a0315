package io.natskv.soak.model;

/**
 * The last state of a key.
 *
 * @param digest of the value; {@link Digest#NONE} for a marker
 */
public record State(long revision, Operation operation, long digest) {}
