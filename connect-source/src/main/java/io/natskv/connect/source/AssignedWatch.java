package io.natskv.connect.source;

import io.natskv.connect.source.WatchSettings.OnPositionLost;
import io.natskv.core.KvEntry;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchPosition;
import io.natskv.core.watch.WatchStart;
import io.natskv.core.watch.WatchStats;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The watch of one assignment: turns its changes into records, and says what else happened. For the task's thread. */
final class AssignedWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AssignedWatch.class);

    /** How many entries that make no record are taken at once: they come as fast as the watch reads, and poll must return. */
    private static final int MAX_LEFT_OUT = 1_000;

    private final Assignment assignment;
    private final EntryReader watch;
    private final NoteCarrier note;
    private final EntryRecords records;
    private final Notices notices;
    private final SideWork sideWork;
    private final OnPositionLost onPositionLost;
    private boolean snapshotTold;
    private boolean startsWithSnapshot;
    /** The bucket was deleted, and was not read since. */
    private boolean gone;

    private volatile boolean paused;
    private volatile boolean inSnapshot;
    private volatile long snapshotRecords;
    private volatile long outages;

    /** @param fresh whether it begins with a snapshot or more: one that a signal asked for before is no other */
    AssignedWatch(
            Assignment assignment,
            EntryReader watch,
            NoteCarrier note,
            EntryRecords records,
            Notices notices,
            SideWork sideWork,
            OnPositionLost onPositionLost,
            boolean fresh) {
        this.assignment = assignment;
        this.watch = watch;
        this.note = note;
        this.records = records;
        this.notices = notices;
        this.sideWork = sideWork;
        this.onPositionLost = onPositionLost;
        this.startsWithSnapshot = fresh;
    }

    /**
     * Adds the records of the next entry that makes any.
     *
     * @param maxWait how long to wait for it; zero takes what is there
     * @return false if there is none in time, or something else happened
     * @throws ConnectException if the position is lost and that shall fail the task, or no record can be made of an entry and that shall
     * @throws io.natskv.core.error.KvException if the watch can't go on
     */
    boolean next(Duration maxWait, RecordBatch batch) {
        if (note.isHeld(Duration.ZERO)) {
            note.isHeld(maxWait); // what comes behind it is for the next call: waiting twice would keep the worker
            return false;
        }
        Duration wait = maxWait;
        for (int leftOut = 0; leftOut < MAX_LEFT_OUT && !paused; leftOut++) {
            WatchEvent event = watch.next(wait);
            wait = Duration.ZERO;
            if (event == null) {
                return false;
            }
            if (event instanceof WatchEvent.Change change) {
                KvEntry entry = change.entry();
                sideWork.emitted(entry.key());
                if (change.snapshot()) {
                    countSnapshot();
                }
                List<SourceRecord> made = records.of(entry, watch.previous(), watch.position(), sideWork.marks());
                if (!made.isEmpty()) {
                    batch.add(note.carrying(made), entry.value().length);
                    return true;
                }
            } else {
                handle(event);
            }
        }
        return false;
    }

    /** Adds what is due beside the changes, without waiting. */
    void addSideWork(RecordBatch batch, Deliveries deliveries, long now) {
        WatchPosition position = watch.position();
        inSnapshot = position != null && position.inSnapshot();
        if (position == null || note.isHeld(Duration.ZERO)) {
            return;
        }
        if (position.inSnapshot() && !snapshotTold) {
            snapshotTold = true;
            notices.tell("snapshot.started");
        }
        int before = batch.size();
        if (!paused) {
            sideWork.addTo(batch, position, deliveries, now);
        }
        notices.addTo(batch, position, sideWork.marks(), state(position), now);
        batch.replaceFrom(before, note::carrying);
    }

    /**
     * The worker is done with a record, maybe one of ours. From any thread.
     *
     * @param stored false if it was dropped
     */
    void done(SourceRecord record, boolean stored) {
        note.done(record, stored);
    }

    /** True if there may be side work soon. */
    boolean isBusy() {
        return !paused && sideWork.isBusy();
    }

    boolean isPaused() {
        return paused;
    }

    /** @param live whether it was given while this task runs, rather than before */
    void signal(ControlSignal signal, boolean live) {
        if (!signal.concerns(assignment)) {
            return;
        }
        switch (signal.type()) {
            case SNAPSHOT -> {
                if (!live && startsWithSnapshot) {
                    sideWork.coveredUpTo(signal.time());
                } else {
                    sideWork.request(signal);
                }
            }
            case PAUSE -> pause(true, signal);
            case RESUME -> pause(false, signal);
        }
    }

    private void pause(boolean value, ControlSignal signal) {
        if (paused != value) {
            paused = value;
            if (value) {
                sideWork.paused();
            } else {
                sideWork.resumed();
            }
            LOG.info("Reading {} is {} by signal {}", this, value ? "paused" : "resumed", signal.id());
            notices.tell(value ? "paused" : "resumed", "id", signal.id());
        }
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer
    private void countSnapshot() {
        snapshotRecords = snapshotRecords + 1;
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer
    private void handle(WatchEvent event) {
        if (event instanceof WatchEvent.SnapshotEnd end) {
            LOG.info("Snapshot of {} is complete at revision {}; changes follow", this, end.revision());
            if (!snapshotTold) {
                notices.tell("snapshot.started");
            }
            snapshotTold = false;
            notices.tell("snapshot.completed", "records", Long.toString(snapshotRecords));
        } else if (event instanceof WatchEvent.PositionLost lost) {
            lost(lost);
        } else if (event instanceof WatchEvent.BucketDeleted deleted) {
            LOG.warn("Reading {} waits: {}", this, deleted.message());
            gone = true;
            notices.tell("bucket.deleted");
        } else if (event instanceof WatchEvent.Unavailable unavailable) {
            LOG.warn("{}", unavailable.message());
            outages = outages + 1;
            notices.tell("interrupted", "reason", unavailable.message());
        } else if (event instanceof WatchEvent.Available available) {
            LOG.info("Reading {} goes on after {} ms", this, available.outage().toMillis());
            notices.tell(
                    "resumed.after.outage",
                    "ms",
                    Long.toString(available.outage().toMillis()));
            sideWork.outageEnded();
        } else {
            throw new IllegalStateException("Unhandled event " + event);
        }
    }

    private void lost(WatchEvent.PositionLost lost) {
        switch (onPositionLost) {
            case FAIL ->
                throw new ConnectException("Position in " + this + " lost: " + lost.message() + ". Set "
                        + WatchSettings.ON_POSITION_LOST
                        + "=snapshot to begin anew with a snapshot, or =continue to go on with what changes from then on, or stop the "
                        + "connector and reset its offsets");
            case SNAPSHOT -> {
                LOG.warn("Position in {} lost: {}. Beginning anew with a snapshot", this, lost.message());
                restart(WatchStart.snapshot());
            }
            case CONTINUE -> {
                LOG.warn("Position in {} lost: {}. Going on with what changes from now on", this, lost.message());
                restart(WatchStart.updatesOnly());
            }
        }
        notices.tell("position.lost", "reason", lost.message());
    }

    private void restart(WatchStart start) {
        watch.restart(start);
        sideWork.positionLost();
        notices.beatSoon();
        snapshotTold = false;
        snapshotRecords = 0;
    }

    private String state(WatchPosition position) {
        if (paused) {
            return "paused";
        }
        WatchStats stats = stats();
        if (!stats.unavailableFor().isZero()) {
            return "interrupted";
        }
        gone &= stats.state() != WatchStats.State.WATCHING;
        if (gone) {
            return "deleted";
        }
        return position.inSnapshot() ? "snapshot" : "watching";
    }

    Assignment assignment() {
        return assignment;
    }

    /** From any thread. */
    WatchStats stats() {
        return watch.stats();
    }

    /** From any thread; false before the bucket was reached. */
    boolean inSnapshot() {
        return inSnapshot;
    }

    /** From any thread: how many entries of the present or last snapshot were delivered. */
    long snapshotRecords() {
        return snapshotRecords;
    }

    /** From any thread: how often delivery was interrupted. */
    long outages() {
        return outages;
    }

    EntryRecords.Counts recordCounts() {
        return records.counts();
    }

    SideWork.Counts sideWorkCounts() {
        return sideWork.counts();
    }

    /** From any thread: up to where it has read, in this run or before; 0 before the bucket was reached. */
    long positionRevision() {
        WatchPosition position = watch.position();
        return position == null ? 0 : position.revision();
    }

    /** From any thread: how old the last entry is that was delivered, in milliseconds; 0 before the first. */
    long positionAgeMs() {
        Instant created = stats().lastEntryCreated();
        return created == null
                ? 0
                : Math.max(0, Duration.between(created, Instant.now()).toMillis());
    }

    @Override
    public void close() {
        sideWork.close();
        watch.close();
    }

    @Override
    public String toString() {
        return "bucket \"" + assignment.bucket() + "\", keys \""
                + assignment.filter().pattern() + "\"";
    }
}
