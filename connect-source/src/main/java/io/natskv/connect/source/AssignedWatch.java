package io.natskv.connect.source;

import io.natskv.connect.source.SourceConfig.OnPositionLost;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchStart;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The watch of one assignment: turns its changes into records, and says what else happened. */
final class AssignedWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AssignedWatch.class);

    private final Assignment assignment;
    private final KvWatch watch;
    private final EntryConverter converter;
    private final OnPositionLost onPositionLost;
    private final Map<String, String> sourcePartition;

    AssignedWatch(Assignment assignment, KvWatch watch, EntryConverter converter, OnPositionLost onPositionLost) {
        this.assignment = assignment;
        this.watch = watch;
        this.converter = converter;
        this.onPositionLost = onPositionLost;
        this.sourcePartition = SourceOffsets.partition(assignment);
    }

    /**
     * The next record.
     *
     * @param maxWait how long to wait for it; zero takes what is there
     * @return null if there is none in time, or something else happened
     * @throws ConnectException if the position is lost and that shall fail the task
     * @throws io.natskv.core.error.KvException if the watch can't go on
     */
    SourceRecord next(Duration maxWait) {
        WatchEvent event = watch.next(maxWait);
        while (event != null) {
            if (event instanceof WatchEvent.Change change) {
                return converter.convert(change.entry(), sourcePartition, SourceOffsets.encode(watch.position()));
            }
            handle(event);
            event = watch.next(Duration.ZERO);
        }
        return null;
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
                        + SourceConfig.ON_POSITION_LOST
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
