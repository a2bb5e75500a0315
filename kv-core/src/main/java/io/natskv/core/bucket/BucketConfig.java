package io.natskv.core.bucket;

import io.nats.client.api.Mirror;
import io.nats.client.api.Placement;
import io.nats.client.api.Republish;
import io.nats.client.api.Source;
import io.nats.client.api.StorageType;
import io.natskv.core.error.HistoryTooLargeException;
import io.natskv.core.key.KvNames;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The settings of a bucket that is to be created or updated (ADR-8). Immutable, made by {@link #builder}. */
public final class BucketConfig {
    private final Builder values;

    private BucketConfig(Builder values) {
        this.values = values;
    }

    /** A bucket on disk, one replica, history 1, without limits. */
    public static BucketConfig of(String bucket) {
        return builder(bucket).build();
    }

    public static Builder builder(String bucket) {
        return new Builder(bucket);
    }

    /** A builder that begins with these settings. */
    public Builder toBuilder() {
        return new Builder(values);
    }

    public String bucket() {
        return values.bucket;
    }

    public String description() {
        return values.description;
    }

    /** How many revisions of a key are kept. */
    public int history() {
        return values.history;
    }

    /** How long any revision is kept; empty for ever. */
    public Optional<Duration> ttl() {
        return Optional.ofNullable(values.ttl);
    }

    /** How long the markers stay that the server writes when a value expires; empty for no such markers and no time to live of a key. */
    public Optional<Duration> limitMarkerTtl() {
        return Optional.ofNullable(values.limitMarkerTtl);
    }

    /** Size limit in bytes; -1 for none. */
    public long maxBytes() {
        return values.maxBytes;
    }

    /** Size limit of value plus headers in bytes; -1 for none. */
    public int maxValueSize() {
        return values.maxValueSize;
    }

    public StorageType storage() {
        return values.storage;
    }

    public int replicas() {
        return values.replicas;
    }

    public Optional<Placement> placement() {
        return Optional.ofNullable(values.placement);
    }

    public Optional<Republish> republish() {
        return Optional.ofNullable(values.republish);
    }

    /** The bucket of which this one is a read-only copy. */
    public Optional<Mirror> mirror() {
        return Optional.ofNullable(values.mirror);
    }

    /** The buckets that flow into this one. */
    public List<Source> sources() {
        return values.sources;
    }

    public boolean compression() {
        return values.compression;
    }

    public Map<String, String> metadata() {
        return values.metadata;
    }

    @Override
    public String toString() {
        return "BucketConfig[" + values.bucket + " history=" + values.history + " ttl=" + values.ttl + " replicas="
                + values.replicas + " storage=" + values.storage + "]";
    }

    /** Collects the settings; not thread-safe. */
    public static final class Builder {
        private final String bucket;
        private String description = "";
        private int history = 1;
        private Duration ttl;
        private Duration limitMarkerTtl;
        private long maxBytes = -1;
        private int maxValueSize = -1;
        private StorageType storage = StorageType.File;
        private int replicas = 1;
        private Placement placement;
        private Republish republish;
        private Mirror mirror;
        private List<Source> sources = List.of();
        private boolean compression;
        private Map<String, String> metadata = Map.of();

        private Builder(String bucket) {
            this.bucket = KvNames.checkBucket(bucket);
        }

        private Builder(Builder other) {
            bucket = other.bucket;
            description = other.description;
            history = other.history;
            ttl = other.ttl;
            limitMarkerTtl = other.limitMarkerTtl;
            maxBytes = other.maxBytes;
            maxValueSize = other.maxValueSize;
            storage = other.storage;
            replicas = other.replicas;
            placement = other.placement;
            republish = other.republish;
            mirror = other.mirror;
            sources = other.sources;
            compression = other.compression;
            metadata = other.metadata;
        }

        public Builder description(String value) {
            description = value == null ? "" : value;
            return this;
        }

        /** How many revisions of a key are kept, 1 to 64. */
        public Builder history(int value) {
            history = value;
            return this;
        }

        /** How long any revision is kept; null or zero for ever. */
        public Builder ttl(Duration value) {
            ttl = value == null || value.isZero() ? null : value;
            return this;
        }

        /**
         * Lets the server leave a marker for what expires, and keys have a time to live of their own (server 2.11, ADR-43, ADR-48).
         *
         * @param value how long such a marker stays, a second or more; null for none
         */
        public Builder limitMarkerTtl(Duration value) {
            limitMarkerTtl = value;
            return this;
        }

        /** Size limit in bytes; 0 or less for none. */
        public Builder maxBytes(long value) {
            maxBytes = value <= 0 ? -1 : value;
            return this;
        }

        /** Size limit of value plus headers in bytes; 0 or less for none. */
        public Builder maxValueSize(int value) {
            maxValueSize = value <= 0 ? -1 : value;
            return this;
        }

        public Builder storage(StorageType value) {
            storage = value;
            return this;
        }

        /** 1 to 5. */
        public Builder replicas(int value) {
            replicas = value;
            return this;
        }

        public Builder placement(Placement value) {
            placement = value;
            return this;
        }

        /** Publishes each stored message again on another subject (ADR-28). */
        public Builder republish(Republish value) {
            republish = value;
            return this;
        }

        /** Makes it a read-only copy of another bucket. The name may be that of the bucket or of its stream. Not together with sources. */
        public Builder mirror(Mirror value) {
            mirror = value;
            return this;
        }

        /** Lets other buckets flow into this one, under its own name unless a source has transforms of its own (server 2.10). */
        public Builder sources(List<Source> value) {
            sources = List.copyOf(value);
            return this;
        }

        /** Compresses it on disk (server 2.10). */
        public Builder compression(boolean value) {
            compression = value;
            return this;
        }

        /** Free settings that tools understand (server 2.10). */
        public Builder metadata(Map<String, String> value) {
            metadata = Map.copyOf(value);
            return this;
        }

        /**
         * @throws HistoryTooLargeException if history is not 1 to 64
         * @throws IllegalArgumentException if other settings contradict each other
         */
        public BucketConfig build() {
            if (history < 1 || history > 64) {
                throw new HistoryTooLargeException(bucket, history);
            }
            if (mirror != null && !sources.isEmpty()) {
                throw new IllegalArgumentException("Bucket \"" + bucket + "\": a mirror has no sources");
            }
            if (limitMarkerTtl != null && limitMarkerTtl.compareTo(Duration.ofSeconds(1)) < 0) {
                throw new IllegalArgumentException("Bucket \"" + bucket + "\": limit markers stay a second or more");
            }
            if (ttl != null && ttl.isNegative()) {
                throw new IllegalArgumentException("Bucket \"" + bucket + "\": the TTL can't be negative");
            }
            return new BucketConfig(new Builder(this));
        }
    }
}
