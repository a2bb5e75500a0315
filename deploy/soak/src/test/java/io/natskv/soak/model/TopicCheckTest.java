package io.natskv.soak.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.soak.model.Violation.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A topic: what is lost, out of order, there twice or made up is found; what the contract allows is not. */
class TopicCheckTest extends Recorded {
    private final List<SnapshotWindow> snapshots = new ArrayList<>();
    private final List<Ack> writes = new ArrayList<>();

    private int check(boolean exactlyOnce) {
        TopicCheck check =
                new TopicCheck("topic", exactlyOnce, bucket, snapshots, Unrecorded.of(writes, bucket), findings);
        check.run(records, at(1_000));
        return check.repeated();
    }

    @Test
    void allIsThere() {
        assertThat(check(true)).isZero();
        assertThat(kinds()).isEmpty();
    }

    @Test
    void aRecordIsLost() {
        records.remove(1);
        check(true);
        assertThat(kinds()).containsExactly(Kind.LOST);
        assertThat(findings.first().get(0).text()).contains("k.b").contains("revision 2");
    }

    /** Revision 5 purges k.a, 6 purges it again before the recorder comes to 5; the source reads between them. */
    @Test
    void aPurgeThatNobodyRecordedHasRemovedWhatIsMissing() {
        Change first = changes.get(2);
        bucket.add(new Change(0, 6, "k.a", Operation.PURGE, Digest.NONE, at(60), 0, null));
        TopicEntry last = record(new Change(0, 6, "k.a", Operation.PURGE, Digest.NONE, at(60), 0, null), at(61), false);
        records.remove(2);
        records.set(2, record(changes.get(3), at(21), false));
        records.add(record(new Change(0, 5, "k.a", Operation.PURGE, Digest.NONE, at(20), 0, null), at(22), false));
        records.add(last);
        writes.add(new Ack("k.a", Operation.PURGE, Digest.NONE, 0, 5));
        check(true);
        assertThat(kinds()).as("read after the first purge").isEmpty();
        assertThat(bucket.removable(first)).isEqualTo(at(20));

        records.set(2, record(changes.get(3), at(19), false));
        check(true);
        assertThat(kinds()).as("read before it").containsExactly(Kind.LOST);
    }

    @Test
    void anAcknowledgedPurgeThatNobodyHasSeenMayHaveRemovedWhatIsMissing() {
        Change second = changes.get(1);
        Change third = changes.get(2);
        bucket.add(new Change(0, 6, "k.a", Operation.PURGE, Digest.NONE, at(60), 0, null));
        writes.add(new Ack("k.a", Operation.PURGE, Digest.NONE, 0, 5));
        Unrecorded.of(writes, bucket);
        assertThat(bucket.removable(third))
                .as("not before the recorded revision before it")
                .isEqualTo(changes.get(3).created());
        assertThat(bucket.removable(second)).as("another key").isEqualTo(Instant.MAX);
    }

    @Test
    void theLastRecordIsLost() {
        records.remove(3);
        check(false);
        assertThat(kinds()).containsExactly(Kind.LOST);
    }

    @Test
    void aRecordIsThereTwice() {
        records.add(3, records.get(0));
        assertThat(check(false)).isOne();
        assertThat(kinds()).as("at least once").isEmpty();
        check(true);
        assertThat(kinds()).as("exactly once").containsExactly(Kind.DUPLICATED);
    }

    @Test
    void recordsOfAKeyChangePlaces() {
        Collections.swap(records, 0, 2);
        check(true);
        assertThat(kinds()).containsExactly(Kind.REORDERED);
    }

    @Test
    void keysHaveNoOrderAmongThemselves() {
        Collections.swap(records, 0, 1);
        check(true);
        assertThat(kinds()).isEmpty();
    }

    @Test
    void aValueDiffers() {
        Change change = changes.get(0);
        records.set(0, record(new Change(0, 1, "k.a", Operation.PUT, 7, change.created(), 0, null), at(1), false));
        check(true);
        assertThat(kinds()).containsExactly(Kind.WRONG);
    }

    @Test
    void aDeleteComesAsAPut() {
        Change change = changes.get(3);
        records.set(3, record(new Change(0, 4, "k.b", Operation.PUT, 0, change.created(), 0, null), at(4), false));
        check(true);
        assertThat(kinds()).containsExactly(Kind.WRONG);
    }

    @Test
    void aRecordIsMadeUp() {
        records.add(record(new Change(0, 9, "k.z", Operation.PUT, 7, at(9), 0, null), at(9), false));
        check(true);
        assertThat(kinds()).containsExactly(Kind.WRONG);
    }

