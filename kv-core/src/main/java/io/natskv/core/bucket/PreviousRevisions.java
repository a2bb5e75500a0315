package io.natskv.core.bucket;

import io.natskv.core.KvEntry;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvException;
import java.util.concurrent.CompletableFuture;

/**
 * Reads what a key held before a revision, from the bucket's history (ADR-31, server 2.11). Any replica may answer; one that lags may know an older
 * revision only. Thread-safe.
 */
public final class PreviousRevisions {
    private final KvConnection connection;
    private final KvBucket bucket;
    private final BucketReads reads;

    public PreviousRevisions(KvConnection connection, KvBucket bucket) {
        this.connection = connection;
        this.bucket = bucket;
        this.reads = new BucketReads(connection, bucket.subjects());
    }

    /**
     * Checks that there is something to read.
     *
     * @return fails with {@link io.natskv.core.error.FeatureUnsupportedException} below server 2.11, and with a fatal {@link KvException} if the
     *     bucket keeps one revision of a key only or does not allow direct reads
     */
    public CompletableFuture<Void> check() {
        return connection
                .requireLevel(1, "Reading the revision before another one", "2.11")
                .thenCompose(ok -> bucket.statusAsync())
                .thenAccept(PreviousRevisions::check);
    }

    private static void check(BucketStatus status) {
        if (status.history() < 2) {
            throw new KvException(
                    ErrorClass.FATAL,
                    "Bucket \"" + status.bucket()
                            + "\" keeps one revision of a key, so there is none before it; raise its history");
        }
        if (!status.stream().getConfiguration().getAllowDirect()) {
            throw new KvException(
                    ErrorClass.FATAL,
                    "Bucket \"" + status.bucket()
                            + "\" does not allow direct reads (allow_direct); set it on its stream");
        }
    }

    /** The revision of a key that came before another one, a marker as such; null if the history does not reach back to it. */
    public CompletableFuture<KvEntry> before(String key, long revision) {
        return reads.before(key, revision);
    }
}
