package io.natskv.connect.source;

import io.natskv.connect.source.reconcile.EmittedKeys;
import io.natskv.core.KvEntry;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
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

    private final ControlSignal signal;
    private final Assignment assignment;
    private final KvWatch scan;
    private final EmittedKeys emitted = new EmittedKeys();
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
     * @param revision the last that the watch delivered
     * @return null if there is none at the moment, or it is complete
     */
    KvEntry next(long revision) {
        while (!complete) {
            WatchEvent event = scan.next(Duration.ZERO);
            if (event == null) {
                return null;
            }
            if (event instanceof WatchEvent.Change change) {
                KvEntry entry = change.entry();
                if (assignment.filter().matches(entry.key())
                        && entry.revision() <= revision
                        && !emitted.contains(entry.key())) {
                    records++;
                    return entry;
                }
            } else if (event instanceof WatchEvent.SnapshotEnd) {
                complete = true;
            } else if (event instanceof WatchEvent.PositionLost lost) {
                LOG.warn("Snapshot {} begins anew: {}", signal.id(), lost.message());
                scan.restart(WatchStart.snapshot());
            }
            // The others are told by the watch of the same bucket.
        }
        return null;
    }

    @Override
    public void close() {
        scan.close();
    }
}
