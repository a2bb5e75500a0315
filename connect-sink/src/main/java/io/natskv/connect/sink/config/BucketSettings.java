package io.natskv.connect.sink.config;

import io.nats.client.api.CompressionOption;
import io.nats.client.api.Placement;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.natskv.core.bucket.BucketConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigException;

/** What the buckets are to be like: those that are created get these settings, those that are there are compared. */
public final class BucketSettings {
    public static final String CREATE = "bucket.create";
    public static final String HISTORY = "bucket.history";
    public static final String TTL_MS = "bucket.ttl.ms";
    public static final String LIMIT_MARKER_TTL_MS = "bucket.limit.marker.ttl.ms";
    public static final String STORAGE = "bucket.storage";
    public static final String REPLICAS = "bucket.replicas";
    public static final String PLACEMENT_CLUSTER = "bucket.placement.cluster";
    public static final String PLACEMENT_TAGS = "bucket.placement.tags";
    public static final String COMPRESSION = "bucket.compression";
    public static final String MAX_BYTES = "bucket.max.bytes";
    public static final String MAX_VALUE_SIZE = "bucket.max.value.size";
    public static final String DESCRIPTION = "bucket.description";

    private static final String GROUP = "Buckets";

    private final AbstractConfig config;

    BucketSettings(AbstractConfig config) {
        this.config = config;
    }

