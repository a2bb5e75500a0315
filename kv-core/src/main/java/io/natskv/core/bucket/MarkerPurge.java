package io.natskv.core.bucket;

import io.natskv.core.KvEntry;
import io.natskv.core.connection.JetStreamApi;
import io.natskv.core.watch.WatchOptions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Removes what lies behind delete and purge markers, and the markers that are old enough. Each purge ends at its marker's revision, so that
 * a value which is written meanwhile stays (ADR-10).
 */
final class MarkerPurge {
    private final JetStreamApi api;
    private final KvBucket bucket;
    private final BucketReads reads;
    private final Clock clock;

    /** @param clock this side's; the age of a marker is the time since the server stored it */
    MarkerPurge(JetStreamApi api, KvBucket bucket, BucketReads reads, Clock clock) {
        this.api = api;
        this.bucket = bucket;
        this.reads = reads;
        this.clock = clock;
    }

    /**
     * @param markerAge markers younger than this stay, one of just this age too; zero or less removes all
     * @return how many revisions were removed
     */
    long run(Duration markerAge, Duration listTimeout) {
        boolean all = markerAge.isNegative() || markerAge.isZero();
        Instant limit = all ? Instant.MAX : clock.instant().minus(markerAge);
        long removed = 0;
        for (KvEntry marker : markers(listTimeout).values()) {
            boolean old = marker.created().isBefore(limit);
            removed += Await.result(
                    api.purge(
                            bucket.subjects().stream(),
                            bucket.subjects().readSubject(marker.key()),
                            old ? marker.revision() + 1 : marker.revision()),
                    reads.action("purge marker of", marker.key()));
        }
        return removed;
    }

    private Map<String, KvEntry> markers(Duration timeout) {
        Map<String, KvEntry> markers = new LinkedHashMap<>();
        WatchOptions options = WatchOptions.DEFAULT.withMetaOnly(true);
        bucket.read(options, timeout, timeout, entry -> {
            if (entry.operation().isMarker()) {
                markers.put(entry.key(), entry);
            } else {
                markers.remove(entry.key()); // written meanwhile, or the marker came from a replica that lags
            }
        });
        return markers;
    }
}
