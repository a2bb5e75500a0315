package io.natskv.connect.source;

import io.natskv.connect.source.reconcile.Correction;
import io.natskv.connect.source.reconcile.Reconciliation;
import io.natskv.core.KvEntry;
import io.natskv.core.connect.KvKafkaHeaders;
import io.natskv.core.watch.WatchPosition;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a watch's task emits beside the watch's changes: what reconciliation found, and snapshots that signals asked for. For the task's thread,
 * but for the numbers.
 */
final class SideWork implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SideWork.class);
    /** One poll's share, on top of a batch that the watch may have filled. */
    private static final int MAX_CORRECTIONS = 64;

    private static final int MAX_SNAPSHOT_ENTRIES = 1_000;

    private final EntryRecords records;
    private final Notices notices;
    private final Reconciliation reconciliation;
    private final Function<ControlSignal, Resnapshot> snapshots;
    private final Deque<ControlSignal> requested = new ArrayDeque<>();
    private final Counts counts = new Counts();
    private OffsetMarks marks;
    private Resnapshot snapshot;

    /** To be read from any thread. */
    static final class Counts {
        final LongAdder reconciledTombstones = new LongAdder();
        final LongAdder reconciledRecords = new LongAdder();
        final LongAdder snapshotRecords = new LongAdder();
        volatile boolean reconciling;
        volatile boolean reconcilePending;
        volatile boolean inSnapshot;
    }

    /**
     * @param marks stored with the offset that the watch goes on from
     * @param reconciliation null without
     * @param snapshots begins the snapshot that a signal asks for
     */
    SideWork(
            EntryRecords records,
            Notices notices,
            OffsetMarks marks,
            Reconciliation reconciliation,
            Function<ControlSignal, Resnapshot> snapshots) {
        this.records = records;
        this.notices = notices;
        this.marks = marks.withReconcile(reconciliation != null);
        this.reconciliation = reconciliation;
        this.snapshots = snapshots;
        if (reconciliation != null) {
            reconciliation.request(marks.reconcile() ? "was under way before the restart" : "start of the task");
        }
    }

    /** What is to be stored with the next offset. */
    OffsetMarks marks() {
        return marks;
    }

    Counts counts() {
        return counts;
    }

    /** True if there may be something to emit soon, whatever the watch does. */
    boolean isBusy() {
        return snapshot != null || reconciliation != null && reconciliation.isRunning();
    }

    /** The watch emits a record for this key. */
    void emitted(String key) {
        if (reconciliation != null) {
            reconciliation.emitted(key);
        }
        if (snapshot != null) {
            snapshot.emitted(key);
        }
    }

    /** The bucket is another one: all that was read of it means nothing. */
    void positionLost() {
        marks = marks.withGeneration(marks.generation() + 1);
        if (reconciliation != null) {
            reconciliation.abort("lost position");
        }
        if (snapshot != null) {
            ControlSignal signal = snapshot.signal();
            endSnapshot();
            // In the order in which they were given: what is stored of them is the time of the last one.
            requested.addFirst(signal);
        }
    }

    /** What was removed meanwhile may have left no trace behind the watch's position. */
    void outageEnded() {
        if (reconciliation != null) {
            reconciliation.requestUnlessUnchanged("outage");
        }
    }

    /** Nothing is added until reading goes on: a run would keep those of other watches waiting, so it begins anew then. */
    void paused() {
        if (reconciliation != null && reconciliation.isRunning()) {
            reconciliation.abort("was cut off by a pause");
        }
    }

    /** As after an outage. */
    void resumed() {
        if (reconciliation != null) {
            reconciliation.requestUnlessUnchanged("pause");
        }
    }

    /** Asks for a snapshot, unless it was made before the last restart. */
    void request(ControlSignal signal) {
        Instant done = marks.signal();
        if (done == null || signal.time().isAfter(done)) {
            requested.add(signal);
        }
    }

    /** A snapshot of everything has just begun: it stands for those that were asked for before. */
    void coveredUpTo(Instant signal) {
        marks = marks.withSignal(signal);
    }

    /**
     * Adds what there is, without waiting.
     *
     * @param now by {@link System#nanoTime}
     */
    void addTo(RecordBatch batch, WatchPosition position, Deliveries deliveries, long now) {
        if (reconciliation != null) {
            reconciliation.step(new Reconciliation.Progress(
                    position, deliveries.handedOver() + batch.size(), deliveries.committedSoFar(), now));
            addCorrections(batch, position);
            boolean pending = reconciliation.isPending();
            marks = marks.withReconcile(pending);
            counts.reconcilePending = pending;
            counts.reconciling = reconciliation.isRunning();
        }
        addSnapshot(batch, position);
    }

    private void addCorrections(RecordBatch batch, WatchPosition position) {
        for (int i = 0; i < MAX_CORRECTIONS; i++) {
            Correction correction = reconciliation.poll();
            if (correction == null) {
                return;
            }
            KvEntry entry = correction.entry();
            if (add(batch, entry, records.ofCorrection(entry, position, marks), KvKafkaHeaders.RECONCILED)) {
                reconciliation.corrected(correction);
                boolean tombstone = correction.reason() == Correction.Reason.VANISHED;
                (tombstone ? counts.reconciledTombstones : counts.reconciledRecords).increment();
                if (snapshot != null) {
                    snapshot.emitted(entry.key());
                }
            }
        }
    }

    private void addSnapshot(RecordBatch batch, WatchPosition position) {
        if (snapshot == null && !requested.isEmpty() && !position.inSnapshot()) {
            snapshot = snapshots.apply(requested.remove());
            counts.inSnapshot = true;
            ControlSignal signal = snapshot.signal();
            LOG.info(
                    "Snapshot {} of keys \"{}\" begins",
                    signal.id(),
                    signal.filter().pattern());
            notices.tell(
                    "snapshot.started",
                    "id",
                    signal.id(),
                    "keys",
                    signal.filter().pattern());
        }
        for (int i = 0; snapshot != null && i < MAX_SNAPSHOT_ENTRIES && !batch.isFull(); i++) {
            KvEntry entry = snapshot.next(position);
            if (snapshot.isComplete()) {
                completeSnapshot();
                return;
            }
            if (entry == null) {
                return;
            }
            if (add(batch, entry, records.ofSnapshot(entry, position, marks), KvKafkaHeaders.SNAPSHOT)) {
                counts.snapshotRecords.increment();
            }
        }
    }

    private void completeSnapshot() {
        ControlSignal signal = snapshot.signal();
        LOG.info("Snapshot {} is complete, {} entries", signal.id(), snapshot.records());
        marks = marks.withSignal(signal.time());
        notices.tell(
                "snapshot.completed",
                "id",
                signal.id(),
                "keys",
                signal.filter().pattern(),
                "records",
                Long.toString(snapshot.records()));
        endSnapshot();
    }

    /** False if no record is made of the entry. */
    private static boolean add(RecordBatch batch, KvEntry entry, List<SourceRecord> made, String header) {
        made.forEach(record -> record.headers().addString(header, "true"));
        if (!made.isEmpty()) {
            batch.add(made, entry.value().length);
        }
        return !made.isEmpty();
    }

    private void endSnapshot() {
        snapshot.close();
        snapshot = null;
        counts.inSnapshot = false;
    }

    @Override
    public void close() {
        if (reconciliation != null) {
            reconciliation.close();
        }
        if (snapshot != null) {
            endSnapshot();
        }
    }
}
