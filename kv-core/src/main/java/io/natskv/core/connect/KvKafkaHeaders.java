package io.natskv.core.connect;

/** Names of the Kafka headers that the source writes and the sink reads. */
public final class KvKafkaHeaders {
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

    private KvKafkaHeaders() {}
}
