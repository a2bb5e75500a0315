package io.natskv.connect.source.reconcile;

import io.natskv.core.KvEntry;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.UnavailableException;
import io.natskv.core.key.KeyFilter;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/**
 * Reads the last entry of each key, without its value. Goes on behind the snapshot, to the end that the bucket has then: what moved behind the
 * snapshot while that was read is found there. Not until nothing is left: somebody who writes faster than it reads would keep it going for
 * ever. So a key that is written again and again may not be found.
 */
final class BucketScan {
    private static final Duration WAIT = Duration.ofSeconds(1);
    private static final Duration LAST_WAIT = Duration.ofMillis(100);

    private final KvBucket bucket;
    private final KeyFilter filter;

    BucketScan(KvBucket bucket, KeyFilter filter) {
        this.bucket = bucket;
        this.filter = filter;
    }

    /**
     * @throws io.natskv.core.error.KvException if the bucket can't be read to its end, is gone or made anew meanwhile, or the thread is
     *     interrupted
     */
    void run(Consumer<KvEntry> consumer) {
        WatchOptions options = WatchOptions.DEFAULT
                .withFilters(List.of(filter))
                .withMetaOnly(true)
                .withConsumerPrefix("kvreconcile");
        try (KvWatch watch = bucket.watch(options)) {
            boolean snapshotEnded = false;
            long end = 0;
            while (!snapshotEnded || watch.position().revision() < end) {
                WatchEvent event = watch.next(snapshotEnded ? LAST_WAIT : WAIT);
                if (Thread.currentThread().isInterrupted()) {
                    throw new UnavailableException("Interrupted while reading bucket \"" + bucket.name() + "\"", null);
                }
                if (event instanceof WatchEvent.Change change) {
                    consumer.accept(change.entry());
                } else if (event instanceof WatchEvent.SnapshotEnd) {
                    snapshotEnded = true;
                    end = lastRevision();
                } else if (event instanceof WatchEvent.BucketDeleted) {
                    throw new BucketNotFoundException(bucket.name(), bucket.subjects().stream());
                } else if (event instanceof WatchEvent.PositionLost lost) {
                    throw new UnavailableException(lost.message(), null);
                } else if (event == null && snapshotEnded) {
                    end = Math.min(end, lastRevision()); // what was the end may be gone by now
                }
                // Over an outage the watch goes on by itself.
            }
        }
    }

    private long lastRevision() {
        try {
            return bucket.lastRevisionAsync(filter).join();
        } catch (CompletionException e) {
            throw KvErrors.translate(e, "read the end of bucket \"" + bucket.name() + "\"");
        }
    }
}
