package io.natskv.connect.source;

import io.natskv.connect.source.EntryConverter.KeyMode;
import io.natskv.core.connect.ConnectionSettings;
import io.natskv.core.connect.NameTemplate;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.error.KvException;
import io.natskv.core.key.KeyFilter;
import io.natskv.core.key.KvNames;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.watch.WatchStart;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigException;

/** The settings of the source connector. */
final class SourceConfig extends AbstractConfig {
    static final String BUCKETS = "kv.buckets";
    static final String KEY_FILTERS = "kv.key.filters";
    static final String START_MODE = "start.mode";
    static final String ON_POSITION_LOST = "on.position.lost";
    static final String TOPIC_TEMPLATE = "topic.template";
    static final String RECORD_KEY = "record.key";
    static final String TOPIC_PARTITIONS = "topic.partitions";
    static final String BATCH_MAX_RECORDS = "batch.max.records";
    static final String BUFFER_MAX_ENTRIES = "buffer.max.entries";
    static final String BUFFER_MAX_BYTES = "buffer.max.bytes";
    static final String POLL_MAX_WAIT_MS = "poll.max.wait.ms";

    /** Connect's own setting for the topics that it creates. */
    static final String CREATED_PARTITIONS = "topic.creation.default.partitions";

    static final String CREATION_GROUPS = "topic.creation.groups";

    static final ConfigDef DEF = define();

    private static final String WATCH_GROUP = "Watch";
    private static final String RECORDS_GROUP = "Records";
    private static final String FLOW_GROUP = "Flow";

    /** What to read at the first start. */
    enum StartMode {
        SNAPSHOT,
        HISTORY,
        UPDATES_ONLY
    }

    /** What to do when the bucket behind the offset is not the one that is there. */
    enum OnPositionLost {
        FAIL,
        SNAPSHOT
    }

    SourceConfig(Map<String, String> settings) {
        super(DEF, settings, false);
    }

