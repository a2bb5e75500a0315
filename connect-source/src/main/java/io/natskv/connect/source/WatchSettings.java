package io.natskv.connect.source;

import io.natskv.core.error.KvException;
import io.natskv.core.key.KeyFilter;
import io.natskv.core.key.KvNames;
import io.natskv.core.watch.WatchStart;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.LambdaValidator;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigException;

/** The settings of what to read, and from where on. */
final class WatchSettings {
    static final String BUCKETS = "kv.buckets";
    static final String BUCKETS_PATTERN = "kv.buckets.pattern";
    static final String DISCOVERY_INTERVAL_MS = "kv.buckets.discovery.interval.ms";
    static final String KEY_FILTERS = "kv.key.filters";
    static final String IGNORE_DELETES = "kv.ignore.deletes";
    static final String META_ONLY = "kv.meta.only";
    static final String START_MODE = "start.mode";
    static final String START_REVISION = "start.revision";
    static final String START_TIME = "start.time";
    static final String ON_POSITION_LOST = "on.position.lost";

    private static final String GROUP = "Watch";

    private final AbstractConfig config;

    /** What to read at the first start. */
    enum StartMode {
        SNAPSHOT,
        HISTORY,
        UPDATES_ONLY,
        REVISION,
        TIME
    }

    /** What to do when the bucket behind the offset is not the one that is there. */
    enum OnPositionLost {
        FAIL,
        SNAPSHOT,
        CONTINUE
    }

    WatchSettings(AbstractConfig config) {
        this.config = config;
    }

