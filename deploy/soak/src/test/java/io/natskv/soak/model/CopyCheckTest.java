package io.natskv.soak.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.soak.model.Violation.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A copy: what is lost, out of order, there twice or made up is found. */
class CopyCheckTest extends Recorded {
    private final History copy = new History(1_000, 0);

    private void copy(int... offsets) {
        copy.begin(T0);
        for (int offset : offsets) {
            TopicEntry record = records.get(offset);
            copy.add(new Change(
                    0,
                    copy.lastRevision() + 1,
                    record.key(),
                    record.operation(),
                    record.digest(),
                    at(50),
                    0,
                    record.place()));
        }
        new CopyCheck("copy", copy, findings).run(records, Long.MAX_VALUE);
    }

    @Test
    void allIsThere() {
        copy(0, 1, 2, 3);
        assertThat(kinds()).isEmpty();
    }

    @Test
    void otherKeysMayComeFirst() {
        copy(1, 0, 2, 3);
        assertThat(kinds()).isEmpty();
    }

    @Test
    void aRecordIsLost() {
        copy(0, 1, 3);
        assertThat(kinds()).containsExactly(Kind.LOST);
    }

    @Test
    void aRecordIsStoredTwice() {
        copy(0, 1, 2, 3, 2);
        assertThat(kinds()).containsExactly(Kind.DUPLICATED);
    }

    @Test
    void recordsOfAKeyChangePlaces() {
        copy(2, 1, 0, 3);
        assertThat(kinds()).containsExactly(Kind.REORDERED);
    }

    @Test
    void anotherClientWrites() {
        copy.begin(T0);
        copy.add(new Change(0, 1, "k.a", Operation.PUT, 7, at(50), 0, null));
        new CopyCheck("copy", copy, findings).run(List.of(), Long.MAX_VALUE);
        assertThat(kinds()).containsExactly(Kind.WRONG);
    }

    @Test
    void aValueDiffers() {
        copy.begin(T0);
        copy.add(new Change(0, 1, "k.a", Operation.PUT, 7, at(50), 0, "t/0/0"));
        new CopyCheck("copy", copy, findings).run(records.subList(0, 1), Long.MAX_VALUE);
        assertThat(kinds()).containsExactly(Kind.WRONG);
    }

    @Test
    void whatCameLaterThanTheRecordsWereReadIsNotJudged() {
        copy.begin(T0);
        copy.add(new Change(0, 1, "k.a", Operation.PUT, records.get(0).digest(), at(50), 0, "t/0/0"));
        copy.add(new Change(0, 2, "k.a", Operation.PUT, 7, at(51), 0, "t/0/9"));
        new CopyCheck("copy", copy, findings).run(records.subList(0, 1), 1);
        assertThat(kinds()).isEmpty();
        new CopyCheck("copy", copy, findings).run(records.subList(0, 1), 2);
        assertThat(kinds()).containsExactly(Kind.WRONG);
    }

    @Test
    void aPurgeRemovesWhatTheRecorderDidNotSee() {
        change("k.a", Operation.PURGE, 0);
        copy(1, 3, 4);
        assertThat(kinds()).isEmpty();
    }

    @Test
    void theNumberOfMessagesIsRight() {
        new CopyCheck("copy", copy, findings).count(4, 3, 7);
        assertThat(kinds()).isEmpty();
    }

    @Test
    void oneWasStoredTwiceAndIsGoneByNow() {
        new CopyCheck("copy", copy, findings).count(4, 3, 8);
        assertThat(kinds()).containsExactly(Kind.DUPLICATED);
    }

    @Test
    void oneWasNeverStored() {
        new CopyCheck("copy", copy, findings).count(4, 3, 6);
        assertThat(kinds()).containsExactly(Kind.LOST);
    }
}
