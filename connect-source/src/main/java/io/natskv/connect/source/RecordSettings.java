package io.natskv.connect.source;

import io.natskv.connect.source.EntryConverter.Deletes;
import io.natskv.connect.source.RecordHeaders.Own;
import io.natskv.connect.source.RecordKeys.KeyMode;
import io.natskv.connect.source.Undecodable.Policy;
import io.natskv.connect.source.ValueFormat.ValueMode;
import io.natskv.connect.source.reconcile.KeyMapping;
import io.natskv.core.connect.NameTemplate;
import io.natskv.core.key.KeyCodec;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.LambdaValidator;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigException;

/** The settings of what records are made of entries. */
final class RecordSettings {
    static final String TOPIC_TEMPLATE = "topic.template";
    static final String TOPIC_PARTITIONS = "topic.partitions";
    static final String RECORD_KEY = "record.key";
    static final String KEY_CODEC = "record.key.codec";
    static final String RECORD_VALUE = "record.value";
    static final String ENVELOPE_VALUE = "envelope.value";
    static final String ENVELOPE_PREVIOUS = "envelope.previous";
    static final String RECORD_DELETE = "record.delete";
    static final String RECORD_HEADERS = "record.headers";
    static final String NATS_HEADERS_INCLUDE = "record.nats.headers.include";
    static final String NATS_HEADERS_EXCLUDE = "record.nats.headers.exclude";
    static final String ERRORS_DECODE = "errors.decode";
    static final String ERRORS_DECODE_TOPIC = "errors.decode.topic";
    static final String LOOP_PREVENTION = "loop.prevention";
    static final String LOOP_PREVENTION_TOPICS = "loop.prevention.topics";

    /** Connect's own setting for the topics that it creates. */
    static final String CREATED_PARTITIONS = "topic.creation.default.partitions";

    static final String CREATION_GROUPS = "topic.creation.groups";

    private static final String GROUP = "Records";
    private static final List<KeyCodec> CODECS = List.of(KeyCodec.NONE, KeyCodec.BASE64, KeyCodec.PATH);

    private final AbstractConfig config;

    RecordSettings(AbstractConfig config) {
        this.config = config;
    }

    static ConfigDef define(ConfigDef def) {
        int order = defineTopicAndKey(def);
        order = defineValue(def, order);
        order = defineHeaders(def, order);
        return defineExceptions(def, order);
    }