    @Test
    void whatWasOverwrittenBeforeItWasReadIsNotLost() {
        for (int i = 0; i < DEPTH; i++) {
            put("k.b");
        }
        records.remove(1); // revision 2, passed when revision 3 was read at second 3.5, still held then
        check(true);
        assertThat(kinds()).containsExactly(Kind.LOST);
    }

    @Test
    void readLateTheSameIsNoLoss() {
        for (int i = 0; i < DEPTH; i++) {
            put("k.b");
        }
        records.clear();
        changes.stream()
                .filter(change -> change.revision() != 2)
                .forEach(change -> records.add(record(change, at(100), false)));
        check(true);
        assertThat(kinds()).isEmpty();
    }

    @Test
    void whatExpiredBeforeItWasReadIsNotLost() {
        Change shortLived = change("k.t", Operation.PUT, 5);
        put("k.a");
        records.clear();
        changes.stream()
                .filter(change -> change != shortLived)
                .forEach(change ->
                        records.add(record(change, shortLived.created().plus(Duration.ofSeconds(5)), false)));
        check(true);
        assertThat(kinds()).isEmpty();
        records.clear();
        changes.stream()
                .filter(change -> change != shortLived)
                .forEach(change ->
                        records.add(record(change, shortLived.created().plus(Duration.ofSeconds(4)), false)));
        check(true);
        assertThat(kinds()).containsExactly(Kind.LOST);
    }

    @Test
    void aPurgeExcusesWhatWasBeforeIt() {
        change("k.a", Operation.PURGE, 0);
        records.clear();
        changes.stream()
                .filter(change -> change.revision() == 5 || change.key().equals("k.b"))
                .forEach(change -> records.add(record(change, at(5), false)));
        check(true);
        assertThat(kinds()).isEmpty();
    }

    @Test
    void markersThatTheSoakRemovedMayBeMissing() {
        bucket.purged("k.b", 4, at(10));
        records.removeIf(record -> record.revision() == 4);
        check(true);
        assertThat(kinds()).isEmpty();
    }

    @Test
    void reconciliationRemovesAKeyThatHasVanished() {
        bucket.purged("k.b", 4, at(10));
        records.removeIf(record -> record.revision() == 4);
        records.add(new TopicEntry("t", 0, 9, "k.b", Operation.PURGE, Digest.NONE, 4, at(11), true, at(11)));
        check(true);
        assertThat(kinds()).isEmpty();
    }

    @Test
    void reconciliationRemovesAKeyThatIsThere() {
        records.add(new TopicEntry("t", 0, 9, "k.a", Operation.PURGE, Digest.NONE, 4, at(11), true, at(11)));
        check(true);
        assertThat(kinds()).containsExactly(Kind.WRONG);
    }

    @Test
    void reconciliationRepeatsWhatTheTopicHasLast() {
        records.add(record(changes.get(2), at(11), true));
        check(true);
        assertThat(kinds()).containsExactly(Kind.DUPLICATED);
    }

    @Test
    void aNewBucketBeginsWithASnapshot() {
        bucket.end(at(5));
        bucket.begin(at(5));
        Change overwritten = put("k.a");
        put("k.a");
        put("k.c");
        records.removeIf(record -> record.created().equals(overwritten.created()));
        check(true);
        assertThat(kinds()).as("without a snapshot").containsExactly(Kind.LOST);
    }

    @Test
    void theSnapshotExcusesWhatWasOverwrittenBefore() {
        bucket.end(at(5));
        bucket.begin(at(5));
        Change overwritten = put("k.a");
        put("k.a");
        put("k.c");
        records.removeIf(record -> record.created().equals(overwritten.created()));
        snapshots.add(new SnapshotWindow("k", at(9)));
        check(true);
        assertThat(kinds()).isEmpty();
        records.removeIf(record -> record.key().equals("k.c"));
        check(true);
        assertThat(kinds()).as("nothing had overwritten it").containsExactly(Kind.LOST);
    }

    @Test
    void anOldBucketsRecordBehindANewOnes() {
        bucket.end(at(5));
        bucket.begin(at(5));
        put("k.a");
        Collections.swap(records, 2, 4);
        check(true);
        assertThat(kinds()).containsExactly(Kind.REORDERED);
    }

    @Test
    void reconciliationRemovesAKeyBeforeItComesAgain() {
        records.add(new TopicEntry("t", 0, 9, "k.c", Operation.PURGE, Digest.NONE, 40, at(4), true, at(4)));
        put("k.c");
        check(true);
        assertThat(kinds()).isEmpty();
    }

