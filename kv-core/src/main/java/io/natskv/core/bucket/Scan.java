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
import java.util.function.LongSupplier;

/**
 * Reads a bucket until nothing is left to read, whole or not at all. Not just to the end of the snapshot: a key that is written meanwhile moves
 * behind it, and would be missing.
 */
final class Scan {
    private static final Duration PAUSE = Duration.ofMillis(10);
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final int CHECK_EVERY = 1_000;

    private final KvBucket bucket;
    private final LongSupplier lastRevision;

    /** @param lastRevision the last revision that the options select, by the leader */
    Scan(KvBucket bucket, LongSupplier lastRevision) {
        this.bucket = bucket;
        this.lastRevision = lastRevision;
    }

    /**
     * @param timeout how long it may take in all
     * @param outage how long the bucket may be out of reach meanwhile
     */
    void run(WatchOptions options, Duration timeout, Duration outage, Consumer<KvEntry> consumer) {
        long deadline = System.nanoTime() + timeout.toNanos();
        boolean snapshotEnded = false;
        int sinceCheck = 0;
        long end = Long.MAX_VALUE;
        try (KvWatch watch = bucket.watch(options)) {
            while (!snapshotEnded || watch.position().revision() < end) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new UnavailableException("Interrupted while reading bucket \"" + bucket.name() + "\"", null);
                }
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw new UnavailableException(
                            "Bucket \"" + bucket.name() + "\" was not read to its end within " + timeout, null);
                }
                if (snapshotEnded && end == Long.MAX_VALUE && nothingPending(watch)) {
                    // By the server's count, which may be low for a moment: it takes what was overwritten off before it
                    // adds what came instead. So up to what the leader has now.
                    end = lastRevision.getAsLong();
                    continue;
                }
                WatchEvent event = watch.next(snapshotEnded ? PAUSE : Duration.ofNanos(Math.min(left, LOOK.toNanos())));
                if (event instanceof WatchEvent.SnapshotEnd) {
                    snapshotEnded = true;
                } else if (event != null) {
                    handle(event, consumer);
                } else if (watch.stats().unavailableFor().compareTo(outage) > 0) {
                    throw new UnavailableException(
                            "Bucket \"" + bucket.name() + "\" can't be read on: it is out of reach for " + outage,
                            null);
                }
                // Server 2.9 counts as pending what was overwritten and never comes: so the leader is asked too.
                if (snapshotEnded && (event == null || ++sinceCheck >= CHECK_EVERY)) {
                    sinceCheck = 0;
                    long last = lastRevision.getAsLong();
                    if (last <= watch.position().revision()) {
                        return;
                    } else if (event == null && last < end && end < Long.MAX_VALUE) {
                        end = last; // what was the end is gone
                    }
                }
            }
        }
    }

    private void handle(WatchEvent event, Consumer<KvEntry> consumer) {
        if (event instanceof WatchEvent.Change change) {
            consumer.accept(change.entry());
        } else if (event instanceof WatchEvent.BucketDeleted) {
            throw new BucketNotFoundException(bucket.name(), bucket.subjects().stream());
        } else if (event instanceof WatchEvent.PositionLost lost) {
            throw new UnavailableException(lost.message(), null);
        }
        // Unavailable and Available: the limits decide
    }

    private static boolean nothingPending(KvWatch watch) {
        WatchStats stats = watch.stats();
        return stats.state() == WatchStats.State.WATCHING && stats.pending() == 0 && stats.bufferedEntries() == 0;
    }
}
