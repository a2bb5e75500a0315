package io.natskv.connect.source;

import io.natskv.connect.source.EntryConverter.Deletes;
import io.natskv.connect.source.RecordKeys.KeyMode;
import io.natskv.connect.source.WatchSettings.StartMode;
import io.natskv.connect.source.reconcile.ReconcileSettings;
import io.natskv.core.connect.GivenSettings;
import io.natskv.core.connect.NameTemplate;
import io.natskv.core.key.KvNames;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/** The checks of what happens beside the watch: reconciliation, heartbeats, notifications, signals. */
final class SideChecks {
    private static final String KEY_CONVERTER = "key.converter";
    private static final String TRANSFORMS = "transforms";
    private static final String KAFKA_TRANSFORMS = "org.apache.kafka.connect.transforms.";

    /** Kafka's transforms that leave alone by what a record is recognised in the topic: its key, topic and timestamp, and that it is there. */
    private static final Set<String> HARMLESS = Set.of(
            "Cast$Value",
            "DropHeaders",
            "ExtractField$Value",
            "Flatten$Value",
            "HeaderFrom$Key",
            "HeaderFrom$Value",
            "HoistField$Value",
            "InsertField$Value",
            "InsertHeader",
            "MaskField$Value",
            "ReplaceField$Value",
            "SetSchemaMetadata$Key",
            "SetSchemaMetadata$Value",
            "TimestampConverter$Value");

    private final Map<String, String> settings;
    private final SourceConfig config;
    private final BiConsumer<String, String> errors;

    /** @param errors takes a setting and what is wrong about it */
    SideChecks(Map<String, String> settings, SourceConfig config, BiConsumer<String, String> errors) {
        this.settings = settings;
        this.config = config;
        this.errors = errors;
    }

    void run() {
        checkTopics();
        checkSignals();
        if (config.reconcile().isOn()) {
            checkBrokers();
            checkReconciledRecords();
            checkReconciledTopics();
            checkTransforms();
        }
    }

    /** Only as far as the topics of the records are known without a bucket. */
    private void checkTopics() {
        NameTemplate template = config.records().topicTemplate();
        Map<String, Optional<String>> topics = Map.of(
                LivenessSettings.HEARTBEAT_TOPIC, config.liveness().heartbeatTopic(),
                LivenessSettings.NOTIFICATION_TOPIC, config.liveness().notificationTopic());
        topics.forEach((setting, topic) -> topic.ifPresent(name -> {
            boolean constant = template.isConstant() && name.equals(template.toString());
            boolean ofBucket = !template.uses(TopicNames.KEY)
                    && config.watch().buckets().stream()
                            .anyMatch(bucket -> name.equals(template.render(variable -> bucket)));
            if (constant || ofBucket) {
                errors.accept(setting, "Is the topic of the buckets' records; give it a topic of its own");
            }
        }));
    }

    private void checkSignals() {
        LivenessSettings liveness = config.liveness();
        if (liveness.signalBucket().isPresent() && !KvNames.isValidKey(liveness.signalKey())) {
            errors.accept(
                    LivenessSettings.SIGNAL_KEY,
                    "Is needed: the connector's name \"" + liveness.signalKey() + "\" can't be a key");
        }
    }

    private void checkBrokers() {
        if (config.getList(ReconcileSettings.BOOTSTRAP_SERVERS).isEmpty()) {
            errors.accept(
                    ReconcileSettings.BOOTSTRAP_SERVERS,
                    "Is needed with " + ReconcileSettings.RECONCILE
                            + ": the brokers, host:port, to read the topic from");
        }
    }

    private void checkReconciledRecords() {
        RecordSettings records = config.records();
        if (records.keyMode() != KeyMode.KEY) {
            refuse(RecordSettings.RECORD_KEY + "=key: a tombstone for a key without its revision removes nothing else");
        }
        if (records.deletes() == Deletes.ENVELOPE) {
            refuse("deletes that are tombstones: set " + RecordSettings.RECORD_DELETE
                    + "=tombstone or envelope_and_tombstone");
        }
        if (config.watch().ignoreDeletes()) {
            refuse(WatchSettings.IGNORE_DELETES + "=false: a topic without deletes is no copy of the bucket");
        }
        if (config.watch().metaOnly()) {
            refuse(WatchSettings.META_ONLY + "=false");
        }
        if (records.isLoopPrevented()) {
            refuse(RecordSettings.LOOP_PREVENTION
                    + "=false: what came from the other side is not in the topic, and would be written there");
        }
        StartMode start = config.watch().startMode();
        if (start != StartMode.SNAPSHOT && start != StartMode.HISTORY) {
            refuse(WatchSettings.START_MODE
                    + "=snapshot or history: with another one the topic is no copy of the bucket");
        }
        String converter = GivenSettings.text(settings, KEY_CONVERTER);
        String simple = converter.substring(converter.lastIndexOf('.') + 1);
        if (!simple.equals("StringConverter") && !simple.equals("String")) {
            errors.accept(
                    KEY_CONVERTER,
                    ReconcileSettings.RECONCILE
                            + " recognises keys as texts only: set it to org.apache.kafka.connect.storage.StringConverter here");
        }
    }

    private void checkReconciledTopics() {
        NameTemplate template = config.records().topicTemplate();
        boolean several = config.watch().buckets().size() != 1;
        if (template.uses(TopicNames.KEY)) {
            refuse("one topic for each bucket: " + RecordSettings.TOPIC_TEMPLATE + " must not depend on the key");
        } else if (several && !template.render(variable -> "<>").contains("<>")) {
            refuse("a topic for each bucket: put ${bucket} into " + RecordSettings.TOPIC_TEMPLATE);
        }
    }

    private void checkTransforms() {
        List<String> types = Arrays.stream(
                        GivenSettings.text(settings, TRANSFORMS).split(","))
                .map(name -> GivenSettings.text(settings, TRANSFORMS + "." + name.trim() + ".type"))
                .filter(type -> !type.isEmpty())
                .toList();
        for (String type : types) {
            boolean harmless =
                    type.startsWith(KAFKA_TRANSFORMS) && HARMLESS.contains(type.substring(KAFKA_TRANSFORMS.length()));
            if (!harmless) {
                errors.accept(
                        TRANSFORMS,
                        ReconcileSettings.RECONCILE + " can't be used with " + type
                                + ", which may change keys or topics, or drop records. Known to be harmless are, of Kafka's own, "
                                + String.join(", ", HARMLESS.stream().sorted().toList()));
            }
        }
    }

    private void refuse(String needed) {
        errors.accept(ReconcileSettings.RECONCILE, "Needs " + needed);
    }
}
