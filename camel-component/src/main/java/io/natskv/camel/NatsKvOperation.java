package io.natskv.camel;

/** What a producer does. In options and headers the names match in any case, also as {@code dash-case}. */
public enum NatsKvOperation {
    /** Stores the body under the key; the last writer wins. */
    PUT,
    /** Stores the body if the key has no value. */
    CREATE,
    /** Stores the body if the key's last revision is the expected one. */
    UPDATE,
    /** Reads the key's value, the last one or that of a revision. */
    GET,
    /** Marks the key as deleted; its history stays. */
    DELETE,
    /** Marks the key as deleted and removes its history. */
    PURGE,
    /** Lists the keys that have a value; the key is a filter here. */
    KEYS,
    /** Lists the revisions of the key that the bucket still keeps, markers included. */
    HISTORY
}
