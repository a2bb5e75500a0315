package io.natskv.camel;

import io.natskv.core.bucket.KvBucket;

/**
 * A bucket, and the connection that it is reached by.
 *
 * @param bucket the bucket
 * @param lease the use of the connection, which ends with {@link #close()}
 */
record OpenBucket(KvBucket bucket, NatsKvConnections.Lease lease) implements AutoCloseable {
    /** False once nothing will bring the connection back. */
    boolean isUsable() {
        return !lease.connection().isClosed();
    }

    @Override
    public void close() {
        lease.close();
    }
}
