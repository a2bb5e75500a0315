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
    HISTORY,
    /** Stores many keys, pipelined: the body is a map of keys to values, or a list of entries as a batching consumer gives it. */
    PUT_ALL,
    /** Reads many keys: those in the body if it is a list, else those that the key selects as a filter. */
    GET_ALL,
    /** Removes what lies behind delete and purge markers, and the markers themselves where they are old enough. */
    PURGE_DELETES,
    /** Tells state and settings of the bucket. */
    STATUS,
    /** Lists the names of all buckets. */
    BUCKETS,
    /** Creates the bucket with the endpoint's settings, or finds it there with the same ones. */
    CREATE_BUCKET,
    /** Deletes the bucket with everything in it. */
    DELETE_BUCKET;

    /** True for what can be done while the bucket is missing. */
    boolean isForMissingBucket() {
        return this == BUCKETS || this == CREATE_BUCKET || this == DELETE_BUCKET;
    }
}
