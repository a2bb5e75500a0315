package io.natskv.core.watch;

import io.natskv.core.connection.JetStreamApi;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.key.BucketSubjects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Whether a bucket is still the one in which a position was taken, asked beside the watch: by the same rules, and of the leader. Below server 2.15
 * and after a restore the time of creation does not tell, so that the position's anchors are looked at too.
 */
public final class PositionCheck {
    private final JetStreamApi api;
    private final BucketSubjects subjects;

    public PositionCheck(JetStreamApi api, BucketSubjects subjects) {
        this.api = api;
        this.subjects = subjects;
    }

    /**
     * What a watch would tell that went on from this position now; empty if the bucket is the same one. Buckets that are gone don't come back: what
     * was read before this was asked was read from the same one, too.
     *
     * @return fails with {@link BucketNotFoundException} if there is no bucket, or with what the server answers
     */
    public CompletableFuture<Optional<WatchEvent.PositionLost>> run(WatchPosition position) {
        return new BucketCheck(api, subjects).run(position, api.timeout()).thenApply(verdict -> {
            if (verdict instanceof BucketCheck.Verdict.Missing) {
                throw new BucketNotFoundException(subjects.bucket(), subjects.stream());
            }
            return verdict instanceof BucketCheck.Verdict.Lost lost
                    ? Optional.of(new WatchEvent.PositionLost(lost.reason(), position, lost.message()))
                    : Optional.empty();
        });
    }
}