    private static ConfigDef define() {
        ConfigDef def = ConnectionSettings.define(new ConfigDef());
        int order = 0;
        def.define(
                        BUCKETS,
                        Type.LIST,
                        ConfigDef.NO_DEFAULT_VALUE,
                        new Names("bucket names without repetition", SourceConfig::checkBuckets),
                        Importance.HIGH,
                        "The buckets to read.",
                        WATCH_GROUP,
                        ++order,
                        Width.LONG,
                        "Buckets")
                .define(
                        KEY_FILTERS,
                        Type.LIST,
                        ">",
                        new Names("key filters without overlap", SourceConfig::checkFilters),
                        Importance.MEDIUM,
                        "Which keys to read: filters with * for one token and > for the rest, for example orders.>,users.*.name. They must "
                                + "not overlap. Each filter of each bucket is a source partition with an offset of its own; tasks share them out.",
                        WATCH_GROUP,
                        ++order,
                        Width.LONG,
                        "Key filters")
                .define(
                        START_MODE,
                        Type.STRING,
                        "snapshot",
                        ConfigDef.ValidString.in("snapshot", "history", "updates_only"),
                        Importance.MEDIUM,
                        "What to read where there is no offset yet: the last entry of each key (snapshot), every revision that the bucket "
                                + "still keeps (history), or only what changes from then on (updates_only); then all changes.",
                        WATCH_GROUP,
                        ++order,
                        Width.SHORT,
                        "Start mode")
                .define(
                        ON_POSITION_LOST,
                        Type.STRING,
                        "fail",
                        ConfigDef.ValidString.in("fail", "snapshot"),
                        Importance.MEDIUM,
                        "What to do when the bucket is not the one that the offset was taken in, because it was deleted and made again or "
                                + "restored: fail the task, or begin anew with a snapshot.",
                        WATCH_GROUP,
                        ++order,
                        Width.SHORT,
                        "On position lost");
        order = 0;
        def.define(
                        TOPIC_TEMPLATE,
                        Type.STRING,
                        "kv.${bucket}",
                        NameTemplate.validator(TopicNames.VARIABLES),
                        Importance.HIGH,
                        "Name of the topic. ${bucket} is the bucket, ${key} the key, ${key[0]} the first of its dot-separated tokens. An "
                                + "entry whose topic name would not be legal fails the task.",
                        RECORDS_GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Topic template")
                .define(
                        RECORD_KEY,
                        Type.STRING,
                        "key",
                        ConfigDef.ValidString.in("key", "key_and_revision"),
                        Importance.MEDIUM,
                        "What a record's key is: the key as a string, or a struct of key and revision, with which a compacted topic keeps "
                                + "every revision. In both modes all records of a key go to one partition, in the order of their revisions.",
                        RECORDS_GROUP,
                        ++order,
                        Width.SHORT,
                        "Record key")
                .define(
                        TOPIC_PARTITIONS,
                        Type.INT,
                        null,
                        new AtLeastOneOrUnset(),
                        Importance.MEDIUM,
                        "Number of partitions of the topic over which this connector spreads the keys, by the hash that Kafka's producer "
                                + "uses for a string key. Unset, the producer chooses, by the hash of the whole record key. With "
                                + RECORD_KEY
                                + "=key_and_revision that would tear the revisions of a key apart, so there it is needed, "
                                + "unless " + CREATED_PARTITIONS
                                + " says it. It must not be larger than the topic's real number: Kafka's producer waits for ever for a "
                                + "partition that is not there.",
                        RECORDS_GROUP,
                        ++order,
                        Width.SHORT,
                        "Partitions of the topic");
        order = 0;
        return def.define(
                        BATCH_MAX_RECORDS,
                        Type.INT,
                        2_000,
                        Range.between(1, 100_000),
                        Importance.LOW,
                        "How many records the task hands over at once. With exactly-once delivery this is also the size of a transaction.",
                        FLOW_GROUP,
                        ++order,
                        Width.SHORT,
                        "Records per batch")
                .define(
                        BUFFER_MAX_ENTRIES,
                        Type.INT,
                        10_000,
                        Range.between(2, 1_000_000),
                        Importance.LOW,
                        "How many entries may wait in the task, for each of its bucket and filter pairs.",
                        FLOW_GROUP,
                        ++order,
                        Width.SHORT,
                        "Buffered entries")
                .define(
                        BUFFER_MAX_BYTES,
                        Type.LONG,
                        16L << 20,
                        Range.atLeast(1024),
                        Importance.LOW,
                        "How many bytes of entries may wait in the task, for each of its bucket and filter pairs, and how many it hands over at "
                                + "once. A single larger entry still gets through.",
                        FLOW_GROUP,
                        ++order,
                        Width.SHORT,
                        "Buffered bytes")
                .define(
                        POLL_MAX_WAIT_MS,
                        Type.INT,
                        500,
                        Range.between(1, 1_000),
                        Importance.LOW,
                        "How long the task waits for a change before it lets the worker look for pause and stop, in milliseconds. Changes "
                                + "are handed over as they come, whatever this is.",
                        FLOW_GROUP,
                        ++order,
                        Width.SHORT,
                        "Longest wait (ms)");
    }

    List<String> buckets() {
        return getList(BUCKETS);
    }

    List<String> filters() {
        return getList(KEY_FILTERS);
    }

    StartMode startMode() {
        return StartMode.valueOf(getString(START_MODE).toUpperCase(Locale.ROOT));
    }

    WatchStart start() {
        return switch (startMode()) {
            case SNAPSHOT -> WatchStart.snapshot();
            case HISTORY -> WatchStart.history();
            case UPDATES_ONLY -> WatchStart.updatesOnly();
        };
    }

    OnPositionLost onPositionLost() {
        return OnPositionLost.valueOf(getString(ON_POSITION_LOST).toUpperCase(Locale.ROOT));
    }

    KeyMode keyMode() {
        return KeyMode.valueOf(getString(RECORD_KEY).toUpperCase(Locale.ROOT));
    }

    /** Over how many partitions we spread the keys ourselves; 0 for none. */
    int partitions() {
        Integer explicit = getInt(TOPIC_PARTITIONS);
        if (explicit != null) {
            return explicit;
        }
        if (keyMode() == KeyMode.KEY) {
            return 0;
        }
        Object groups = originals().get(CREATION_GROUPS);
        Object created = originals().get(CREATED_PARTITIONS);
        boolean known = created != null && (groups == null || groups.toString().isBlank());
        return known && created.toString().trim().matches("[1-9]\\d{0,5}")
                ? Integer.parseInt(created.toString().trim())
                : 0;
    }

    /** True if we spread the keys over a number of partitions that nobody told us about the topic, but about topics that are created. */
    boolean partitionsAreAssumed() {
        return getInt(TOPIC_PARTITIONS) == null && partitions() > 0;
    }

    EntryConverter converter() {
        NameTemplate template = NameTemplate.parse(getString(TOPIC_TEMPLATE), TopicNames.VARIABLES);
        return new EntryConverter(new TopicNames(template), keyMode(), partitions());
    }

    WatchOptions watchOptions(KeyFilter filter, WatchStart start) {
        return WatchOptions.DEFAULT
                .withFilters(List.of(filter))
                .withStart(start)
                .withBuffer(getInt(BUFFER_MAX_ENTRIES), bufferMaxBytes())
                .withConsumerPrefix("kvsource");
    }

    long bufferMaxBytes() {
        return getLong(BUFFER_MAX_BYTES);
    }

    int batchMaxRecords() {
        return getInt(BATCH_MAX_RECORDS);
    }

    Duration pollMaxWait() {
        return Duration.ofMillis(getInt(POLL_MAX_WAIT_MS));
    }

    NatsConnectionConfig connection(String name) {
        return ConnectionSettings.of(originalsStrings(), name);
    }

    private static void checkBuckets(List<String> buckets) {
        buckets.forEach(KvNames::checkBucket);
        if (new HashSet<>(buckets).size() < buckets.size()) {
            throw new IllegalArgumentException("a bucket is named twice");
        }
    }

    private static void checkFilters(List<String> patterns) {
        List<KeyFilter> filters = patterns.stream().map(KeyFilter::new).toList();
        for (int i = 0; i < filters.size(); i++) {
            for (int j = i + 1; j < filters.size(); j++) {
                if (filters.get(i).overlaps(filters.get(j))) {
                    throw new IllegalArgumentException("\"" + patterns.get(i) + "\" and \"" + patterns.get(j)
                            + "\" overlap; a key in both would be read twice");
                }
            }
        }
    }

    private static final class Names implements ConfigDef.Validator {
        private final String description;
        private final Consumer<List<String>> check;

        private Names(String description, Consumer<List<String>> check) {
            this.description = description;
            this.check = check;
        }

        @Override
        public void ensureValid(String name, Object value) {
            if (!(value instanceof List<?> list)) {
                return;
            }
            try {
                if (list.isEmpty()) {
                    throw new IllegalArgumentException("must not be empty");
                }
                check.accept(list.stream().map(String::valueOf).toList());
            } catch (KvException | IllegalArgumentException e) {
                throw new ConfigException(name, value, e.getMessage());
            }
        }

        @Override
        public String toString() {
            return description;
        }
    }

    private static final class AtLeastOneOrUnset implements ConfigDef.Validator {
        @Override
        public void ensureValid(String name, Object value) {
            if (value instanceof Integer number && number < 1) {
                throw new ConfigException(name, value, "must be 1 or more");
            }
        }

        @Override
        public String toString() {
            return "[1,...]";
        }
    }
}
