package io.natskv.soak.model;

import io.natskv.soak.model.Violation.Kind;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Whether the bucket itself holds what its writers were told, and nothing else. What fails here is the server's, or the soak's own. */
public final class OriginCheck {
    private static final String WHERE = "bucket";

    private final History bucket;
    private final Findings findings;

    private record Content(String key, Operation operation, long digest) {}

    public OriginCheck(History bucket, Findings findings) {
        this.bucket = bucket;
        this.findings = findings;
    }

    /** @param writes all that were sent, but those that were refused */
    public void run(List<Ack> writes) {
        Set<Position> acknowledged = new HashSet<>();
        Set<Content> perhaps = new HashSet<>();
        for (Ack write : writes) {
            if (write.revision() == 0) {
                perhaps.add(new Content(write.key(), write.operation(), write.digest()));
            } else {
                acknowledged(write);
                acknowledged.add(new Position(write.incarnation(), write.revision()));
            }
        }
        for (int i = 0; i < bucket.incarnations(); i++) {
            for (Change change : bucket.changes(i)) {
                if (!acknowledged.contains(change.position())
                        && !change.operation().isMarker()) {
                    if (!perhaps.contains(new Content(change.key(), change.operation(), change.digest()))) {
                        findings.add(Kind.WRONG, WHERE, change + " was written by nobody");
                    }
                }
            }
        }
    }

    private void acknowledged(Ack write) {
        Change change = bucket.find(write.incarnation(), write.revision()).orElse(null);
        if (change == null) {
            // The recorder came too late for it.
            boolean removed = bucket.removable(
                            write.incarnation(),
                            write.key(),
                            write.revision(),
                            Instant.EPOCH,
                            bucket.ttlSeconds(write.key(), write.operation()))
                    .isBefore(Instant.MAX);
            if (!removed) {
                findings.add(Kind.LOST, WHERE, write + " was acknowledged and is not there");
            }
        } else if (!change.key().equals(write.key())
                || change.operation() != write.operation()
                || change.digest() != write.digest()) {
            findings.add(Kind.WRONG, WHERE, change + " was acknowledged as " + write);
        }
    }
}
