package io.natskv.connect.source;

import io.natskv.connect.source.EntryConverter.Deletes;
import io.natskv.connect.source.Undecodable.Policy;
import io.natskv.connect.source.ValueFormat.ValueMode;
import io.natskv.connect.source.WatchSettings.StartMode;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;

/** The connector's own settings that make sense only together, or not together. */
final class SettingChecks {
    /** Settings without which a start mode says nothing, and which say nothing without it. */
    private static final Map<StartMode, String> OF_START_MODE =
            Map.of(StartMode.REVISION, WatchSettings.START_REVISION, StartMode.TIME, WatchSettings.START_TIME);

    private final SourceConfig config;
    private final WatchSettings watch;
    private final RecordSettings records;
    private final BiConsumer<String, String> errors;

    /** @param errors takes a setting and what is wrong about it */
    SettingChecks(SourceConfig config, BiConsumer<String, String> errors) {
        this.config = config;
        this.watch = config.watch();
        this.records = config.records();
        this.errors = errors;
    }

    void run() {
        checkBuckets();
        checkStart();
        checkRecords();
        checkDeadLetters();
    }

    private void checkBuckets() {
        boolean named = !watch.buckets().isEmpty();
        boolean pattern = watch.bucketsPattern().isPresent();
        if (!named && !pattern) {
            errors.accept(
                    WatchSettings.BUCKETS,
                    "Name the buckets to read, or set " + WatchSettings.BUCKETS_PATTERN
                            + ", which their names must match");
        } else if (named && pattern) {
            errors.accept(
                    WatchSettings.BUCKETS_PATTERN,
                    "Set either " + WatchSettings.BUCKETS + " or " + WatchSettings.BUCKETS_PATTERN + ", not both");
        }
    }

    private void checkStart() {
        OF_START_MODE.forEach((mode, setting) -> {
            boolean isSet = config.values().get(setting) != null;
            String value = mode.name().toLowerCase(Locale.ROOT);
            if (watch.startMode() == mode && !isSet) {
                errors.accept(setting, "Is needed with " + WatchSettings.START_MODE + "=" + value);
            } else if (watch.startMode() != mode && isSet) {
                errors.accept(setting, "Means nothing without " + WatchSettings.START_MODE + "=" + value);
            }
        });
    }

    private void checkRecords() {
        boolean envelope = records.valueMode() == ValueMode.ENVELOPE;
        if (records.deletes() != Deletes.TOMBSTONE && !envelope) {
            errors.accept(
                    RecordSettings.RECORD_DELETE,
                    "Without " + RecordSettings.RECORD_VALUE + "=envelope a delete can only be a tombstone");
        }
        if (records.deletes() != Deletes.TOMBSTONE && watch.ignoreDeletes()) {
            errors.accept(RecordSettings.RECORD_DELETE, "Means nothing with " + WatchSettings.IGNORE_DELETES + "=true");
        }
        if (watch.metaOnly() && !envelope) {
            errors.accept(
                    WatchSettings.META_ONLY,
                    "Needs " + RecordSettings.RECORD_VALUE
                            + "=envelope: a plain record without value could not be told from a delete");
        }
        if (records.withPrevious() && (!envelope || watch.metaOnly())) {
            errors.accept(
                    RecordSettings.ENVELOPE_PREVIOUS,
                    "Needs " + RecordSettings.RECORD_VALUE + "=envelope, and values that are not left out");
        }
        if (records.natsHeaders().isEmpty()
                && !config.getList(RecordSettings.NATS_HEADERS_EXCLUDE).isEmpty()) {
            errors.accept(
                    RecordSettings.NATS_HEADERS_EXCLUDE,
                    "Means nothing without " + RecordSettings.NATS_HEADERS_INCLUDE + ": no header is passed on then");
        }
    }

    private void checkDeadLetters() {
        boolean wanted = records.decodePolicy() == Policy.DEAD_LETTER;
        if (wanted && records.deadLetterTopic().isEmpty()) {
            errors.accept(
                    RecordSettings.ERRORS_DECODE_TOPIC,
                    "Is needed with " + RecordSettings.ERRORS_DECODE + "=dead_letter");
        } else if (!wanted && records.deadLetterTopic().isPresent()) {
            errors.accept(
                    RecordSettings.ERRORS_DECODE_TOPIC,
                    "Means nothing without " + RecordSettings.ERRORS_DECODE + "=dead_letter");
        }
    }
}
