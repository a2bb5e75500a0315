package io.natskv.camel;

import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;

/**
 * A bucket, and the connection that it is reached by.
 *
 * @param buckets all buckets of that connection
 * @param bucket the bucket; null where it was not opened because it may be missing
 * @param lease the use of the connection, which ends with {@link #close()}
 */
record OpenBucket(KvBuckets buckets, KvBucket bucket, NatsKvConnections.Lease lease) implements AutoCloseable {
    /** False once nothing will bring the connection back. */
    boolean isUsable() {
        return !lease.connection().isClosed();
    }

    @Override
    public void close() {
        lease.close();
    }
}
