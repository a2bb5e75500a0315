package io.natskv.connect.source;

import io.natskv.core.error.KvException;
import io.natskv.core.key.KeyFilter;
import io.natskv.core.key.KvNames;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.LambdaValidator;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigException;

/** The settings of heartbeats, notifications and signals. */
final class LivenessSettings {
    static final String HEARTBEAT_INTERVAL_MS = "heartbeat.interval.ms";
    static final String HEARTBEAT_TOPIC = "heartbeat.topic";
    static final String NOTIFICATION_TOPIC = "notification.topic";
    static final String SIGNAL_BUCKET = "signal.bucket";
    static final String SIGNAL_KEY = "signal.key";

    private static final String GROUP = "Heartbeats, notifications, signals";

    private final AbstractConfig config;

    LivenessSettings(AbstractConfig config) {
        this.config = config;
    }

    static ConfigDef define(ConfigDef def) {
        int order = 0;
        return def.define(
                        HEARTBEAT_TOPIC,
                        Type.STRING,
                        "",
                        LambdaValidator.with(LivenessSettings::checkTopic, () -> "a topic name, or nothing"),
                        Importance.MEDIUM,
                        "Topic into which a record is written for each bucket and filter every " + HEARTBEAT_INTERVAL_MS
                                + ", also while nothing changes: it stores the offset, and shows that the connector is alive. Without it the "
                                + "offset stays where the last record was: entries that are left out are read again after a restart, and with "
                                + "start.mode=updates_only what changes before the first record is lost with the task.",
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Heartbeat topic")
                .define(
                        HEARTBEAT_INTERVAL_MS,
                        Type.INT,
                        30_000,
                        Range.between(100, 86_400_000),
                        Importance.LOW,
                        "How often a heartbeat is written, in milliseconds. The first comes as soon as the bucket is reached.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Heartbeat interval (ms)")
                .define(
                        NOTIFICATION_TOPIC,
                        Type.STRING,
                        "",
                        LambdaValidator.with(LivenessSettings::checkTopic, () -> "a topic name, or nothing"),
                        Importance.LOW,
                        "Topic into which it is written when a snapshot starts and ends, reading is interrupted and goes on, a position is "
                                + "lost, or a signal pauses or resumes reading.",
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Notification topic")
                .define(
                        SIGNAL_BUCKET,
                        Type.STRING,
                        "",
                        LambdaValidator.with(LivenessSettings::checkBucket, () -> "a bucket name, or nothing"),
                        Importance.LOW,
                        "Bucket in which signals to this connector are put: JSON objects with \"type\" snapshot, pause or resume, \"bucket\" "
                                + "(all, if it is left out), for a snapshot \"filter\" (all keys, if it is left out) and \"id\". Needs server 2.10.",
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Signal bucket")
                .define(
                        SIGNAL_KEY,
                        Type.STRING,
                        "",
                        LambdaValidator.with(LivenessSettings::checkKey, () -> "a key, or nothing"),
                        Importance.LOW,
                        "Key of the signals; keys that begin with it and a dot are read too. Default: the connector's name.",
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Signal key");
    }

    Optional<String> heartbeatTopic() {
        return text(HEARTBEAT_TOPIC);
    }

    Duration heartbeatInterval() {
        return Duration.ofMillis(config.getInt(HEARTBEAT_INTERVAL_MS));
    }

    Optional<String> notificationTopic() {
        return text(NOTIFICATION_TOPIC);
    }

    Optional<String> signalBucket() {
        return text(SIGNAL_BUCKET);
    }

    /** The key, or the connector's name, which may be none that a bucket takes. */
    String signalKey() {
        Object connector = config.originals().get("name");
        return text(SIGNAL_KEY).orElseGet(() -> connector == null ? "" : connector.toString());
    }

    List<KeyFilter> signalFilters() {
        return List.of(new KeyFilter(signalKey()), new KeyFilter(signalKey() + ".>"));
    }

    private Optional<String> text(String setting) {
        return Optional.of(config.getString(setting).trim()).filter(text -> !text.isEmpty());
    }

    private static void checkTopic(String name, Object value) {
        if (value instanceof String topic && !topic.isBlank() && !TopicNames.isLegal(topic.trim())) {
            throw new ConfigException(name, value, "up to 249 letters, digits, dots, - and _ are allowed");
        }
    }

    private static void checkBucket(String name, Object value) {
        check(name, value, () -> KvNames.checkBucket(((String) value).trim()));
    }

    private static void checkKey(String name, Object value) {
        check(name, value, () -> KvNames.checkKey(((String) value).trim()));
    }

    private static void check(String name, Object value, Runnable check) {
        try {
            if (value instanceof String text && !text.isBlank()) {
                check.run();
            }
        } catch (KvException e) {
            throw new ConfigException(name, value, e.getMessage());
        }
    }
}
