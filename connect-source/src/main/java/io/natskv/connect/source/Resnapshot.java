package io.natskv.connect.source;

import io.natskv.connect.source.reconcile.KeySet;
import io.natskv.core.KvEntry;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchPosition;
import io.natskv.core.watch.WatchStart;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A snapshot that a signal asked for, read beside the watch, which goes on. Never overtakes: an entry is handed over only if the watch is past its
 * revision, and has not emitted its key since the snapshot began. Where the watch is not there yet, it will emit the entry itself; where it
 * emitted the key meanwhile, that was younger. For the task's thread.
 */
final class Resnapshot implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Resnapshot.class);

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ControlSignal signal;
    private final Assignment assignment;
    private final KvWatch scan;
    private final KeySet emitted = new KeySet();
    private WatchEvent ahead;
    private boolean lost;
    /** When the waiting ends; 0 before it has begun. */
    private long waitsUntil;

    private boolean complete;
    private long records;

    /** @param scan from a snapshot on; closed with this */
    Resnapshot(ControlSignal signal, Assignment assignment, KvWatch scan) {
        this.signal = signal;
        this.assignment = assignment;
        this.scan = scan;
        emitted.begin(); // before the scan is asked for its first event
    }

    ControlSignal signal() {
        return signal;
    }

    /** How many entries were handed over. */
    long records() {
        return records;
    }

    boolean isComplete() {
        return complete;
    }

    /** The watch emits a record for this key. */
    void emitted(String key) {
        emitted.add(key);
    }

    /**
     * The next entry to hand over.
     *
     * @param position of the watch
     * @return null if there is none at the moment, or it is complete
     */
    KvEntry next(WatchPosition position) {
        while (!complete && !isWaiting(position)) {
            WatchEvent event = ahead == null ? scan.next(Duration.ZERO) : ahead;
            // The first one may tell that the bucket is another one.
            ahead = isWaiting(position) ? event : null;
            if (event == null || ahead != null) {
                return null;
            }
            if (event instanceof WatchEvent.Change change) {
                KvEntry entry = change.entry();
                if (assignment.filter().matches(entry.key())
                        && entry.revision() <= position.revision()
                        && !emitted.contains(entry.key())) {
                    records++;
                    return entry;
                }
            } else if (event instanceof WatchEvent.SnapshotEnd) {
                complete = true;
            } else if (event instanceof WatchEvent.PositionLost told) {
                LOG.warn("Snapshot {} begins anew: {}", signal.id(), told.message());
                lost = true;
                scan.restart(WatchStart.snapshot());
            }
            // The others are told by the watch of the same bucket.
        }
        return null;
    }

    /**
     * True while the bucket seems to be another one than that of the watch. What happens then is decided where the watch notices, which ends this
     * snapshot. The watch need not notice, so the waiting has an end: it may be behind the revision to which a bucket was set back, and the time of
     * creation alone means nothing below server 2.15.
     */
    boolean isWaiting(WatchPosition position) {
        WatchPosition seen = scan.position();
        boolean other = seen != null
                && seen.created() != null
                && position.created() != null
                && !seen.created().equals(position.created());
        if (!lost && !other) {
            return false;
        }
        long now = System.nanoTime();
        if (waitsUntil == 0) {
            waitsUntil = now + PATIENCE.toNanos();
        }
        return waitsUntil - now > 0;
    }

    @Override
    public void close() {
        scan.close();
    }
}
