package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.core.watch.WatchPosition;
import io.natskv.core.watch.WatchPosition.Anchor;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PositionKeeperTest {
    private final List<Long> stored = new ArrayList<>();

    private static WatchPosition at(long revision) {
        return new WatchPosition(Instant.EPOCH, revision, 0, false, List.of());
    }

    private PositionKeeper keeper(boolean manual) {
        return new PositionKeeper(position -> stored.add(position.revision()), 0, manual, 10);
    }

    /** What the end of an exchange with one change does. */
    private static void end(PositionKeeper keeper, Settlement change) {
        change.processed(true);
        keeper.settled();
    }

    private static List<Settlement> changes(PositionKeeper keeper, int count) {
        return LongStream.rangeClosed(1, count)
                .mapToObj(revision -> keeper.next(at(revision)))
                .toList();
    }

    @Test
    void neverPassesWhatHasNotEnded() {
        PositionKeeper keeper = keeper(false);
        List<Settlement> changes = changes(keeper, 4);
        end(keeper, changes.get(1));
        end(keeper, changes.get(3));
        assertThat(stored).isEmpty();
        end(keeper, changes.get(0));
        assertThat(stored).containsExactly(2L);
        end(keeper, changes.get(2));
        assertThat(stored).containsExactly(2L, 4L);
        keeper.storeNow();
        assertThat(stored).containsExactly(2L, 4L);
    }

    @Test
    void inWhateverOrderTheyEndItOnlyGrowsAndReachesTheEnd() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        PositionKeeper keeper = keeper(false);
        List<Settlement> changes = new ArrayList<>(changes(keeper, 500));
        Collections.shuffle(changes, new Random(seed));
        changes.forEach(change -> end(keeper, change));
        assertThat(stored).isSorted().doesNotHaveDuplicates().endsWith(500L);
    }

    @Test
    void byHandItMovesToWhatIsCommittedAndEnded() {
        PositionKeeper keeper = keeper(true);
        List<Settlement> changes = changes(keeper, 5);
        end(keeper, changes.get(0));
        assertThat(stored).isEmpty();
        changes.get(2).commit();
        keeper.storeNow();
        assertThat(stored).isEmpty(); // the second one is under way
        end(keeper, changes.get(1));
        assertThat(stored).containsExactly(3L);
        end(keeper, changes.get(3));
        changes.get(4).commit();
        keeper.storeNow();
        assertThat(stored).containsExactly(3L, 5L);
        changes.get(1).commit(); // late: never back
        keeper.storeNow();
        assertThat(stored).containsExactly(3L, 5L);
    }

    @Test
    void writesNowAndThenAndWhenTold() {
        PositionKeeper keeper = new PositionKeeper(position -> stored.add(position.revision()), 1_000_000, false, 10);
        changes(keeper, 3).forEach(change -> end(keeper, change));
        assertThat(stored).isEmpty();
        keeper.storeNow();
        assertThat(stored).containsExactly(3L);
    }

    @Test
    void aWriteThatFailsIsTriedAgain() {
        AtomicBoolean broken = new AtomicBoolean(true);
        PositionKeeper keeper = new PositionKeeper(
                position -> {
                    if (broken.get()) {
                        throw new IllegalStateException("disk full");
                    }
                    stored.add(position.revision());
                },
                0,
                false,
                10);
        List<Settlement> changes = changes(keeper, 2);
        end(keeper, changes.get(0));
        broken.set(false);
        keeper.storeNow();
        assertThat(stored).containsExactly(1L);
    }

    @Test
    void isFullWhileTooMuchHasNotEnded() {
        PositionKeeper keeper = keeper(false);
        List<Settlement> changes = changes(keeper, 10);
        changes.subList(1, 10).forEach(change -> end(keeper, change));
        assertThat(keeper.isFull()).isTrue(); // the first one stands still
        end(keeper, changes.get(0));
        assertThat(keeper.isFull()).isFalse();
    }

    @Test
    void aPositionIsAText() {
        WatchPosition position = new WatchPosition(
                Instant.parse("2026-11-23T01:02:03.123456789Z"),
                42,
                50,
                true,
                List.of(new Anchor(7, "a/b=c.d_e-f", Instant.EPOCH), new Anchor(42, "k", Instant.EPOCH)));
        String text = PositionCodec.write(position);
        assertThat(text).startsWith("1|2026-11-23T01:02:03.123456789Z|42|50|true|7,");
        assertThat(PositionCodec.read(text)).isEqualTo(position);
        WatchPosition bare = new WatchPosition(null, 0, 0, false, List.of());
        assertThat(PositionCodec.read(PositionCodec.write(bare))).isEqualTo(bare);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "42", "2||1|0|false", "1|x|1|0|false", "1||x|0|false", "1||-1|0|false", "1||1|0|false|7"})
    void whatIsNoPositionIsSaidToBeNone(String text) {
        assertThatThrownBy(() -> PositionCodec.read(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
