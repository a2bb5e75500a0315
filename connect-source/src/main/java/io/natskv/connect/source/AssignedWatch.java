package io.natskv.connect.source;

import io.natskv.connect.source.WatchSettings.OnPositionLost;
import io.natskv.core.KvEntry;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchPosition;
import io.natskv.core.watch.WatchStart;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The watch of one assignment: turns its changes into records, and says what else happened. */
final class AssignedWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AssignedWatch.class);

    /** How many entries that make no record are taken at once: they come as fast as the watch reads, and poll must return. */
    private static final int MAX_LEFT_OUT = 1_000;

    private final Assignment assignment;
    private final EntryReader watch;
    private final EntryConverter converter;
    private final Undecodable undecodable;
    private final LoopPrevention loopPrevention;
    private final OnPositionLost onPositionLost;
    private final Map<String, String> sourcePartition;
    private Optional<Map<String, String>> note;
    /** The record that carries the note, until the worker is done with it. */
    private volatile Carrier carrier;

    private record Carrier(SourceRecord record, CountDownLatch done) {}

    /** @param note where the filter is to be noted */
    AssignedWatch(
            Assignment assignment,
            EntryReader watch,
            Optional<Map<String, String>> note,
            SourceConfig config,
            Undecodable undecodable) {
        this.assignment = assignment;
        this.watch = watch;
        this.note = note;
        this.converter = config.records().converter();
        this.undecodable = undecodable;
        this.loopPrevention = config.records().loopPrevention();
        this.onPositionLost = config.watch().onPositionLost();
        this.sourcePartition = SourceOffsets.partition(assignment);
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
        if (isHeld(maxWait)) {
            return false;
        }
        Duration wait = maxWait;
        for (int leftOut = 0; leftOut < MAX_LEFT_OUT; leftOut++) {
            WatchEvent event = watch.next(wait);
            wait = Duration.ZERO;
            if (event == null) {
                return false;
            }
            if (event instanceof WatchEvent.Change change) {
                List<SourceRecord> records = records(change.entry());
                if (!records.isEmpty()) {
                    batch.add(
                            note.map(to -> carrying(records, to)).orElse(records),
                            change.entry().value().length);
                    return true;
                }
            } else {
                handle(event);
            }
        }
        return false;
    }

    private List<SourceRecord> carrying(List<SourceRecord> records, Map<String, String> to) {
        List<SourceRecord> carrying = records.stream()
                .map(record -> FilterNotes.carrying(record, to, assignment.filter()))
                .toList();
        carrier = new Carrier(carrying.get(carrying.size() - 1), new CountDownLatch(1));
        note = Optional.empty();
        return carrying;
    }

    /**
     * The offsets of two source partitions are stored independently of each other: one of a later record must not get there before the one of
     * the record that carries the note, or a crash between them would lose that one.
     */
    private boolean isHeld(Duration maxWait) {
        Carrier waitFor = carrier;
        try {
            if (waitFor == null || waitFor.done().await(maxWait.toNanos(), TimeUnit.NANOSECONDS)) {
                carrier = null;
                return false;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return true;
    }

    /** The worker is done with a record, maybe one of ours. From any thread. */
    void done(SourceRecord record) {
        Carrier waitFor = carrier;
        if (waitFor != null && waitFor.record() == record) {
            waitFor.done().countDown();
        }
    }

    /** None for an entry that is left out; the position has moved on nevertheless. */
    private List<SourceRecord> records(KvEntry entry) {
        if (loopPrevention.cameRound(entry)) {
            return List.of();
        }
        WatchPosition position = watch.position();
        try {
            return converter.convert(entry, watch.previous(), sourcePartition, position);
        } catch (UndecodableException e) {
            return undecodable.handle(entry, e, sourcePartition, SourceOffsets.encode(position));
        }
    }

    private void handle(WatchEvent event) {
        if (event instanceof WatchEvent.SnapshotEnd end) {
            LOG.info("Snapshot of {} is complete at revision {}; changes follow", this, end.revision());
        } else if (event instanceof WatchEvent.PositionLost lost) {
            lost(lost);
        } else if (event instanceof WatchEvent.BucketDeleted deleted) {
            LOG.warn("Reading {} waits: {}", this, deleted.message());
        } else if (event instanceof WatchEvent.Unavailable unavailable) {
            LOG.warn("{}", unavailable.message());
        } else if (event instanceof WatchEvent.Available available) {
            LOG.info("Reading {} goes on after {} ms", this, available.outage().toMillis());
        } else {
            throw new IllegalStateException("Unhandled event " + event);
        }
    }

    private void lost(WatchEvent.PositionLost lost) {
        switch (onPositionLost) {
            case FAIL ->
                throw new ConnectException("Position in " + this + " lost: " + lost.message() + ". Set "
                        + WatchSettings.ON_POSITION_LOST
                        + "=snapshot to begin anew with a snapshot, or stop the connector and reset its offsets");
            case SNAPSHOT -> {
                LOG.warn("Position in {} lost: {}. Beginning anew with a snapshot", this, lost.message());
                watch.restart(WatchStart.snapshot());
            }
        }
    }

    @Override
    public void close() {
        watch.close();
    }

    @Override
    public String toString() {
        return "bucket \"" + assignment.bucket() + "\", keys \""
                + assignment.filter().pattern() + "\"";
    }
}
