package io.natskv.camel;

import io.nats.client.api.StorageType;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriParams;

/** The settings of a bucket that is created. */
@UriParams
public abstract class NatsKvBucketConfiguration extends NatsKvConnectionConfiguration {
    @UriParam(
            label = "bucket",
            description = "Create the bucket at the start of a route if it is missing, with the settings below. "
                    + "A bucket that is there is never changed; if its settings differ, a warning says so.")
    private boolean createBucket;

    @UriParam(
            label = "bucket",
            defaultValue = "1",
            description = "With `createBucket`: how many revisions of a key are kept, 1 to 64.")
    private int history = 1;

    @UriParam(
            label = "bucket",
            javaType = "java.time.Duration",
            description = "With `createBucket`: how long any revision is kept; for ever by default.")
    private long bucketTtl;

    @UriParam(
            label = "bucket",
            javaType = "java.time.Duration",
            description = "With `createBucket`: lets keys have a time to live (`ttl`), and how long the markers "
                    + "stay that the server leaves for what expires; a second or more, needs a server 2.11. "
                    + "None by default.")
    private long limitMarkerTtl;

    @UriParam(label = "bucket", defaultValue = "file", description = "With `createBucket`: where it is kept.")
    private StorageType storageType = StorageType.File;

    @UriParam(
            label = "bucket",
            defaultValue = "1",
            description = "With `createBucket`: how many servers of the cluster keep it, 1 to 5.")
    private int replicas = 1;

    @UriParam(
            label = "bucket",
            defaultValue = "-1",
            description = "With `createBucket`: its limit in bytes; -1 for none.")
    private long maxBucketSize = -1;

    @UriParam(
            label = "bucket",
            defaultValue = "-1",
            description = "With `createBucket`: limit of a value in bytes, headers included; -1 for none.")
    private int maxValueSize = -1;

    @UriParam(label = "bucket", description = "With `createBucket`: compress it on disk; needs a server 2.10.")
    private boolean compression;

    @UriParam(label = "bucket", description = "With `createBucket`: free text.")
    private String bucketDescription;

    public boolean isCreateBucket() {
        return createBucket;
    }

    public void setCreateBucket(boolean value) {
        createBucket = value;
    }

    public int getHistory() {
        return history;
    }

    public void setHistory(int value) {
        history = value;
    }

    public long getBucketTtl() {
        return bucketTtl;
    }

    public void setBucketTtl(long value) {
        bucketTtl = value;
    }

    public long getLimitMarkerTtl() {
        return limitMarkerTtl;
    }

    public void setLimitMarkerTtl(long value) {
        limitMarkerTtl = value;
    }

    public StorageType getStorageType() {
        return storageType;
    }

    public void setStorageType(StorageType value) {
        storageType = value;
    }

    public int getReplicas() {
        return replicas;
    }

    public void setReplicas(int value) {
        replicas = value;
    }

    public long getMaxBucketSize() {
        return maxBucketSize;
    }

    public void setMaxBucketSize(long value) {
        maxBucketSize = value;
    }

    public int getMaxValueSize() {
        return maxValueSize;
    }

    public void setMaxValueSize(int value) {
        maxValueSize = value;
    }

    public boolean isCompression() {
        return compression;
    }

    public void setCompression(boolean value) {
        compression = value;
    }

    public String getBucketDescription() {
        return bucketDescription;
    }

    public void setBucketDescription(String value) {
        bucketDescription = value;
    }
}
