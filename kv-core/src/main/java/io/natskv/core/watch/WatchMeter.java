package io.natskv.core.watch;

import io.natskv.core.KvEntry;
import java.time.Duration;
import java.time.Instant;

/** Counts for {@link WatchStats}: written by the reader, read by anybody. */
final class WatchMeter {
    private volatile KvEntry last;
    private volatile long delivered;
    private volatile long recreations;
    private volatile long unavailableSince;

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer
    void delivered(KvEntry entry) {
        last = entry;
        delivered = delivered + 1;
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer
    void recreation() {
        recreations = recreations + 1;
    }

    /** An outage; true if it is a new one. */
    boolean unavailable() {
        boolean first = unavailableSince == 0;
        if (first) {
            unavailableSince = System.nanoTime();
        }
        return first;
    }

    /** The outage is over; how long it took, zero if there was none. */
    Duration available() {
        long since = unavailableSince;
        unavailableSince = 0;
        return since == 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - since);
    }

    WatchStats stats(WatchStats.State state, PullStream stream, int held) {
        KvEntry entry = last;
        long since = unavailableSince;
        Instant created = entry == null ? null : entry.created();
        return new WatchStats(
                state,
                entry == null ? 0 : entry.revision(),
                stream == null ? 0 : stream.pending(),
                held + (stream == null ? 0 : stream.bufferedMessages()),
                stream == null ? 0 : stream.bufferedBytes(),
                delivered,
                recreations,
                created,
                since == 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - since));
    }
}
