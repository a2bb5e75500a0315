package io.natskv.connect.source.reconcile;

import io.natskv.core.bucket.BucketStatus;
import java.time.Instant;

/**
 * What a bucket's stream tells of all that is stored in it. Two that are equal have the same messages between them: what is added moves the last
 * revision, what is removed lowers number and bytes, and no message comes back.
 */
record BucketState(Instant created, long lastRevision, long messages, long bytes) {
    static BucketState of(BucketStatus status) {
        return new BucketState(status.created(), status.lastRevision(), status.values(), status.bytes());
    }
}
