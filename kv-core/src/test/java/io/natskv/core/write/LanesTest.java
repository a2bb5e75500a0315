package io.natskv.core.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.core.write.WriteResult.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;

class LanesTest {
    private final Lanes lanes = new Lanes(3);
    private long ids;

    private PendingWrite write(String key) {
        return new PendingWrite(++ids, KvWrite.put(key, new byte[0]), lanes.of(key), "writer", 1, 0);
    }

    private void store(String key, long revision) {
        PendingWrite pending = write(key);
        pending.lane.add(pending, false);
        pending.lane.remember(pending.write, new WriteResult(revision, Outcome.STORED));
        pending.lane.next(pending);
    }

    @Test
    void remembersTheKeysWrittenLast() {
        store("a", 1);
        store("b", 2);
        store("c", 3);
        store("a", 4);
        store("d", 5);

        assertThat(List.of("a", "c", "d"))
                .extracting(key -> lanes.of(key).revision())
                .containsExactly(4L, 3L, 5L);
        assertThat(lanes.of("b").revision()).as("written longest ago").isZero();
    }

    @Test
    void neverForgetsAKeyThatIsBeingWritten() {
        PendingWrite slow = write("slow");
        slow.lane.add(slow, false);
        for (int i = 0; i < 10; i++) {
            store("k" + i, i);
        }

        assertThat(lanes.of("slow")).isSameAs(slow.lane);
        assertThat(lanes.of("k9").revision()).isEqualTo(9);
        assertThat(lanes.of("k8").revision()).isEqualTo(8);
        assertThat(lanes.of("k7").revision()).isZero();
    }

    @Test
    void keepsTheOrderOfAKey() {
        PendingWrite first = write("a");
        PendingWrite second = write("a");
        PendingWrite third = write("a");

        assertThat(first.lane.add(first, false)).isTrue();
        assertThat(first.lane.add(second, false)).isFalse();
        assertThat(first.lane.add(third, false)).isFalse();
        assertThatThrownBy(() -> first.lane.next(second)).isInstanceOf(IllegalStateException.class);
        assertThat(first.lane.next(first)).isSameAs(second);
        assertThat(first.lane.next(second)).isSameAs(third);
        assertThat(first.lane.next(third)).isNull();
        assertThat(first.lane.isIdle()).isTrue();
    }

    @Test
    void replacesOnlyWhatWaits() {
        PendingWrite first = write("a");
        PendingWrite second = write("a");
        PendingWrite third = write("a");
        for (PendingWrite pending : List.of(first, second, third)) {
            pending.lane.add(pending, true);
        }

        assertThat(second.predecessor).isNull();
        assertThat(third.predecessor).isSameAs(second);
        assertThat(first.lane.next(first)).isSameAs(third);
        assertThat(third.lane.restore()).isSameAs(second);
        assertThat(third.lane.next(second)).isNull();
    }
}
