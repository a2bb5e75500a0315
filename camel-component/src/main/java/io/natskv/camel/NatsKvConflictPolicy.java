package io.natskv.camel;

/** What a conditional write does that found its key in another state. */
public enum NatsKvConflictPolicy {
    /** Fails with a {@link NatsKvConflictException}. */
    THROW,
    /** Goes on, with the header {@link NatsKvConstants#APPLIED} false. */
    FLAG
}