    private static int defineTopicAndKey(ConfigDef def) {
        int order = 0;
        def.define(
                        TOPIC_TEMPLATE,
                        Type.STRING,
                        "kv.${bucket}",
                        NameTemplate.validator(TopicNames.VARIABLES),
                        Importance.HIGH,
                        "Name of the topic. ${bucket} is the bucket, ${key} the stored key, ${key[0]} the first of its dot-separated tokens. "
                                + "An entry whose topic name would not be legal is dealt with by " + ERRORS_DECODE
                                + ".",
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Topic template")
                .define(
                        TOPIC_PARTITIONS,
                        Type.INT,
                        null,
                        LambdaValidator.with(RecordSettings::checkPartitions, () -> "[1,...]"),
                        Importance.MEDIUM,
                        "Number of partitions of the topic over which this connector spreads the keys, by the hash that Kafka's producer "
                                + "uses for a string key. Unset, the producer chooses, by the hash of the whole record key. With "
                                + RECORD_KEY
                                + "=key_and_revision that would tear the revisions of a key apart, so there it is needed, "
                                + "unless " + CREATED_PARTITIONS
                                + " says it. It must not be larger than the topic's real number: Kafka's producer waits for ever for a "
                                + "partition that is not there.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Partitions of the topic")
                .define(
                        RECORD_KEY,
                        Type.STRING,
                        "key",
                        ValidString.in("key", "key_and_revision"),
                        Importance.MEDIUM,
                        "What a record's key is: the key as a string, or a struct of key and revision, with which a compacted topic keeps "
                                + "every revision. In both modes all records of a key go to one partition, in the order of their revisions.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Record key")
                .define(
                        KEY_CODEC,
                        Type.STRING,
                        "none",
                        ValidString.in("none", "base64", "path"),
                        Importance.LOW,
                        "How keys were encoded by who wrote them, to be decoded: not at all, URL-safe Base64 (base64), or paths whose slashes "
                                + "became dots (path). A key that the codec would not have made is dealt with by "
                                + ERRORS_DECODE + ".",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Key codec");
        return order;
    }

    private static int defineValue(ConfigDef def, int before) {
        int order = before;
        def.define(
                        RECORD_VALUE,
                        Type.STRING,
                        "bytes",
                        ValidString.in("bytes", "string", "json", "envelope"),
                        Importance.HIGH,
                        "What a record's value is: the bytes as they are; the text that they are in UTF-8 (string); what they are in JSON, "
                                + "without a schema (json); or a struct with a schema, of bucket, key, operation, revision, created, delta, size "
                                + "and value (envelope).",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Record value")
                .define(
                        ENVELOPE_VALUE,
                        Type.STRING,
                        "bytes",
                        ValidString.in("bytes", "string"),
                        Importance.LOW,
                        "What the field value of an envelope is: the bytes, or the text that they are in UTF-8.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Value in the envelope")
                .define(
                        ENVELOPE_PREVIOUS,
                        Type.BOOLEAN,
                        false,
                        Importance.LOW,
                        "Add to an envelope what the key held before (previous, previous_revision), read from the bucket's history: null where the "
                                + "history does not reach back so far; after a delete the value is null and the revision the delete's. Needs server 2.11 "
                                + "and a bucket with a history of 2 or more. Costs a request for each change; in a cluster a replica that lags may "
                                + "answer it with an older revision.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Previous value in the envelope")
                .define(
                        RECORD_DELETE,
                        Type.STRING,
                        "tombstone",
                        ValidString.in("tombstone", "envelope", "envelope_and_tombstone"),
                        Importance.MEDIUM,
                        "What a delete, purge or expiry becomes: a record without value, by which a compacted topic forgets the key "
                                + "(tombstone); with " + RECORD_VALUE
                                + "=envelope also an envelope without value (envelope), or first that and "
                                + "then a tombstone (envelope_and_tombstone).",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Deletes");
        return order;
    }

    private static int defineHeaders(ConfigDef def, int before) {
        int order = before;
        def.define(
                        RECORD_HEADERS,
                        Type.LIST,
                        names(),
                        LambdaValidator.with(RecordSettings::checkOwnHeaders, () -> "[" + Own.list() + "]"),
                        Importance.LOW,
                        "Which headers of its own the connector adds, each with the prefix nats.kv.: " + Own.list()
                                + ". Empty for none. The sink connector reads nats.kv.operation. Each header costs time and space.",
                        GROUP,
                        ++order,
                        Width.LONG,
                        "Headers")
                .define(
                        NATS_HEADERS_INCLUDE,
                        Type.LIST,
                        List.of(),
                        LambdaValidator.with(RecordSettings::checkNames, () -> "names, with * for any characters"),
                        Importance.LOW,
                        "Which headers of the NATS message become headers of the record, under the same name: names in which * stands for any "
                                + "characters, upper or lower case. Headers that mean something to the server, to KV clients or to this suite "
                                + "(Nats-*, KV-*, Natskv-*, nats.kv.*) never do.",
                        GROUP,
                        ++order,
                        Width.LONG,
                        "NATS headers to pass on")
                .define(
                        NATS_HEADERS_EXCLUDE,
                        Type.LIST,
                        List.of(),
                        LambdaValidator.with(RecordSettings::checkNames, () -> "names, with * for any characters"),
                        Importance.LOW,
                        "Which of the headers that " + NATS_HEADERS_INCLUDE + " selects are left out nevertheless.",
                        GROUP,
                        ++order,
                        Width.LONG,
                        "NATS headers to leave out");
        return order;
    }

    private static ConfigDef defineExceptions(ConfigDef def, int before) {
        int order = before;
        return def.define(
                        ERRORS_DECODE,
                        Type.STRING,
                        "fail",
                        ValidString.in("fail", "skip", "dead_letter"),
                        Importance.MEDIUM,
                        "What to do about an entry of which no record can be made, because its value is no UTF-8 or no JSON, its key none of the "
                                + "codec's, or its topic name not legal: fail the task, leave the entry out (it is logged and counted), or write it to "
                                + ERRORS_DECODE_TOPIC + " (dead_letter).",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Undecodable entries")
                .define(
                        ERRORS_DECODE_TOPIC,
                        Type.STRING,
                        null,
                        LambdaValidator.with(RecordSettings::checkTopic, () -> "a legal topic name"),
                        Importance.MEDIUM,
                        "The dead-letter topic for entries of which no record can be made. Its records have the stored key, the stored bytes (as "
                                + "Base64 text with " + RECORD_VALUE
                                + "=string), all headers of this connector, and the reason in "
                                + "nats.kv.error.part and nats.kv.error.reason.",
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Dead-letter topic")
                .define(
                        LOOP_PREVENTION,
                        Type.BOOLEAN,
                        false,
                        Importance.MEDIUM,
                        "Leave out what this suite's sink connector wrote: for buckets that are mirrored in both directions, where every "
                                + "change would go round for ever.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Loop prevention")
                .define(
                        LOOP_PREVENTION_TOPICS,
                        Type.LIST,
                        List.of("*"),
                        LambdaValidator.with(RecordSettings::checkTopics, () -> "names, with * for any characters"),
                        Importance.LOW,
                        "With " + LOOP_PREVENTION
                                + ", leave out only what the sink took from these topics: names in which * stands for any "
                                + "characters. For chains, in which what came from one topic has to go on into another.",
                        GROUP,
                        ++order,
                        Width.LONG,
                        "Topics of the loop");
    }

    KeyMode keyMode() {
        return KeyMode.valueOf(upper(RECORD_KEY));
    }

    ValueMode valueMode() {
        return ValueMode.valueOf(upper(RECORD_VALUE));
    }

    /** Whether envelopes have what the key held before. */
    boolean withPrevious() {
        return config.getBoolean(ENVELOPE_PREVIOUS);
    }

    Deletes deletes() {
        return Deletes.valueOf(upper(RECORD_DELETE));
    }

    /** Over how many partitions we spread the keys ourselves; 0 for none. */
    int partitions() {
        Integer explicit = config.getInt(TOPIC_PARTITIONS);
        if (explicit != null) {
            return explicit;
        }
        if (keyMode() == KeyMode.KEY) {
            return 0;
        }
        Object groups = config.originals().get(CREATION_GROUPS);
        Object created = config.originals().get(CREATED_PARTITIONS);
        boolean known = created != null && (groups == null || groups.toString().isBlank());
        return known && created.toString().trim().matches("[1-9]\\d{0,5}")
                ? Integer.parseInt(created.toString().trim())
                : 0;
    }

    /** True if we spread the keys over a number of partitions that nobody told us about the topic, but about topics that are created. */
    boolean partitionsAreAssumed() {
        return config.getInt(TOPIC_PARTITIONS) == null && partitions() > 0;
    }

    NameTemplate topicTemplate() {
        return NameTemplate.parse(config.getString(TOPIC_TEMPLATE), TopicNames.VARIABLES);
    }

    /** The headers of our own that records get. */
    Set<Own> ownHeaders() {
        Set<Own> own = EnumSet.noneOf(Own.class);
        config.getList(RECORD_HEADERS).forEach(name -> own.add(Own.valueOf(name.toUpperCase(Locale.ROOT))));
        return own;
    }

    List<String> natsHeaders() {
        return config.getList(NATS_HEADERS_INCLUDE);
    }

    EntryConverter converter() {
        RecordHeaders headers = new RecordHeaders(
                ownHeaders(), new NamePatterns(natsHeaders()), new NamePatterns(config.getList(NATS_HEADERS_EXCLUDE)));
        return new EntryConverter(
                new TopicNames(topicTemplate()),
                new RecordKeys(keyMode(), codec(), partitions()),
                valueFormat(),
                deletes(),
                headers);
    }

    private ValueFormat valueFormat() {
        return switch (valueMode()) {
            case BYTES -> ValueFormat.BYTES;
            case STRING -> ValueFormat.TEXT;
            case JSON -> new JsonValues();
            case ENVELOPE ->
                new Envelope(
                        config.getString(ENVELOPE_VALUE).equals("string") ? ValueFormat.TEXT : ValueFormat.BYTES,
                        config.getBoolean(WatchSettings.META_ONLY),
                        withPrevious());
        };
    }

    /** What stored keys are called in the topic. */
    KeyMapping keyMapping() {
        return codec() == KeyCodec.NONE ? KeyMapping.SAME : new CodecMapping(codec());
    }

    private KeyCodec codec() {
        return CODECS.stream()
                .filter(codec -> codec.toString().equals(config.getString(KEY_CODEC)))
                .findFirst()
                .orElseThrow();
    }

    Undecodable undecodable() {
        return new Undecodable(decodePolicy(), deadLetterTopic().orElse(null), valueMode() == ValueMode.STRING);
    }

    Policy decodePolicy() {
        return Policy.valueOf(upper(ERRORS_DECODE));
    }

    Optional<String> deadLetterTopic() {
        String topic = config.getString(ERRORS_DECODE_TOPIC);
        return topic == null || topic.isBlank() ? Optional.empty() : Optional.of(topic);
    }

    LoopPrevention loopPrevention() {
        return config.getBoolean(LOOP_PREVENTION)
                ? new LoopPrevention(new NamePatterns(config.getList(LOOP_PREVENTION_TOPICS)))
                : LoopPrevention.OFF;
    }

    boolean isLoopPrevented() {
        return config.getBoolean(LOOP_PREVENTION);
    }

    private String upper(String setting) {
        return config.getString(setting).toUpperCase(Locale.ROOT);
    }

    private static List<String> names() {
        return Arrays.stream(Own.values()).map(Own::setting).toList();
    }

    private static void checkPartitions(String name, Object value) {
        if (value instanceof Integer number && number < 1) {
            throw new ConfigException(name, value, "must be 1 or more");
        }
    }

    private static void checkOwnHeaders(String name, Object value) {
        if (value instanceof List<?> list && !names().containsAll(list)) {
            throw new ConfigException(name, value, "known are " + Own.list());
        }
    }

    private static void checkNames(String name, Object value) {
        if (value instanceof List<?> list && list.contains("")) {
            throw new ConfigException(name, value, "a name is empty");
        }
    }

    private static void checkTopics(String name, Object value) {
        if (value instanceof List<?> list && list.isEmpty()) {
            throw new ConfigException(name, value, "must not be empty");
        }
        checkNames(name, value);
    }

    private static void checkTopic(String name, Object value) {
        if (value != null && !TopicNames.isLegal((String) value)) {
            throw new ConfigException(name, value, "up to 249 letters, digits, dots, - and _ are allowed");
        }
    }
}
