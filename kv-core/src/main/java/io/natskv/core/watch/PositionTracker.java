package io.natskv.core.watch;

import io.natskv.core.KvEntry;
import io.natskv.core.watch.WatchPosition.Anchor;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Up to where a watch has delivered. Anchors: the last entry, which tells most, and some older ones of other keys, because the last
 * one vanishes as soon as its key changes again.
 */
final class PositionTracker {
    /** An older anchor is taken every so many entries: spread over time at next to no cost. */
    private static final int STRIDE = 256;

    private final List<Anchor> older = new ArrayList<>(WatchPosition.MAX_ANCHORS - 1);
    private Instant created;
    private long revision;
    private long snapshotEnd;
    private boolean history;
    private KvEntry last;
    private long sinceAnchor;
    private int nextSlot;

    /** Starts from nothing, in a bucket that is there. */
    void begin(Instant created, long revision, long snapshotEnd, boolean history) {
        this.created = created;
        this.revision = revision;
        this.snapshotEnd = snapshotEnd;
        this.history = history;
        older.clear();
        last = null;
        sinceAnchor = 0;
        nextSlot = 0;
    }

    /** Goes on behind a position. */
    void resume(WatchPosition position) {
        begin(position.created(), position.revision(), position.snapshotEnd(), position.history());
        List<Anchor> anchors = position.anchors();
        older.addAll(anchors.subList(Math.max(0, anchors.size() - (WatchPosition.MAX_ANCHORS - 1)), anchors.size()));
    }

    /** The bucket was recognised although its stream says another time of creation. */
    void adopt(Instant created) {
        this.created = created;
    }

    void delivered(KvEntry entry) {
        if (last != null && (older.size() < WatchPosition.MAX_ANCHORS - 1 || ++sinceAnchor >= STRIDE)) {
            keep(last);
            sinceAnchor = 0;
        }
        revision = entry.revision();
        last = entry;
    }

    private void keep(KvEntry entry) {
        Anchor anchor = anchorOf(entry);
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

    boolean inSnapshot() {
        return snapshotEnd > 0;
    }

    boolean history() {
        return history;
    }

    void endSnapshot() {
        snapshotEnd = 0;
    }

    Instant created() {
        return created;
    }

    WatchPosition position() {
        List<Anchor> anchors;
        if (last == null) {
            anchors = older;
        } else {
            anchors = new ArrayList<>(older.size() + 1);
            anchors.addAll(older);
            anchors.add(anchorOf(last));
        }
        return new WatchPosition(created, revision, snapshotEnd, history, anchors);
    }

    private static Anchor anchorOf(KvEntry entry) {
        return new Anchor(entry.revision(), entry.key(), entry.created());
    }
}
