package io.natskv.connect.sink.config;

import io.natskv.connect.sink.exactlyonce.ExactlyOnceConfig;
import io.natskv.connect.sink.template.RecordTemplate;
import io.natskv.core.connect.ConnectionSettings;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.key.KeyCodec;
import io.natskv.core.write.WriterOptions;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;

/** The settings of the sink connector. */
public final class SinkConfig extends AbstractConfig {
    public static final String BUCKET_TEMPLATE = "bucket.template";
    public static final String TOPIC_BUCKETS = "topic.buckets";
    public static final String KEY_TEMPLATE = "key.template";
    public static final String KEY_CODEC = "key.codec";
    public static final String ENVELOPE = "envelope";
    public static final String ENVELOPE_VALUE = "envelope.value";
    public static final String VALUE_FORMAT = "value.format";
    public static final String JSON_DECIMAL_FORMAT = "json.decimal.format";
    public static final String HEADERS_INCLUDE = "headers.include";
    public static final String HEADERS_EXCLUDE = "headers.exclude";
    public static final String RECORD_TTL = "record.ttl";
    public static final String WRITE_MODE = "write.mode";
    public static final String EXPECTED_REVISION = "expected.revision";
    public static final String ON_CONFLICT = "on.conflict";
    public static final String GUARD = "guard";
    public static final String PROVENANCE = "provenance.headers";
    public static final String KAFKA_ADMIN_PREFIX = "kafka.admin.";
    public static final String KAFKA_ADMIN_SERVERS = KAFKA_ADMIN_PREFIX + "bootstrap.servers";
    public static final String TOMBSTONE_OPERATION = "tombstone.operation";
    public static final String ORIGIN_ID = "origin.id";
    public static final String DELIVERY = "delivery";
    public static final String MAX_IN_FLIGHT = "max.in.flight";
    public static final String MAX_IN_FLIGHT_BYTES = "max.in.flight.bytes";
    public static final String COALESCE = "coalesce";
    public static final String ACK_TIMEOUT_MS = "ack.timeout.ms";
    public static final String DELIVERY_DEADLINE_MS = "delivery.deadline.ms";
    public static final String MAX_RETRIES = "max.retries";

    /** The default of {@link #KEY_TEMPLATE}. */
    public static final String RECORD_KEY = "${key}";

    public static final ConfigDef DEF = define();

    /** What a record without a value does, unless it has an operation header. */
    public enum Tombstone {
        DELETE,
        PURGE,
        IGNORE,
        FAIL
    }

    /** Whether values are envelopes. */
    public enum EnvelopeMode {
        AUTO,
        ALWAYS,
        NEVER
    }

    /** Under which condition a record is written. */
    public enum WriteMode {
        PUT,
        CREATE,
        UPDATE
    }

    /** What becomes of a record whose condition does not hold. */
    public enum OnConflict {
        SKIP,
        OVERWRITE,
        DEAD_LETTER,
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
        ConfigDef def = ConnectionSettings.define(new ConfigDef());
        RecordSettings.define(def);
        BucketSettings.define(def);
        DeliverySettings.define(def);
        ExactlyOnceConfig.define(def);
        return def;
    }

    public RecordTemplate bucketTemplate() {
        return RecordTemplate.parse(getString(BUCKET_TEMPLATE), RecordSettings.BUCKET_VARIABLES);
    }

    /** The buckets of single topics. */
    public Map<String, String> topicBuckets() {
        return TopicBuckets.parse(list(TOPIC_BUCKETS));
    }

    public RecordTemplate keyTemplate() {
        return RecordTemplate.parse(getString(KEY_TEMPLATE), RecordSettings.KEY_VARIABLES);
    }

    public KeyCodec keyCodec() {
        return switch (getString(KEY_CODEC)) {
            case "base64" -> KeyCodec.BASE64;
            case "path" -> KeyCodec.PATH;
            default -> KeyCodec.NONE;
        };
    }

    public EnvelopeMode envelope() {
        return EnvelopeMode.valueOf(getString(ENVELOPE).toUpperCase(Locale.ROOT));
    }

    /** True if a text in an envelope without a schema is bytes in Base64. */
    public boolean envelopeHoldsBytes() {
        return "bytes".equals(getString(ENVELOPE_VALUE));
    }

    /** True if strings are stored in quotes. */
    public boolean textAsJson() {
        return "json".equals(getString(VALUE_FORMAT));
    }

    public String jsonDecimalFormat() {
        return getString(JSON_DECIMAL_FORMAT).toUpperCase(Locale.ROOT);
    }

    public List<String> headersIncluded() {
        return list(HEADERS_INCLUDE);
    }

    public List<String> headersExcluded() {
        return list(HEADERS_EXCLUDE);
    }

    /** Where a record's time to live stands. */
    public Optional<RecordTemplate> recordTtl() {
        return template(RECORD_TTL);
    }

    public WriteMode writeMode() {
        return WriteMode.valueOf(getString(WRITE_MODE).toUpperCase(Locale.ROOT));
    }

    /** Where the revision stands that {@link WriteMode#UPDATE} needs. */
    public Optional<RecordTemplate> expectedRevision() {
        return template(EXPECTED_REVISION);
    }

    public OnConflict onConflict() {
        return OnConflict.valueOf(getString(ON_CONFLICT).toUpperCase(Locale.ROOT));
    }

    private Optional<RecordTemplate> template(String setting) {
        String template = getString(setting);
        return template == null || template.isBlank()
                ? Optional.empty()
                : Optional.of(RecordTemplate.parse(template, RecordSettings.FIELD_VARIABLES));
    }

    private List<String> list(String setting) {
        return getList(setting) == null ? List.of() : getList(setting);
    }

    /** What the buckets are to be like. */
    public BucketSettings buckets() {
        return new BucketSettings(this);
    }

    /** The settings of a Kafka client that may describe topics; empty if it is not to be asked. */
    public Map<String, Object> kafkaAdmin() {
        String servers = getString(KAFKA_ADMIN_SERVERS);
        return servers == null || servers.isBlank() ? Map.of() : originalsWithPrefix(KAFKA_ADMIN_PREFIX);
    }

    /** Whether writes tell from which record they come. */
    public boolean provenance() {
        return getBoolean(PROVENANCE);
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
                .withGuard(getBoolean(GUARD))
                .withCoalesce(getBoolean(COALESCE))
                .withTimeouts(ackTimeout(), deliveryDeadline());
    }

    public NatsConnectionConfig connection(String name) {
        return ConnectionSettings.of(originalsStrings(), name);
    }
}
