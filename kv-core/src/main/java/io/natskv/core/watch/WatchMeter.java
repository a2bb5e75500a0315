package io.natskv.core.watch;

import io.natskv.core.KvEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** Counts for {@link WatchStats}: written by the reader, read by anybody. */
final class WatchMeter {
    // Set for each entry: release is enough, a volatile write costs a fence.
    private final AtomicReference<KvEntry> last = new AtomicReference<>();
    private final AtomicLong delivered = new AtomicLong();
    private volatile long recreations;
    private volatile long unavailableSince;

    void delivered(KvEntry entry) {
        last.setRelease(entry);
        delivered.setRelease(delivered.getPlain() + 1);
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
        if (since == 0) {
            return Duration.ZERO;
        }
        unavailableSince = 0;
        return Duration.ofNanos(System.nanoTime() - since);
    }

    WatchStats stats(WatchStats.State state, PullStream stream, int held) {
        KvEntry entry = last.get();
        long since = unavailableSince;
        Instant created = entry == null ? null : entry.created();
        return new WatchStats(
                state,
                entry == null ? 0 : entry.revision(),
                stream == null ? 0 : stream.pending(),
                held + (stream == null ? 0 : stream.bufferedMessages()),
                stream == null ? 0 : stream.bufferedBytes(),
                delivered.get(),
                recreations,
                created,
                since == 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - since));
    }
}
