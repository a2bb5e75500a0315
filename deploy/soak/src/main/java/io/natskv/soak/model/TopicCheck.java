package io.natskv.soak.model;

import io.natskv.soak.model.Violation.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Whether a topic holds what a source promises of a bucket: each revision that the bucket still held when it was read, those of a key in their
 * order; once, or again only behind one that is there already. For one check.
 */
public final class TopicCheck {
    /** From a question of reconciliation to its answer. */
    private static final Duration LONGEST_ANSWER = Duration.ofSeconds(5);
    /** From the end of a snapshot to the next bucket of the name, at most, when a source tells of the one late. */
    private static final Duration LATE = Duration.ofSeconds(10);

    private final String where;
    private final boolean exactlyOnce;
    private final History bucket;
    private final List<SnapshotWindow> snapshots;
    private final Unrecorded unrecorded;
    private final Findings findings;
    private final Map<String, Position> highest = new HashMap<>();
    private final Map<String, TopicEntry> last = new HashMap<>();
    private final Set<Position> seen = new HashSet<>();
    private final ReadTimes readTimes = new ReadTimes();
    private int repeated;
    private int excused;

    /**
     * @param snapshots that were taken after lost positions
     * @param unrecorded what may be in the topic though the recorder did not see it
     */
    public TopicCheck(
            String where,
            boolean exactlyOnce,
            History bucket,
            List<SnapshotWindow> snapshots,
            Unrecorded unrecorded,
            Findings findings) {
        this.where = where;
        this.exactlyOnce = exactlyOnce;
        this.bucket = bucket;
        this.snapshots = snapshots;
        this.unrecorded = unrecorded;
        this.findings = findings;
    }

    /** How many records were there again, as at-least-once allows. */
    public int repeated() {
        return repeated;
    }

    /** How many revisions the source did not have to hand over: the bucket was free to forget them before it had read them. */
    public int excused() {
        return excused;
    }

    /**
     * Checks.
     *
     * @param entries those of a partition in their order
     * @param now when everything that was written had arrived
     */
    public void run(List<TopicEntry> entries, Instant now) {
        entries.forEach(this::take);
        List<Change> missing = new ArrayList<>();
        for (int i = 0; i < bucket.incarnations(); i++) {
            for (Change change : bucket.changes(i)) {
                if (!seen.contains(change.position())) {
                    missing.add(change);
                }
            }
        }
        for (Change change : missing) {
            Instant read = readTimes.passed(stretch(change.incarnation(), change.key()), change.revision(), now);
            if (bucket.removable(change).isAfter(read) && !leftOutOfSnapshot(change, read)) {
                findings.add(
                        Kind.LOST,
                        where,
                        "no record of " + change + ", which the bucket held when the source read it (before " + read
                                + ")");
            } else {
                excused++;
            }
        }
    }

    private void take(TopicEntry entry) {
        TopicEntry before = last.put(entry.key(), entry);
        Change change = bucket.find(entry.revision(), entry.created()).orElse(null);
        if (change == null) {
            withoutChange(entry, before);
            return;
        }
        readTimes.seen(stretch(change.incarnation(), change.key()), change.revision(), entry.observed());
        if (!change.key().equals(entry.key())
                || change.operation() != entry.operation()
                || change.digest() != entry.digest()) {
            findings.add(Kind.WRONG, where, entry + " was " + change + " in the bucket, or its value differs");
        }
        order(entry, change.position(), before);
    }

    private void order(TopicEntry entry, Position position, TopicEntry before) {
        Position max = highest.get(entry.key());
        boolean there = !seen.add(position);
        if (there) {
            boolean differed = before != null
                    && (before.revision() != entry.revision()
                            || !before.created().equals(entry.created()));
            if (entry.reconciled() && differed) {
                // The topic had something else, something older: that is what reconciliation is for.
                if (position.compareTo(max) < 0) {
                    findings.add(Kind.REORDERED, where, entry + " undoes revision " + max.revision());
                }
                return;
            }
            repeated++;
            if (exactlyOnce) {
                findings.add(Kind.DUPLICATED, where, entry + " is there already");
            }
        } else if (max != null && position.compareTo(max) < 0) {
            findings.add(Kind.REORDERED, where, entry + " comes behind revision " + max.revision());
        } else {
            highest.put(entry.key(), position);
        }
    }

    /** Nobody recorded it: a tombstone of reconciliation, or the bucket had removed it before the recorder came. */
    private void withoutChange(TopicEntry entry, TopicEntry before) {
        int incarnation = bucket.at(entry.created());
        if (entry.reconciled() && entry.operation() == Operation.PURGE) {
            // The leader was asked before the change was made: what the source has emitted since is not its business.
            if (before != null && !before.reconciled() && before.created().isAfter(entry.created())) {
                findings.add(Kind.REORDERED, where, entry + " comes behind the younger " + before);
            }
            // Its revision is that of the comparison's beginning, perhaps in the bucket before; its time, that of the
            // leader's answer.
            Instant asked = entry.created().minus(LONGEST_ANSWER);
            for (Change change : bucket.changes(entry.key())) {
                if (change.operation() == Operation.PUT
                        && change.created().isBefore(asked)
                        && bucket.overwritten(change).isAfter(entry.created())
                        && bucket.removable(change).isAfter(entry.created())) {
                    findings.add(Kind.WRONG, where, entry + " though the bucket held " + change);
                }
            }
            return;
        }
        Position position = new Position(incarnation, entry.revision());
        Change other = bucket.find(incarnation, entry.revision()).orElse(null);
        if (other != null) {
            findings.add(Kind.WRONG, where, entry + " has another time than " + other);
            return;
        }
        readTimes.seen(stretch(incarnation, entry.key()), entry.revision(), entry.observed());
        boolean removed = bucket.removable(
                        incarnation,
                        entry.key(),
                        entry.revision(),
                        entry.created(),
                        bucket.ttlSeconds(entry.key(), entry.operation()))
                .isBefore(Instant.MAX);
        if (!removed
                || !unrecorded.mayBe(incarnation, entry.revision(), entry.key(), entry.operation(), entry.digest())) {
            findings.add(Kind.WRONG, where, entry + " was never in the bucket");
        } else {
            bucket.seenElsewhere(new Change(
                    incarnation,
                    entry.revision(),
                    entry.key(),
                    entry.operation(),
                    entry.digest(),
                    entry.created(),
                    0,
                    null));
        }
        order(entry, position, null);
    }

    private boolean leftOutOfSnapshot(Change change, Instant read) {
        if (change.incarnation() == 0 || bucket.overwritten(change).isAfter(read)) {
            return false;
        }
        Stream<Instant> ends = snapshots.stream()
                .filter(window -> window.group().equals(group(change.key())))
                .map(SnapshotWindow::end)
                .filter(end -> isOf(change.incarnation(), end));
        // A source at least once may begin again with a snapshot whose end it had told.
        Optional<Instant> last = ends.reduce((a, b) -> a.isBefore(b) == exactlyOnce ? a : b);
        return last.isPresent() && !change.created().isAfter(last.get());
    }

    /** Whether a snapshot that ended then was of this bucket, and not of a later one of its name. */
    private boolean isOf(int incarnation, Instant end) {
        return end.isAfter(bucket.created(incarnation))
                && (incarnation == bucket.incarnations() - 1
                        || end.isBefore(bucket.created(incarnation + 1).plus(LATE)));
    }

    /** A task reads a filter in the order of revisions; the filters beside each other. */
    private static String stretch(int incarnation, String key) {
        return incarnation + "/" + group(key);
    }

    private static String group(String key) {
        return key.substring(0, key.indexOf('.'));
    }
}
