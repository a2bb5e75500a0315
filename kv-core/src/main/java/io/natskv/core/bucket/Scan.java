package io.natskv.core.bucket;

import io.natskv.core.KvEntry;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.UnavailableException;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.watch.WatchStats;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Reads a bucket until nothing is pending, whole or not at all. Not just to the end of the snapshot: a key that is written meanwhile moves
 * behind it, and would be missing.
 */
final class Scan {
    private Scan() {}

    static void run(KvBucket bucket, WatchOptions options, Duration timeout, Consumer<KvEntry> consumer) {
        long deadline = System.nanoTime() + timeout.toNanos();
        boolean snapshotEnded = false;
        try (KvWatch watch = bucket.watch(options)) {
            while (!snapshotEnded || !caughtUp(watch)) {
                long left = deadline - System.nanoTime();
                WatchEvent event = left <= 0 ? null : watch.next(Duration.ofNanos(left));
                if (event == null) {
                    throw new UnavailableException(
                            "Bucket \"" + bucket.name() + "\" was not read to its end within " + timeout, null);
                } else if (event instanceof WatchEvent.Change change) {
                    consumer.accept(change.entry());
                } else if (event instanceof WatchEvent.SnapshotEnd) {
                    snapshotEnded = true;
                } else if (event instanceof WatchEvent.BucketDeleted) {
                    throw new BucketNotFoundException(bucket.name(), bucket.subjects().stream());
                } else if (event instanceof WatchEvent.PositionLost lost) {
                    throw new UnavailableException(lost.message(), null);
                }
                // Unavailable and Available: the deadline decides
            }
        }
    }

    private static boolean caughtUp(KvWatch watch) {
        WatchStats stats = watch.stats();
        return stats.pending() == 0 && stats.bufferedEntries() == 0;
    }
}
