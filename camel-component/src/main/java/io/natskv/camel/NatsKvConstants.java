package io.natskv.camel;

import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;

/**
 * The headers of the component.
 *
 * <p>What a producer obeys and what it or a consumer reports are different headers, except for the key: the revision of
 * one write must not silently become the condition of the next, nor a received delete become the operation of a GET.
 */
public final class NatsKvConstants {
    @Metadata(
            label = "producer",
            description = "What to do; wins over the option `operation`.",
            javaType = "io.natskv.camel.NatsKvOperation",
            important = true)
    public static final String OPERATION = "CamelNatsKvOperation";

    @Metadata(
            description = "The key. For a producer it wins over the option `key`; with KEYS it is one or more"
                    + " filters, separated by commas.",
            javaType = "String",
            important = true)
    public static final String KEY = "CamelNatsKvKey";

    @Metadata(
            label = "producer",
            description = "The revision at which the operation applies; wins over the option `revision`. UPDATE, DELETE"
                    + " and PURGE: the last revision that the key must have (UPDATE: 0 for none; without this header and"
                    + " without the option UPDATE takes `CamelNatsKvRevision`, if `CamelNatsKvRevisionOf` names its bucket and key)."
                    + " GET: the revision to read.",
            javaType = "long")
    public static final String AT_REVISION = "CamelNatsKvAtRevision";

    @Metadata(description = "The revision that was received, read or written.", javaType = "long", important = true)
    public static final String REVISION = "CamelNatsKvRevision";

    @Metadata(
            description =
                    "Bucket and key that `CamelNatsKvRevision` belongs to, as `bucket/key`; set and removed together"
                            + " with it.",
            javaType = "String")
    public static final String REVISION_OF = "CamelNatsKvRevisionOf";

    @Metadata(label = "consumer", description = "The bucket that the change was received from.", javaType = "String")
    public static final String BUCKET = "CamelNatsKvBucket";

    @Metadata(
            label = "consumer",
            description = "What the received change does to its key: PUT, DELETE or PURGE. It decides, never the body:"
                    + " an empty body is no delete.",
            javaType = "io.natskv.core.KvOperation",
            important = true)
    public static final String ENTRY_OPERATION = "CamelNatsKvEntryOperation";

    @Metadata(
            description = "When the server stored the revision that was received or read.",
            javaType = "java.time.Instant")
    public static final String CREATED = "CamelNatsKvCreated";

    @Metadata(
            label = "consumer",
            description = "How many changes the server had still to deliver after this one.",
            javaType = "long")
    public static final String DELTA = "CamelNatsKvDelta";

    @Metadata(
            label = "consumer",
            description = "True for what was in the bucket when the consumer started, false for what changed after.",
            javaType = "boolean")
    public static final String INITIAL = "CamelNatsKvInitial";

    @Metadata(
            label = "consumer",
            description = "Length of the value in bytes, also where `metaOnly` leaves the value out.",
            javaType = "long")
    public static final String DATA_LENGTH = "CamelNatsKvDataLength";

    @Metadata(
            label = "producer",
            description = "Whether GET found a value; tells a missing key from an empty value.",
            javaType = "boolean")
    public static final String FOUND = "CamelNatsKvFound";

    @Metadata(
            label = "consumer",
            description = "When the server stored the change, in milliseconds since 1970-01-01 UTC.",
            javaType = "long")
    public static final String MESSAGE_TIMESTAMP = Exchange.MESSAGE_TIMESTAMP;

    @Metadata(
            label = "producer",
            description = "CREATE: how long the value lives. PURGE: how long the marker stays. As a Duration, a text"
                    + " like 10m, or in milliseconds; wins over the option `ttl`.",
            javaType = "java.time.Duration")
    public static final String TTL = "CamelNatsKvTtl";

    @Metadata(
            label = "producer",
            description = "With `conflict=FLAG`: whether a conditional write was done, and for CREATE_BUCKET and"
                    + " DELETE_BUCKET whether the bucket was created or deleted.",
            javaType = "boolean")
    public static final String APPLIED = "CamelNatsKvApplied";

    @Metadata(
            label = "producer",
            description = "The revision of each key that PUT_ALL has stored.",
            javaType = "Map<String, Long>")
    public static final String REVISIONS = "CamelNatsKvRevisions";

    @Metadata(label = "producer", description = "How many revisions PURGE_DELETES has removed.", javaType = "long")
    public static final String PURGED = "CamelNatsKvPurged";

    @Metadata(
            label = "consumer",
            description =
                    "With `sendEndOfData`: true for the exchange that says that all that was in the bucket at the start"
                            + " has been processed. It has no body.",
            javaType = "boolean")
    public static final String END_OF_DATA = "CamelNatsKvEndOfData";

    @Metadata(
            label = "consumer",
            description =
                    "With `batching`: how many changes the exchange holds. `CamelNatsKvRevision` is that of the last one.",
            javaType = "int")
    public static final String BATCH_SIZE = "CamelNatsKvBatchSize";

    @Metadata(
            label = "consumer",
            description = "With `allowManualCommit`: moves the position behind this exchange.",
            javaType = "io.natskv.camel.NatsKvManualCommit")
    public static final String MANUAL_COMMIT = "CamelNatsKvManualCommit";

    @Metadata(
            label = "consumer",
            description = "With `durableName` and `manualAck`: acknowledges this exchange.",
            javaType = "io.natskv.camel.NatsKvManualAck")
    public static final String MANUAL_ACK = "CamelNatsKvManualAck";

    @Metadata(
            label = "consumer",
            description = "With `durableName`: how often the change has been delivered, this time included.",
            javaType = "long")
    public static final String DELIVERY_COUNT = "CamelNatsKvDeliveryCount";

    private NatsKvConstants() {}
}
