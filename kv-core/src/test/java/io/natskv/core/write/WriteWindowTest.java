package io.natskv.core.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.key.BucketSubjects;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What threads that come too late find. */
class WriteWindowTest {
    private static final byte[] VALUE = {1};

    private final WriteWindow window = new WriteWindow(WriterOptions.DEFAULT.withCoalesce(true));
    private final List<Resolution> found = new ArrayList<>();
    private final Refusals refusals =
            new Refusals(null, BucketSubjects.of("b", "$JS.API."), window.lock, new Refusals.Outcomes() {
                @Override
                public void apply(PendingWrite pending, Resolution resolution) {
                    found.add(resolution);
                }

                @Override
                public void failed(PendingWrite pending, KvException error) {
                    throw new AssertionError(error);
                }

                @Override
                public String action(KvWrite write) {
                    return "write";
                }
            });

    private PendingWrite admit(KvWrite write) throws InterruptedException {
        return window.admit(
                        write, 1, (id, lane, now) -> new PendingWrite(id, write, lane, "w", 1, now + 1_000_000_000L))
                .pending();
    }

    private void refuse(PendingWrite pending) {
        refusals.refused(
                window.refused(pending.id).orElse(pending),
                KvErrors.WRONG_LAST_SEQUENCE,
                "wrong last sequence: 7",
                null);
    }

    @Test
    void aWriteThatWasGivenUpStaysSo() throws InterruptedException {
        PendingWrite pending = admit(KvWrite.put("a", VALUE));
        PendingWrite next = admit(KvWrite.put("b", VALUE));
        window.completed(window.settle(pending, null, WriteWindow.End.FAILED)); // its deadline, on the timer's thread
        refuse(pending); // its answer, on the dispatcher's
        assertThat(found).isEmpty();
        assertThat(window.rebases(pending, 7)).isFalse();
        assertThat(window.sendsAgain(pending)).isFalse();
        assertThat(window.settle(pending, null, WriteWindow.End.FAILED)).isNull();
        assertThat(window.stats(new WriterMeter()).inFlight()).isEqualTo(1);
        assertThat(window.settle(next, new WriteResult(9, WriteResult.Outcome.STORED), WriteWindow.End.STORED))
                .isNotNull();
    }

    @Test
    void aWriteIsOvertakenByOneThatWasRefusedFirst() throws InterruptedException {
        PendingWrite lost = admit(KvWrite.put("a", VALUE));
        PendingWrite other = admit(KvWrite.put("b", VALUE));
        other.sentAt = lost.sentAt + 1;
        refuse(other);
        assertThat(found).containsExactly(new Resolution.Rebase(7));
        assertThat(isOvertaken(lost)).isTrue();
    }

    @Test
    void aWriteIsOvertakenByOneThatWasStoredAfterARefusal() throws InterruptedException {
        PendingWrite other = admit(KvWrite.put("b", VALUE));
        refuse(other);
        PendingWrite lost = admit(KvWrite.put("a", VALUE));
        assertThat(isOvertaken(lost)).isFalse();
        assertThat(window.rebases(other, 7)).isTrue();
        other.sentAt = lost.sentAt + 1;
        window.completed(window.stored(other.id, new WriteResult(8, WriteResult.Outcome.STORED)));
        assertThat(isOvertaken(lost)).isTrue();
    }

    /** Which of two copies was answered can't be told: the earlier one says nothing about what was sent after it. */
    @Test
    void oneOfTwoCopiesOvertakesNothing() throws InterruptedException {
        PendingWrite other = admit(KvWrite.put("b", VALUE));
        PendingWrite lost = admit(KvWrite.put("a", VALUE));
        assertThat(window.sendsAgain(other)).isTrue();
        other.sentAt = lost.sentAt + 1;
        window.completed(window.stored(other.id, new WriteResult(8, WriteResult.Outcome.STORED)));
        assertThat(isOvertaken(lost)).isFalse();
    }

    @Test
    void aPurgeGivesWayToAPurgeOnly() throws InterruptedException {
        admit(KvWrite.put("a", VALUE));
        PendingWrite put = admit(KvWrite.put("a", VALUE));
        PendingWrite purge = admit(KvWrite.purge("a"));
        assertThat(purge.predecessor).isSameAs(put);
        PendingWrite again = admit(KvWrite.purge("a"));
        assertThat(again.predecessor).isSameAs(purge);
        assertThat(admit(KvWrite.delete("a")).predecessor).isNull();
    }

    private boolean isOvertaken(PendingWrite pending) {
        window.lock.lock();
        try {
            return window.isOvertaken(pending);
        } finally {
            window.lock.unlock();
        }
    }
}
