package io.natskv.connect.source;

import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.key.BucketSubjects;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchOptions;
import java.util.Optional;

/**
 * The way to a bucket.
 *
 * @param bucket empty if it was not there
 */
record BucketAccess(KvConnection connection, BucketSubjects subjects, Optional<KvBucket> bucket) {
    /**
     * Looks for a bucket. One that was found by a pattern may be gone by now, or come back before the connector has noticed anything: its watch waits
     * for it. A bucket that was named has to be there.
     *
     * @throws BucketNotFoundException if it is not there and has to be
     */
    static BucketAccess open(KvConnection connection, String name, boolean hasToBeThere) {
        try {
            KvBucket bucket = new KvBuckets(connection).open(name);
            return new BucketAccess(connection, bucket.subjects(), Optional.of(bucket));
        } catch (BucketNotFoundException e) {
            if (hasToBeThere) {
                throw e;
            }
            return new BucketAccess(
                    connection, BucketSubjects.of(name, connection.api().prefix()), Optional.empty());
        }
    }

    KvWatch watch(WatchOptions options) {
        return new KvWatch(connection, subjects, options);
    }
}
