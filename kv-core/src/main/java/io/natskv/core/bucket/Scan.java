package io.natskv.core.bucket;

import io.natskv.core.KvEntry;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.UnavailableException;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import java.time.Duration;
import java.util.function.BiConsumer;

/** Reads a bucket from the start of a watch to the end of its snapshot, whole or not at all. */
final class Scan {
    private Scan() {}

    /** Hands each entry over with the information whether it is a value. */
    static void run(KvBucket bucket, WatchOptions options, Duration timeout, BiConsumer<KvEntry, Boolean> consumer) {
        long deadline = System.nanoTime() + timeout.toNanos();
        try (KvWatch watch = bucket.watch(options)) {
            while (true) {
                long left = deadline - System.nanoTime();
                WatchEvent event = left <= 0 ? null : watch.next(Duration.ofNanos(left));
                if (event == null) {
                    throw new UnavailableException(
                            "Bucket \"" + bucket.name() + "\" was not read to its end within " + timeout, null);
                } else if (event instanceof WatchEvent.Change change) {
                    consumer.accept(change.entry(), !change.entry().operation().isMarker());
                } else if (event instanceof WatchEvent.SnapshotEnd) {
                    return;
                } else if (event instanceof WatchEvent.BucketDeleted) {
                    throw new BucketNotFoundException(bucket.name(), bucket.subjects().stream());
                } else if (event instanceof WatchEvent.PositionLost lost) {
                    throw new UnavailableException(lost.message(), null);
                }
                // Unavailable and Available: the deadline decides
            }
        }
    }
}