    static void define(ConfigDef def) {
        int order = 0;
        def.define(
                        CREATE,
                        Type.BOOLEAN,
                        false,
                        Importance.MEDIUM,
                        "Create a bucket that does not exist when the first record for it comes, with the settings below. One that exists is "
                                + "never changed; what differs from these settings is told in the log. Off, a missing bucket fails the task, so that a "
                                + "mistyped name makes no bucket.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Create buckets")
                .define(
                        HISTORY,
                        Type.INT,
                        1,
                        Range.between(1, 64),
                        Importance.MEDIUM,
                        "How many revisions of a key a created bucket keeps.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "History")
                .define(
                        TTL_MS,
                        Type.LONG,
                        0L,
                        Range.atLeast(0),
                        Importance.LOW,
                        "How long a created bucket keeps any revision, in milliseconds; 0 for ever.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Time to live (ms)")
                .define(
                        LIMIT_MARKER_TTL_MS,
                        Type.LONG,
                        0L,
                        new ZeroOrAtLeast(1_000),
                        Importance.LOW,
                        "How long the server keeps the marker that it leaves for an entry that expired, in milliseconds, 1000 or more; 0 for no "
                                + "markers. Needs server 2.11, and is needed for " + SinkConfig.RECORD_TTL + ".",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Limit markers (ms)")
                .define(
                        STORAGE,
                        Type.STRING,
                        "file",
                        ValidString.in("file", "memory"),
                        Importance.LOW,
                        "Where a created bucket is kept.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Storage")
                .define(
                        REPLICAS,
                        Type.INT,
                        1,
                        Range.between(1, 5),
                        Importance.MEDIUM,
                        "On how many servers of a cluster a created bucket is kept.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Replicas")
                .define(
                        PLACEMENT_CLUSTER,
                        Type.STRING,
                        "",
                        Importance.LOW,
                        "The cluster that is to hold a created bucket.",
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Placement: cluster")
                .define(
                        PLACEMENT_TAGS,
                        Type.LIST,
                        "",
                        Importance.LOW,
                        "Tags that the servers must have that hold a created bucket.",
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Placement: tags")
                .define(
                        COMPRESSION,
                        Type.BOOLEAN,
                        false,
                        Importance.LOW,
                        "Compress a created bucket on disk (server 2.10).",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Compression")
                .define(
                        MAX_BYTES,
                        Type.LONG,
                        -1L,
                        Range.atLeast(-1),
                        Importance.LOW,
                        "Size limit of a created bucket in bytes; -1 for none. A bucket that is full takes no writes, deletes neither.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Size limit")
                .define(
                        MAX_VALUE_SIZE,
                        Type.INT,
                        -1,
                        Range.atLeast(-1),
                        Importance.LOW,
                        "Size limit of a value with its headers in a created bucket, in bytes; -1 for none.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Value size limit")
                .define(
                        DESCRIPTION,
                        Type.STRING,
                        "",
                        Importance.LOW,
                        "Description of a created bucket.",
                        GROUP,
                        ++order,
                        Width.LONG,
                        "Description");
    }

    /** Whether buckets that are missing are to be created. */
    public boolean create() {
        return config.getBoolean(CREATE);
    }

    /** The settings of a bucket. */
    public BucketConfig of(String bucket) {
        BucketConfig.Builder builder = BucketConfig.builder(bucket)
                .description(text(DESCRIPTION))
                .history(config.getInt(HISTORY))
                .ttl(Duration.ofMillis(config.getLong(TTL_MS)))
                .maxBytes(config.getLong(MAX_BYTES))
                .maxValueSize(config.getInt(MAX_VALUE_SIZE))
                .storage("memory".equals(config.getString(STORAGE)) ? StorageType.Memory : StorageType.File)
                .replicas(config.getInt(REPLICAS))
                .compression(config.getBoolean(COMPRESSION));
        if (config.getLong(LIMIT_MARKER_TTL_MS) > 0) {
            builder.limitMarkerTtl(Duration.ofMillis(config.getLong(LIMIT_MARKER_TTL_MS)));
        }
        placement().ifPresent(builder::placement);
        return builder.build();
    }

    /**
     * Where a bucket that is there differs from what was asked for, setting by setting: {@code bucket.history=5 (it has 1)}. Settings that
     * nobody gave ask for nothing.
     */
    public List<String> differences(StreamConfiguration found) {
        BucketConfig wanted = of("any");
        List<String> differences = new ArrayList<>();
        compare(differences, HISTORY, (long) wanted.history(), found.getMaxMsgsPerSubject());
        compare(differences, TTL_MS, config.getLong(TTL_MS), found.getMaxAge().toMillis());
        compare(differences, LIMIT_MARKER_TTL_MS, config.getLong(LIMIT_MARKER_TTL_MS), markerMillis(found));
        compare(
                differences,
                STORAGE,
                wanted.storage().toString(),
                found.getStorageType().toString());
        compare(differences, REPLICAS, wanted.replicas(), found.getReplicas());
        compare(differences, COMPRESSION, wanted.compression(), found.getCompressionOption() == CompressionOption.S2);
        compare(differences, MAX_BYTES, wanted.maxBytes(), found.getMaxBytes());
        compare(differences, MAX_VALUE_SIZE, wanted.maxValueSize(), found.getMaximumMessageSize());
        compare(
                differences,
                DESCRIPTION,
                wanted.description(),
                found.getDescription() == null ? "" : found.getDescription());
        Placement placement = found.getPlacement();
        String cluster = placement == null || placement.getCluster() == null ? "" : placement.getCluster();
        compare(differences, PLACEMENT_CLUSTER, text(PLACEMENT_CLUSTER), cluster);
        List<String> tags = placement == null || placement.getTags() == null ? List.of() : placement.getTags();
        compare(differences, PLACEMENT_TAGS, tags(), tags);
        return differences;
    }

    private static long markerMillis(StreamConfiguration found) {
        Duration ttl = found.getSubjectDeleteMarkerTtl();
        return ttl == null ? 0 : ttl.toMillis();
    }

    private void compare(List<String> differences, String setting, Object wanted, Object found) {
        if (config.originals().get(setting) != null && !wanted.equals(found)) {
            differences.add(setting + "=" + wanted + " (it has " + found + ")");
        }
    }

    private List<String> tags() {
        return Stream.ofNullable(config.getList(PLACEMENT_TAGS))
                .flatMap(List::stream)
                .filter(tag -> !tag.isBlank())
                .toList();
    }

    private Optional<Placement> placement() {
        String cluster = text(PLACEMENT_CLUSTER);
        List<String> tags = tags();
        if (cluster.isEmpty() && tags.isEmpty()) {
            return Optional.empty();
        }
        Placement.Builder placement = Placement.builder();
        if (!cluster.isEmpty()) {
            placement.cluster(cluster);
        }
        if (!tags.isEmpty()) {
            placement.tags(tags);
        }
        return Optional.of(placement.build());
    }

    private String text(String setting) {
        return config.getString(setting) == null
                ? ""
                : config.getString(setting).trim();
    }

    /** @param least the smallest that is not 0 */
    private record ZeroOrAtLeast(long least) implements ConfigDef.Validator {
        @Override
        public void ensureValid(String name, Object value) {
            if (value instanceof Long number && number != 0 && number < least) {
                throw new ConfigException(name, value, "must be 0, or " + least + " or more");
            }
        }

        @Override
        public String toString() {
            return "0 or [" + least + ",...]";
        }
    }
}