    static ConfigDef define(ConfigDef def) {
        int order = 0;
        return def.define(
                        BUCKETS,
                        Type.LIST,
                        List.of(),
                        new Names("bucket names without repetition", WatchSettings::checkBuckets),
                        Importance.HIGH,
                        "The buckets to read. Either these or " + BUCKETS_PATTERN + ".",
                        GROUP,
                        ++order,
                        Width.LONG,
                        "Buckets")
                .define(
                        BUCKETS_PATTERN,
                        Type.STRING,
                        null,
                        LambdaValidator.with(WatchSettings::checkPattern, () -> "a Java regular expression"),
                        Importance.MEDIUM,
                        "Java regular expression that must match the whole name of a bucket, as topics.regex does for topics: orders-.* for "
                                + "example. Buckets that are made or deleted while the connector runs are noticed. Buckets that are mirrors of others "
                                + "are not found this way; name them in " + BUCKETS + ".",
                        GROUP,
                        ++order,
                        Width.LONG,
                        "Pattern of buckets")
                .define(
                        DISCOVERY_INTERVAL_MS,
                        Type.INT,
                        10_000,
                        Range.between(100, 86_400_000),
                        Importance.LOW,
                        "How often the server is asked which buckets there are, in milliseconds, with "
                                + BUCKETS_PATTERN
                                + ". When the set has changed, the connector's tasks are shared out anew, which restarts them.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Discovery interval (ms)")
                .define(
                        KEY_FILTERS,
                        Type.LIST,
                        ">",
                        new Names("key filters without overlap", WatchSettings::checkFilters),
                        Importance.MEDIUM,
                        "Which keys to read: filters with * for one token and > for the rest, for example orders.>,users.*.name. They must "
                                + "not overlap. Each filter of each bucket is a source partition with an offset of its own; tasks share them out. "
                                + "They select stored keys, whatever record.key.codec makes of them.",
                        GROUP,
                        ++order,
                        Width.LONG,
                        "Key filters")
                .define(
                        IGNORE_DELETES,
                        Type.BOOLEAN,
                        false,
                        Importance.LOW,
                        "Leave out deletes, purges and expiries. The topic is no true copy of the bucket then.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Ignore deletes")
                .define(
                        META_ONLY,
                        Type.BOOLEAN,
                        false,
                        Importance.LOW,
                        "Leave out the values: the server does not even send them. Needs record.value=envelope, which has the size of the value "
                                + "instead; as plain records they could not be told from deletes or empty values.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Without values")
                .define(
                        START_MODE,
                        Type.STRING,
                        "snapshot",
                        ConfigDef.ValidString.in("snapshot", "history", "updates_only", "revision", "time"),
                        Importance.MEDIUM,
                        "What to read where there is no offset yet: the last entry of each key (snapshot), every revision that the bucket "
                                + "still keeps (history), only what changes from then on (updates_only), every revision from "
                                + START_REVISION
                                + " on (revision) or from " + START_TIME + " on (time); then all changes.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Start mode")
                .define(
                        START_REVISION,
                        Type.LONG,
                        null,
                        LambdaValidator.with(WatchSettings::checkRevision, () -> "[1,...]"),
                        Importance.LOW,
                        "The first revision to read, with " + START_MODE
                                + "=revision. Of several buckets it is the revision in each of them.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "First revision")
                .define(
                        START_TIME,
                        Type.STRING,
                        null,
                        LambdaValidator.with(
                                WatchSettings::checkTime, () -> "a time in UTC as in 2026-01-31T12:00:00Z"),
                        Importance.LOW,
                        "The time from which on to read, with " + START_MODE
                                + "=time: revisions that the server stored then or later. ISO-8601 in UTC, as in 2026-01-31T12:00:00Z.",
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Start time")
                .define(
                        ON_POSITION_LOST,
                        Type.STRING,
                        "fail",
                        ConfigDef.ValidString.in("fail", "snapshot", "continue"),
                        Importance.MEDIUM,
                        "What to do when the bucket is not the one that the offset was taken in, because it was deleted and made again or "
                                + "restored: fail the task; begin anew with a snapshot; or continue with what changes from then on, without what is in the "
                                + "bucket already, which reconciliation makes good if it is on.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "On position lost");
    }

    /** Empty if they are found by {@link #bucketsPattern}. */
    List<String> buckets() {
        return config.getList(BUCKETS);
    }

    Optional<Pattern> bucketsPattern() {
        String pattern = config.getString(BUCKETS_PATTERN);
        return pattern == null || pattern.isBlank() ? Optional.empty() : Optional.of(Pattern.compile(pattern));
    }

    Duration discoveryInterval() {
        return Duration.ofMillis(config.getInt(DISCOVERY_INTERVAL_MS));
    }

    List<String> filters() {
        return config.getList(KEY_FILTERS);
    }

    /** Whether the worker, if it works exactly-once, ends a transaction now and then rather than with each batch. */
    boolean endsTransactionsByTime() {
        Object boundary = config.originals().get("transaction.boundary");
        return boundary != null && !boundary.toString().trim().equalsIgnoreCase("poll");
    }

    boolean ignoreDeletes() {
        return config.getBoolean(IGNORE_DELETES);
    }

    boolean metaOnly() {
        return config.getBoolean(META_ONLY);
    }

    StartMode startMode() {
        return StartMode.valueOf(config.getString(START_MODE).toUpperCase(Locale.ROOT));
    }

    /** Where to begin without an offset; revision or time are there, validation has seen to it. */
    WatchStart start() {
        return switch (startMode()) {
            case SNAPSHOT -> WatchStart.snapshot();
            case HISTORY -> WatchStart.history();
            case UPDATES_ONLY -> WatchStart.updatesOnly();
            case REVISION -> new WatchStart.FromRevision(required(START_REVISION, config.getLong(START_REVISION)));
            case TIME -> new WatchStart.FromTime(Instant.parse(required(START_TIME, config.getString(START_TIME))));
        };
    }

    private <T> T required(String setting, T value) {
        if (value == null) {
            throw new ConfigException(
                    setting, null, "is needed with " + START_MODE + "=" + config.getString(START_MODE));
        }
        return value;
    }

    OnPositionLost onPositionLost() {
        return OnPositionLost.valueOf(config.getString(ON_POSITION_LOST).toUpperCase(Locale.ROOT));
    }

    private static void checkBuckets(List<String> buckets) {
        buckets.forEach(KvNames::checkBucket);
        if (new HashSet<>(buckets).size() < buckets.size()) {
            throw new IllegalArgumentException("a bucket is named twice");
        }
    }

    private static void checkPattern(String name, Object value) {
        try {
            if (value != null) {
                Pattern.compile((String) value);
            }
        } catch (PatternSyntaxException e) {
            throw new ConfigException(name, value, "is no regular expression: " + e.getDescription());
        }
    }

    private static void checkFilters(List<String> patterns) {
        if (patterns.isEmpty()) {
            throw new IllegalArgumentException("must not be empty");
        }
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

    private static void checkRevision(String name, Object value) {
        if (value instanceof Long revision && revision < 1) {
            throw new ConfigException(name, value, "revisions start at 1");
        }
    }

    private static void checkTime(String name, Object value) {
        try {
            if (value != null) {
                Instant.parse((String) value);
            }
        } catch (DateTimeException e) {
            throw new ConfigException(name, value, "must be a time in UTC as in 2026-01-31T12:00:00Z");
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
}
