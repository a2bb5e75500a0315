package io.natskv.connect.sink.config;

import io.natskv.connect.sink.exactlyonce.ExactlyOnceConfig;
import io.natskv.core.connect.ConnectionSettings;
import io.natskv.core.connect.NameTemplate;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.write.WriterOptions;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;

/** The settings of the sink connector. */
public final class SinkConfig extends AbstractConfig {
    public static final String BUCKET_TEMPLATE = "bucket.template";
    public static final String TOMBSTONE_OPERATION = "tombstone.operation";
    public static final String ORIGIN_ID = "origin.id";
    public static final String DELIVERY = "delivery";
    public static final String MAX_IN_FLIGHT = "max.in.flight";
    public static final String MAX_IN_FLIGHT_BYTES = "max.in.flight.bytes";
    public static final String COALESCE = "coalesce";
    public static final String ACK_TIMEOUT_MS = "ack.timeout.ms";
    public static final String DELIVERY_DEADLINE_MS = "delivery.deadline.ms";
    public static final String MAX_RETRIES = "max.retries";

    /** What {@link #BUCKET_TEMPLATE} may use. */
    public static final Set<String> BUCKET_VARIABLES = Set.of("topic");

    private static final String RECORDS_GROUP = "Records";
    private static final String DELIVERY_GROUP = "Delivery";

    public static final ConfigDef DEF = define();

    /** What a record without a value does, unless it has an operation header. */
    public enum Tombstone {
        DELETE,
        PURGE,
        IGNORE,
        FAIL
    }

    /** What is promised about each record. */
    public enum Delivery {
        AT_LEAST_ONCE,
        EXACTLY_ONCE
    }

    /** @throws org.apache.kafka.common.config.ConfigException if a setting is not valid */
    public SinkConfig(Map<String, String> settings) {
        super(DEF, settings, false);
    }

    private static ConfigDef define() {
        return ExactlyOnceConfig.define(defineOwn(ConnectionSettings.define(new ConfigDef())));
    }

