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

    private NatsKvConstants() {}
}