    @Test
    void whatLivesShorterThanTheRecorderIsAwayMayBeUnknown() {
        records.add(record(new Change(0, 9, "t.1", Operation.PUT, 7, at(9), 0, null), at(9), false));
        records.add(record(new Change(0, 10, "t.1", Operation.PURGE, Digest.NONE, at(11), 0, null), at(11), false));
        bucket.shortLived("t.1", 2);
        writes.add(new Ack("t.1", Operation.PUT, 7, 0, 9));
        check(true);
        assertThat(kinds()).isEmpty();
    }

    @Test
    void whatLivesShortMayBeUnknownToItsWriterToo() {
        records.add(record(new Change(0, 9, "t.1", Operation.PUT, 7, at(9), 0, null), at(9), false));
        bucket.shortLived("t.1", 2);
        writes.add(new Ack("t.1", Operation.PUT, 7, 0, 0));
        check(true);
        assertThat(kinds()).isEmpty();
    }

    @Test
    void whatLivesShortIsStillWhatSomebodyWrote() {
        records.add(record(new Change(0, 9, "t.1", Operation.PUT, 7, at(9), 0, null), at(9), false));
        bucket.shortLived("t.1", 2);
        writes.add(new Ack("t.1", Operation.PUT, 8, 0, 9));
        check(true);
        assertThat(kinds()).containsExactly(Kind.WRONG);
    }

    @Test
    void aPurgeExcusesNoRecordThatNobodyWrote() {
        records.add(record(new Change(0, 9, "k.a", Operation.PUT, 7, at(9), 0, null), at(9), false));
        bucket.add(new Change(0, 10, "k.a", Operation.PURGE, Digest.NONE, at(10), 0, null));
        records.add(record(new Change(0, 10, "k.a", Operation.PURGE, Digest.NONE, at(10), 0, null), at(10), false));
        check(true);
        assertThat(kinds()).containsExactly(Kind.WRONG);
        findings = new Findings();
        writes.add(new Ack("k.a", Operation.PUT, 7, 0, 9));
        check(true);
        assertThat(kinds()).as("it was written, and purged at once").isEmpty();
    }

    @Test
    void aRevisionHasAnotherTime() {
        change("k.b", Operation.PURGE, 0);
        records.set(1, record(new Change(0, 2, "k.b", Operation.PUT, 1_002, at(3), 0, null), at(3), false));
        check(true);
        assertThat(kinds()).contains(Kind.WRONG);
    }

    @Test
    void reconciliationUndoesWhatIsNewer() {
        records.add(record(changes.get(0), at(11), true));
        check(false);
        assertThat(kinds()).containsExactly(Kind.REORDERED);
    }

    @Test
    void reconciliationMendsWhatARepeatHasUndone() {
        records.add(record(changes.get(0), at(11), false));
        records.add(record(changes.get(2), at(12), true));
        check(false);
        assertThat(kinds()).isEmpty();
    }

    @Test
    void reconciliationRemovesAKeyThatHasComeAgain() {
        put("k.c");
        records.add(
                new TopicEntry("t", 0, 9, "k.c", Operation.PURGE, Digest.NONE, 4, at(4).plusMillis(9), true, at(6)));
        check(true);
        assertThat(kinds()).containsExactly(Kind.REORDERED);
    }

    @Test
    void aLaterBucketsSnapshotExcusesNothing() {
        bucket.end(at(5));
        bucket.begin(at(5));
        Change overwritten = put("k.a");
        put("k.a");
        put("k.c");
        bucket.end(at(20));
        bucket.begin(at(30));
        snapshots.add(new SnapshotWindow("k", at(41)));
        records.removeIf(record -> record.created().equals(overwritten.created()));
        check(true);
        assertThat(kinds()).containsExactly(Kind.LOST);
    }

    @Test
    void exactlyOnceASecondSnapshotExcusesNothing() {
        bucket.end(at(4));
        bucket.begin(at(4));
        put("k.c");
        Change overwritten = put("k.a");
        put("k.a");
        put("k.c");
        records.removeIf(record -> record.created().equals(overwritten.created()));
        snapshots.add(new SnapshotWindow("k", at(5)));
        snapshots.add(new SnapshotWindow("k", at(9)));
        check(true);
        assertThat(kinds()).containsExactly(Kind.LOST);
        findings = new Findings();
        check(false);
        assertThat(kinds()).isEmpty();
    }
}
