package io.natskv.tools.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.tools.verify.Difference.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** What is made of states that move between two looks. */
class RecheckTest {
    private static final long PINNED = 100;

    @Test
    void aLaterRevisionThanThePinnedIsOnItsWay() {
        assertThat(outcome(List.of(entry(1, 90), entry(3, 103)), List.of(record(2, 101), record(2, 101)))
                        .agreed())
                .isEqualTo(1);
    }

    @Test
    void aCopyThatHeldThePinnedStateIsRight() {
        assertThat(outcome(List.of(entry(1, 90), entry(3, 103)), List.of(record(9, 80), record(1, 90)))
                        .agreed())
                .isEqualTo(1);
    }

    @Test
    void whatTheCopyHasFromBetweenTheLooksIsAskedForAgain() {
        assertThat(outcome(List.of(entry(1, 90), entry(2, 101), entry(3, 102)), List.of(record(9, 80), record(3, 102)))
                        .agreed())
                .isEqualTo(1);
    }

    @Test
    void aRevisionThatTheBucketNeverHadIsDifferent() {
        assertThat(outcome(List.of(entry(1, 90), entry(2, 101)), List.of(record(9, 5_000), record(9, 5_000)))
                        .differences())
                .singleElement()
                .satisfies(found -> assertThat(found.kind()).isEqualTo(Kind.different));
    }

    @Test
    void aCopyThatSpoilsEachChangeIsDifferentThoughBothMove() {
        // At the last look the copy is behind by one, which alone would be no difference.
        Recheck.Outcome outcome = outcome(
                List.of(entry(1, 90), entry(2, 101), entry(3, 102)),
                List.of(record(9, 90), record(8, 101), record(8, 101)),
                Duration.ofMillis(1));
        assertThat(outcome.moving()).isZero();
        assertThat(outcome.agreed()).isZero();
        assertThat(outcome.differences()).hasSize(1);
    }

    @Test
    void aCopyThatMovesFarBehindIsStale() {
        Recheck.Outcome outcome = outcome(List.of(entry(1, 99), entry(2, 200)), List.of(record(7, 10), record(8, 20)));
        assertThat(outcome.moving()).isZero();
        assertThat(outcome.differences())
                .singleElement()
                .satisfies(found -> assertThat(found.kind()).isEqualTo(Kind.stale));
    }

    @Test
    void withoutRevisionsAKeyThatMovesOnBothSidesIsCountedApart() {
        Recheck.Outcome outcome = outcome(
                List.of(entry(1, 99), entry(2, 200)),
                List.of(State.content(7, State.UNKNOWN, 1), State.content(8, State.UNKNOWN, 2)));
        assertThat(outcome.moving()).isEqualTo(1);
        assertThat(outcome.differences()).isEmpty();
    }

    /** The states of one key at the first reading and at each look after it; the last one stays. */
    private static Recheck.Outcome outcome(List<State> references, List<State> copies) {
        return outcome(references, copies, Duration.ZERO);
    }

    private static Recheck.Outcome outcome(List<State> references, List<State> copies, Duration settle) {
        return new Recheck(new Script(references), new Script(copies), PINNED, settle)
                .run(new TreeMap<>(Map.of("k", references.get(0))), new TreeMap<>(Map.of("k", copies.get(0))));
    }

    private static State entry(long digest, long revision) {
        return State.content(digest, revision, revision);
    }

    private static State record(long digest, long revision) {
        return State.content(digest, revision, TopicPlace.of(0, revision));
    }

    private static final class Script implements Side {
        private final List<State> states;
        private int looks;

        private Script(List<State> states) {
            this.states = states;
        }

        @Override
        public String name() {
            return "script";
        }

        @Override
        public void read(BiConsumer<String, State> consumer) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Map<String, State> again(Map<String, State> before) {
            looks++;
            return Map.of("k", states.get(Math.min(looks, states.size() - 1)));
        }

        @Override
        public String place(State state) {
            return Long.toString(state.place());
        }

        @Override
        public OptionalLong earlier(String key, State state) {
            return OptionalLong.empty();
        }

        @Override
        public String extent() {
            return "";
        }

        @Override
        public void close() {}
    }
}