    private static ConfigDef defineOwn(ConfigDef def) {
        int order = 0;
        def.define(
                        BUCKET_TEMPLATE,
                        Type.STRING,
                        "${topic}",
                        NameTemplate.validator(BUCKET_VARIABLES),
                        Importance.HIGH,
                        "Name of the bucket that a record goes to. ${topic} is the record's topic, ${topic[1]} the second of its "
                                + "dot-separated parts. Buckets must exist. A topic that gives no legal bucket name (letters, digits, - and _) "
                                + "makes a record error.",
                        RECORDS_GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Bucket template")
                .define(
                        TOMBSTONE_OPERATION,
                        Type.STRING,
                        "delete",
                        ConfigDef.ValidString.in("delete", "purge", "ignore", "fail"),
                        Importance.MEDIUM,
                        "What a record without a value does: delete the key, purge it (its history goes too), nothing, or fail as a record "
                                + "error. A header nats.kv.operation with PUT, DELETE or PURGE, as the source connector writes it, decides before this.",
                        RECORDS_GROUP,
                        ++order,
                        Width.SHORT,
                        "Records without value")
                .define(
                        ORIGIN_ID,
                        Type.STRING,
                        "",
                        Importance.LOW,
                        "What makes the offsets of these topics comparable: a record is left out where its key holds a later record of the "
                                + "same topic and partition under the same value. Set another one when the offsets mean something else than "
                                + "before: after a move to another Kafka cluster, after a topic was deleted and made again, or to write a "
                                + "bucket anew after a reset of offsets.",
                        RECORDS_GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Origin");
        order = 0;
        return def.define(
                        DELIVERY,
                        Type.STRING,
                        "at_least_once",
                        ConfigDef.ValidString.in("at_least_once", "exactly_once"),
                        Importance.HIGH,
                        "What is promised. at_least_once: every record is stored, and the last state of each key is that of the topic; after a "
                                + "crash some records are written again, where no later one of their key is there. exactly_once: every record is stored "
                                + "once, in order, with its offset in the same atomic batch; server 2.12 or later.",
                        DELIVERY_GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Delivery guarantee")
                .define(
                        MAX_IN_FLIGHT,
                        Type.INT,
                        1_000,
                        Range.between(1, 100_000),
                        Importance.MEDIUM,
                        "How many writes of a task may wait for their acknowledgement. Of one key it is always one at most.",
                        DELIVERY_GROUP,
                        ++order,
                        Width.SHORT,
                        "Writes in flight")
                .define(
                        MAX_IN_FLIGHT_BYTES,
                        Type.LONG,
                        32L << 20,
                        Range.atLeast(1),
                        Importance.LOW,
                        "How many bytes of keys and values these may hold. A single larger write still gets through.",
                        DELIVERY_GROUP,
                        ++order,
                        Width.SHORT,
                        "Bytes in flight")
                .define(
                        COALESCE,
                        Type.BOOLEAN,
                        false,
                        Importance.LOW,
                        "Let a write that waits behind an earlier one of its key be replaced by a later one. The last state is the same; "
                                + "intermediate values are left out.",
                        DELIVERY_GROUP,
                        ++order,
                        Width.SHORT,
                        "Coalesce")
                .define(
                        ACK_TIMEOUT_MS,
                        Type.INT,
                        5_000,
                        Range.between(100, 600_000),
                        Importance.LOW,
                        "How long to wait for the acknowledgement of a write before it is sent again, in milliseconds.",
                        DELIVERY_GROUP,
                        ++order,
                        Width.SHORT,
                        "Acknowledgement time-out (ms)")
                .define(
                        DELIVERY_DEADLINE_MS,
                        Type.INT,
                        120_000,
                        Range.between(1_000, 3_600_000),
                        Importance.LOW,
                        "How long a write is attempted in all, in milliseconds; then its partition is read again from the first record that "
                                + "is not stored.",
                        DELIVERY_GROUP,
                        ++order,
                        Width.SHORT,
                        "Delivery deadline (ms)")
                .define(
                        MAX_RETRIES,
                        Type.INT,
                        30,
                        Range.atLeast(-1),
                        Importance.MEDIUM,
                        "How many times that is done for one record before the task fails, with " + DELIVERY_DEADLINE_MS
                                + " each time; -1 for ever.",
                        DELIVERY_GROUP,
                        ++order,
                        Width.SHORT,
                        "Retries");
    }

    public NameTemplate bucketTemplate() {
        return NameTemplate.parse(getString(BUCKET_TEMPLATE), BUCKET_VARIABLES);
    }

    public Delivery delivery() {
        return Delivery.valueOf(getString(DELIVERY).toUpperCase(Locale.ROOT));
    }

    public Tombstone tombstone() {
        return Tombstone.valueOf(getString(TOMBSTONE_OPERATION).toUpperCase(Locale.ROOT));
    }

    /** Empty if not set. */
    public String originId() {
        return getString(ORIGIN_ID) == null ? "" : getString(ORIGIN_ID);
    }

    public int maxInFlight() {
        return getInt(MAX_IN_FLIGHT);
    }

    public long maxInFlightBytes() {
        return getLong(MAX_IN_FLIGHT_BYTES);
    }

    public Duration ackTimeout() {
        return Duration.ofMillis(getInt(ACK_TIMEOUT_MS));
    }

    public Duration deliveryDeadline() {
        return Duration.ofMillis(getInt(DELIVERY_DEADLINE_MS));
    }

    public int maxRetries() {
        return getInt(MAX_RETRIES);
    }

    /** The writers' own bounds lie above the task's, which holds for all of them together: submitting never blocks. */
    public WriterOptions writerOptions() {
        return WriterOptions.DEFAULT
                .withInFlight(maxInFlight(), Long.MAX_VALUE)
                .withCoalesce(getBoolean(COALESCE))
                .withTimeouts(ackTimeout(), deliveryDeadline());
    }

    public NatsConnectionConfig connection(String name) {
        return ConnectionSettings.of(originalsStrings(), name);
    }
}
