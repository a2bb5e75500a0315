package io.natskv.soak.model;

import io.natskv.soak.model.Violation.Kind;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whether a Camel consumer with a stored position has seen each revision that the bucket held when it read, in order; again only what lies
 * behind the position that it began with. For one check.
 */
public final class CamelCheck {
    private static final String WHERE = "Camel consumer";

    private final History bucket;
    private final Unrecorded unrecorded;
    private final Findings findings;
    private final Set<Position> seen = new HashSet<>();
    private final ReadTimes readTimes = new ReadTimes();
    private final Map<String, Position> lastOfKey = new HashMap<>();
    private int repeated;
    /** Of the present run of its process: everything comes behind it. */
    private Position behind;

    /** @param unrecorded what the consumer may have seen though the recorder did not */
    public CamelCheck(History bucket, Unrecorded unrecorded, Findings findings) {
        this.bucket = bucket;
        this.unrecorded = unrecorded;
        this.findings = findings;
    }

    /** How many changes came again after a restart. */
    public int repeated() {
        return repeated;
    }

    /** The last revision of the present bucket that was seen of each key. */
    public Map<String, Long> lastRevisions() {
        Map<String, Long> revisions = new HashMap<>();
        lastOfKey.forEach((key, position) -> {
            if (position.incarnation() == bucket.incarnations() - 1) {
                revisions.put(key, position.revision());
            }
        });
        return revisions;
    }

    /** @param now when everything that was written had arrived */
    public void run(List<Seen> lines, Instant now) {
        for (Seen line : lines) {
            if (line instanceof Seen.Start start) {
                behind = start.bucketCreated() == null
                        ? null
                        : new Position(bucket.at(start.bucketCreated()), start.revision());
            } else if (line instanceof Seen.Delivered delivered) {
                take(delivered);
            }
        }
        for (int i = 0; i < bucket.incarnations(); i++) {
            for (Change change : bucket.changes(i)) {
                if (!seen.contains(change.position())) {
                    Instant read = readTimes.passed(Integer.toString(i), change.revision(), now);
                    if (bucket.removable(change).isAfter(read)) {
                        findings.add(
                                Kind.LOST,
                                WHERE,
                                "has not seen " + change + ", which the bucket held when it read (before " + read
                                        + ")");
                    }
                }
            }
        }
    }

    private void take(Seen.Delivered line) {
        Change change = bucket.find(line.revision(), line.created()).orElse(null);
        int incarnation = change == null ? bucket.at(line.created()) : change.incarnation();
        Position position = new Position(incarnation, line.revision());
        if (change == null) {
            withoutChange(incarnation, line);
        } else if (!change.key().equals(line.key())
                || change.operation() != line.operation()
                || change.digest() != line.digest()) {
            findings.add(Kind.WRONG, WHERE, line + " was " + change + " in the bucket, or its value differs");
        }
        readTimes.seen(Integer.toString(incarnation), line.revision(), line.at());
        if (behind != null && position.compareTo(behind) <= 0) {
            findings.add(
                    position.equals(behind) || seen.contains(position) ? Kind.DUPLICATED : Kind.REORDERED,
                    WHERE,
                    line + " comes behind revision " + behind.revision());
        }
        if (!seen.add(position)) {
            repeated++;
        }
        behind = position;
        lastOfKey.put(line.key(), position);
    }

    /** The bucket had removed it before the recorder came, if it was ever there. */
    private void withoutChange(int incarnation, Seen.Delivered line) {
        Change other = bucket.find(incarnation, line.revision()).orElse(null);
        boolean removed = bucket.removable(
                        incarnation,
                        line.key(),
                        line.revision(),
                        line.created(),
                        bucket.ttlSeconds(line.key(), line.operation()))
                .isBefore(Instant.MAX);
        if (other != null) {
            findings.add(Kind.WRONG, WHERE, line + " has another time than " + other);
        } else if (!removed
                || !unrecorded.mayBe(incarnation, line.revision(), line.key(), line.operation(), line.digest())) {
            findings.add(Kind.WRONG, WHERE, line + " was never in the bucket");
        }
    }
}
