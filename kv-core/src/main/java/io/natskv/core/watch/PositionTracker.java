package io.natskv.core.watch;

import io.nats.client.api.StreamInfo;
import io.natskv.core.KvEntry;
import io.natskv.core.watch.WatchPosition.Anchor;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where a watch is, and from where it goes on. For the reader alone, except {@link #position}, which is for anybody: whatever that one reads
 * is written under the lock, and the reader needs none to see what it wrote itself.
 *
 * <p>Anchors: the last entry, which tells most, and some older ones of other keys, because the last one vanishes as soon as its key
 * changes again.
 */
final class PositionTracker {
    /** An older anchor is taken every so many entries: spread over time at next to no cost. */
    private static final int STRIDE = 256;

    private final List<Anchor> older = new ArrayList<>(WatchPosition.MAX_ANCHORS - 1);
    /** A copy of the older ones for the positions that are given out; null when they have changed. */
    private List<Anchor> shared;

    private WatchStart start;
    private boolean begun;
    private Instant created;
    private long revision;
    private long floor;
    private long snapshotEnd;
    private boolean history;
    private KvEntry last;
    private long sinceAnchor;
    private int nextSlot;
    private boolean lastPerKey;
    private boolean reissued;
    private Optional<WatchEvent.SnapshotEnd> endAtOnce = Optional.empty();

    PositionTracker(WatchStart start) {
        this.start = start;
    }

    /** Forgets everything; the next {@link #plan} begins anew. */
    synchronized void restart(WatchStart newStart) {
        start = newStart;
        begun = false;
    }

    /** Whether the bucket was reached since the start. */
    boolean begun() {
        return begun;
    }

    /**
     * From where to deliver, in a bucket that is known to be the right one. The first time, it also fixes what "the beginning" and "now"
     * mean.
     */
    synchronized ConsumerPlan plan(StreamInfo bucket) {
        Instant streamCreated = bucket.getCreateTime().toInstant();
        long keeps = bucket.getConfiguration().getMaxMsgsPerSubject();
        ConsumerPlan plan;
        if (begun) {
            created = streamCreated;
            // As long as nothing was delivered, as in the beginning: the consumer may be there already.
            plan = lastPerKey && revision == 0
                    ? ConsumerPlan.lastPerKey()
                    : startTime().map(ConsumerPlan::from).orElseGet(() -> ConsumerPlan.behind(this, keeps));
        } else {
            long end = bucket.getStreamState().getLastSequence();
            plan = begin(streamCreated, end, keeps);
            begun = true;
            boolean ends = !inSnapshot() && !(start instanceof WatchStart.After);
            endAtOnce = ends ? Optional.of(new WatchEvent.SnapshotEnd(end)) : Optional.empty();
        }
        lastPerKey = plan.equals(ConsumerPlan.lastPerKey());
        reissued = lastPerKey && revision > 0;
        return plan;
    }

    /** The time from which on to deliver, as long as nothing was delivered. */
    synchronized Optional<Instant> startTime() {
        return revision == 0 && start instanceof WatchStart.FromTime from ? Optional.of(from.time()) : Optional.empty();
    }

    /**
     * The consumer is made. The last entries that it delivers are those of that moment, so a snapshot that has only begun ends there.
     *
     * @param lastRevision the bucket's last revision, read after that
     * @param anchor by which to recognise the bucket, where there is nothing better yet
     * @return the end of a snapshot without entries, the first time. Not before: the bucket would not be recognised again
     */
    synchronized Optional<WatchEvent.SnapshotEnd> consumerMade(long lastRevision, Optional<Anchor> anchor) {
        if (lastPerKey && revision == 0) {
            snapshotEnd = Math.max(snapshotEnd, lastRevision);
        }
        if (older.isEmpty() && last == null) {
            anchor.ifPresent(older::add);
            shared = null;
        }
        return endAtOnce;
    }

    /** The reader knows that end. */
    synchronized void endTold() {
        endAtOnce = Optional.empty();
    }

    /**
     * True in a snapshot that was asked for again in its middle: the consumer delivers the last entries of a moment behind the snapshot's end. What
     * lies behind the end has to be read by another consumer, revision by revision.
     */
    synchronized boolean needsAnotherConsumer() {
        return lastPerKey && reissued;
    }

    private ConsumerPlan begin(Instant streamCreated, long end, long keeps) {
        if (start instanceof WatchStart.Snapshot) {
            reset(streamCreated, 0, end, false);
            // What is written into an empty bucket from now on is no snapshot: every revision counts.
            return end == 0 ? ConsumerPlan.from(1) : ConsumerPlan.lastPerKey();
        } else if (start instanceof WatchStart.History) {
            reset(streamCreated, 0, end, true);
            return ConsumerPlan.from(1);
        } else if (start instanceof WatchStart.UpdatesOnly) {
            reset(streamCreated, end, 0, true);
            return ConsumerPlan.from(end + 1);
        } else if (start instanceof WatchStart.FromRevision from) {
            long before = Math.min(from.revision() - 1, end);
            reset(streamCreated, before, before < end ? end : 0, true);
            floor = from.revision() - 1;
            return ConsumerPlan.from(before + 1);
        } else if (start instanceof WatchStart.FromTime from) {
            reset(streamCreated, 0, end, true);
            return ConsumerPlan.from(from.time());
        } else if (start instanceof WatchStart.After after) {
            WatchPosition position = after.position();
            reset(streamCreated, position.revision(), position.snapshotEnd(), position.history());
            List<Anchor> anchors = position.anchors();
            shared = null;
            older.addAll(
                    anchors.subList(Math.max(0, anchors.size() - (WatchPosition.MAX_ANCHORS - 1)), anchors.size()));
            return ConsumerPlan.behind(this, keeps);
        }
        throw new AssertionError(start);
    }

    private void reset(Instant streamCreated, long at, long end, boolean everyRevision) {
        created = streamCreated;
        revision = at;
        floor = 0;
        snapshotEnd = end;
        history = everyRevision;
        older.clear();
        shared = null;
        last = null;
        sinceAnchor = 0;
        nextSlot = 0;
    }

    /** True if a revision was delivered before, or lies below the start. */
    boolean isBehind(long candidate) {
        return candidate <= revision || candidate <= floor;
    }

    /** True for what a server delivers that takes a start time in the future for "from now on". */
    boolean isBeforeStart(Instant stored) {
        return revision == 0 && start instanceof WatchStart.FromTime from && stored.isBefore(from.time());
    }

    synchronized void delivered(KvEntry entry) {
        if (last != null && (older.size() < WatchPosition.MAX_ANCHORS - 1 || ++sinceAnchor >= STRIDE)) {
            keep(last);
            sinceAnchor = 0;
        }
        revision = entry.revision();
        last = entry;
    }

    private void keep(KvEntry entry) {
        Anchor anchor = anchorOf(entry);
        shared = null;
        for (int i = 0; i < older.size(); i++) {
            if (older.get(i).key().equals(entry.key())) {
                older.set(i, anchor);
                return;
            }
        }
        if (older.size() < WatchPosition.MAX_ANCHORS - 1) {
            older.add(anchor);
        } else {
            older.set(nextSlot, anchor);
            nextSlot = (nextSlot + 1) % older.size();
        }
    }

    long revision() {
        return revision;
    }

    long snapshotEnd() {
        return snapshotEnd;
    }

    /** Behind which revision every one that survives is to be delivered. */
    long behind() {
        return Math.max(revision, floor);
    }

    /** True in a snapshot by key: it has gaps. */
    boolean deliversByKey() {
        return lastPerKey && inSnapshot();
    }

    boolean inSnapshot() {
        return snapshotEnd > 0;
    }

    boolean history() {
        return history;
    }

    synchronized void endSnapshot() {
        if (needsAnotherConsumer()) {
            revision = Math.max(revision, snapshotEnd);
        }
        snapshotEnd = 0;
    }

    /** Where the reader is. Null before the bucket was reached, or before the end of a snapshot without entries was told. */
    synchronized WatchPosition position() {
        return begun && endAtOnce.isPresent() ? null : reached();
    }

    /** By what to recognise the bucket. Null before it was reached, unless the start is a position. */
    synchronized WatchPosition reached() {
        if (!begun) {
            return start instanceof WatchStart.After after ? after.position() : null;
        }
        if (shared == null) {
            shared = List.copyOf(older);
        }
        List<Anchor> anchors = last == null ? shared : new Anchors(shared, anchorOf(last));
        return new WatchPosition(created, revision, snapshotEnd, history, anchors);
    }

    private static Anchor anchorOf(KvEntry entry) {
        return new Anchor(entry.revision(), entry.key(), entry.created());
    }
}
