package io.natskv.core.connect;

/** Names of the Kafka headers that the source writes and the sink reads. */
public final class KvKafkaHeaders {
    /** What the names of all these begin with. */
    public static final String PREFIX = "nats.kv.";
    /** STRING: name of the bucket. */
    public static final String BUCKET = "nats.kv.bucket";
    /** STRING: {@code PUT}, {@code DELETE} or {@code PURGE}. */
    public static final String OPERATION = "nats.kv.operation";
    /** INT64: the entry's revision. */
    public static final String REVISION = "nats.kv.revision";
    /** STRING: when the server stored the entry, ISO-8601 in UTC to the nanosecond. The record's timestamp has it in milliseconds. */
    public static final String CREATED = "nats.kv.created";
    /** INT64: how many changes were still to be delivered after this one. */
    public static final String DELTA = "nats.kv.delta";
    /** STRING: why the server wrote a marker, as {@code MaxAge} for one that has expired. Only on such. */
    public static final String MARKER_REASON = "nats.kv.marker.reason";
    /** STRING, in a dead-letter topic: {@code key}, {@code value} or {@code topic}, whichever was wrong. */
    public static final String ERROR_PART = "nats.kv.error.part";
    /** STRING, in a dead-letter topic: why no record could be made. */
    public static final String ERROR_REASON = "nats.kv.error.reason";

    /** STRING {@code true} on what a snapshot hands over that a signal asked for. */
    public static final String SNAPSHOT = "nats.kv.snapshot";
    /** STRING {@code true} on what reconciliation hands over. */
    public static final String RECONCILED = "nats.kv.reconciled";

    private KvKafkaHeaders() {}
}
