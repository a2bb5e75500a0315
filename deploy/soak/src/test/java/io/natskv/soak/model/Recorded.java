package io.natskv.soak.model;

import io.natskv.soak.model.Violation.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;

/** A bucket of four revisions of two keys, and the records that a source makes of them. */
abstract class Recorded {
    static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
    static final int DEPTH = 3;

    final History bucket = new History(DEPTH, 5);
    Findings findings = new Findings();
    final List<Change> changes = new ArrayList<>();
    final List<TopicEntry> records = new ArrayList<>();

    @BeforeEach
    void begin() {
        bucket.begin(T0);
        put("k.a");
        put("k.b");
        put("k.a");
        change("k.b", Operation.DELETE, 0);
    }

    static Instant at(long second) {
        return T0.plusSeconds(second);
    }

    Change put(String key) {
        return change(key, Operation.PUT, 0);
    }

    /** Revision n is stored at second n, and read half a second later. */
    Change change(String key, Operation operation, int ttl) {
        int incarnation = bucket.incarnations() - 1;
        long revision = bucket.lastRevision() + 1;
        long second = bucket.size() + 1;
        Change change = new Change(
                incarnation,
                revision,
                key,
                operation,
                operation.isMarker() ? Digest.NONE : 1_000 + revision,
                at(second),
                ttl,
                null);
        bucket.add(change);
        changes.add(change);
        records.add(record(change, at(second).plusMillis(500), false));
        return change;
    }

    TopicEntry record(Change change, Instant observed, boolean reconciled) {
        return new TopicEntry(
                "t",
                0,
                records.size(),
                change.key(),
                change.operation(),
                change.digest(),
                change.revision(),
                change.created(),
                reconciled,
                observed);
    }

    List<Kind> kinds() {
        return findings.first().stream().map(Violation::kind).toList();
    }
}
