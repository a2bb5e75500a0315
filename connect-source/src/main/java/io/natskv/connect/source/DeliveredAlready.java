package io.natskv.connect.source;

import io.natskv.connect.source.StartingPoint.Delivered;
import io.natskv.core.KvEntry;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.error.UnavailableException;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.watch.WatchStart;
import io.natskv.core.watch.WatchStats;
import java.time.Duration;
import java.util.List;

/** What need not be repeated, because it was delivered under another filter. Immutable. */
final class DeliveredAlready {
    static final DeliveredAlready NOTHING = new DeliveredAlready(List.of());

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration SLICE = Duration.ofMillis(50);

    private final List<Delivered> parts;
    private final long end;

    private DeliveredAlready(List<Delivered> parts) {
        this.parts = parts;
        this.end = parts.stream()
                .mapToLong(part -> part.position().revision())
                .max()
                .orElse(0);
    }

    /**
     * Those parts whose position is one in this bucket: it may be another one of that name, in which the same revisions are other changes. May
     * block.
     *
     * @throws UnavailableException if that can't be found out now
     */
    static DeliveredAlready confirmed(List<Delivered> parts, KvBucket bucket) {
        List<Delivered> confirmed =
                parts.stream().filter(part -> isOf(bucket, part)).toList();
        return confirmed.isEmpty() ? NOTHING : new DeliveredAlready(confirmed);
    }

    private static boolean isOf(KvBucket bucket, Delivered part) {
        WatchOptions options = WatchOptions.DEFAULT
                .withFilters(List.of(part.filter()))
                .withStart(WatchStart.after(part.position()))
                .withMetaOnly(true)
                .withBuffer(2, 1_024)
                .withConsumerPrefix("kvsource-check");
        try (KvWatch watch = bucket.watch(options)) {
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (System.nanoTime() < deadline && !Thread.currentThread().isInterrupted()) {
                WatchEvent event = watch.next(SLICE);
                if (event instanceof WatchEvent.PositionLost || event instanceof WatchEvent.BucketDeleted) {
                    return false;
                }
                if (watch.stats().state() == WatchStats.State.WATCHING) {
                    return true;
                }
            }
        }
        throw new UnavailableException(
                "Bucket \"" + bucket.name() + "\" does not answer whether it is the one that was read before", null);
    }

    boolean has(KvEntry entry) {
        for (Delivered part : parts) {
            if (entry.revision() <= part.position().revision() && part.filter().matches(entry.key())) {
                return true;
            }
        }
        return false;
    }

    /** True if nothing at this revision or above was delivered. */
    boolean endsBefore(long revision) {
        return end < revision;
    }
}
