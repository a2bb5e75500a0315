package io.natskv.core.bucket;

import io.nats.client.api.StorageType;
import io.natskv.core.error.HistoryTooLargeException;
import io.natskv.core.key.KvNames;
import java.time.Duration;
import java.util.Optional;

/**
 * The settings of a bucket that is to be created.
 *
 * @param bucket its name
 * @param history how many revisions of a key are kept, 1 to 64
 * @param ttl how long any revision is kept; empty for ever
 * @param maxBytes size limit in bytes; -1 for none
 * @param maxValueSize size limit of value plus headers in bytes; -1 for none
 * @param storage file or memory
 * @param replicas 1 to 5
 * @param compression whether the server compresses it on disk (server 2.10)
 * @param description free text; may be empty
 */
public record BucketConfig(
        String bucket,
        int history,
        Optional<Duration> ttl,
        long maxBytes,
        int maxValueSize,
        StorageType storage,
        int replicas,
        boolean compression,
        String description) {

    /**
     * @throws io.natskv.core.error.InvalidBucketException if the name is malformed
     * @throws HistoryTooLargeException if history is not 1 to 64
     */
    public BucketConfig {
        KvNames.checkBucket(bucket);
        if (history < 1 || history > 64) {
            throw new HistoryTooLargeException(bucket, history);
        }
    }

    /** A bucket on disk, one replica, history 1, without limits. */
    public static BucketConfig of(String bucket) {
        return new BucketConfig(bucket, 1, Optional.empty(), -1, -1, StorageType.File, 1, false, "");
    }

    public BucketConfig withHistory(int value) {
        return new BucketConfig(
                bucket, value, ttl, maxBytes, maxValueSize, storage, replicas, compression, description);
    }

    public BucketConfig withTtl(Duration value) {
        return new BucketConfig(
                bucket,
                history,
                Optional.ofNullable(value),
                maxBytes,
                maxValueSize,
                storage,
                replicas,
                compression,
                description);
    }

    public BucketConfig withLimits(long bytes, int valueSize) {
        return new BucketConfig(bucket, history, ttl, bytes, valueSize, storage, replicas, compression, description);
    }

    public BucketConfig withStorage(StorageType value) {
        return new BucketConfig(
                bucket, history, ttl, maxBytes, maxValueSize, value, replicas, compression, description);
    }

    public BucketConfig withReplicas(int value) {
        return new BucketConfig(bucket, history, ttl, maxBytes, maxValueSize, storage, value, compression, description);
    }

    public BucketConfig withCompression(boolean value) {
        return new BucketConfig(bucket, history, ttl, maxBytes, maxValueSize, storage, replicas, value, description);
    }

    public BucketConfig withDescription(String value) {
        return new BucketConfig(bucket, history, ttl, maxBytes, maxValueSize, storage, replicas, compression, value);
    }
}
