package io.natskv.soak.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.soak.model.Violation.Kind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the Camel consumer has seen: gaps, repeats and steps back are found; what lies behind its position may come again. */
class CamelCheckTest extends Recorded {
    private final List<Seen> lines = new ArrayList<>();
    private final List<Ack> writes = new ArrayList<>();

    private void seen(long... revisions) {
        for (long revision : revisions) {
            Change change = bucket.find(0, revision).orElseThrow();
            lines.add(new Seen.Delivered(
                    revision, change.created(), change.key(), change.operation(), change.digest(), change.created()));
        }
    }

    private int check() {
        CamelCheck check = new CamelCheck(bucket, Unrecorded.of(writes, bucket), findings);
        check.run(lines, at(1_000));
        return check.repeated();
    }

    @Test
    void allWasSeen() {
        lines.add(new Seen.Start(null, 0));
        seen(1, 2, 3, 4);
        assertThat(check()).isZero();
        assertThat(kinds()).isEmpty();
    }

    @Test
    void oneWasNot() {
        lines.add(new Seen.Start(null, 0));
        seen(1, 3, 4);
        check();
        assertThat(kinds()).containsExactly(Kind.LOST);
    }

    @Test
    void oneCameTwice() {
        lines.add(new Seen.Start(null, 0));
        seen(1, 2, 2, 3, 4);
        check();
        assertThat(kinds()).containsExactly(Kind.DUPLICATED);
    }

    @Test
    void oneCameLate() {
        lines.add(new Seen.Start(null, 0));
        seen(1, 3, 2, 4);
        check();
        assertThat(kinds()).containsExactly(Kind.REORDERED);
    }

    @Test
    void afterACrashWhatLiesBehindThePositionComesAgain() {
        lines.add(new Seen.Start(null, 0));
        seen(1, 2, 3);
        lines.add(new Seen.Start(T0, 1));
        seen(2, 3, 4);
        assertThat(check()).isEqualTo(2);
        assertThat(kinds()).isEmpty();
    }

    @Test
    void afterACrashWhatLiesBeforeThePositionComesAgain() {
        lines.add(new Seen.Start(null, 0));
        seen(1, 2, 3);
        lines.add(new Seen.Start(T0, 2));
        seen(2, 3, 4);
        check();
        assertThat(kinds()).containsExactly(Kind.DUPLICATED);
    }

    @Test
    void aCrashSkipsWhatThePositionDoesNotCover() {
        lines.add(new Seen.Start(null, 0));
        seen(1);
        lines.add(new Seen.Start(T0, 1));
        seen(3, 4);
        check();
        assertThat(kinds()).containsExactly(Kind.LOST);
    }

    @Test
    void aRevisionThatNobodyWroteIsFound() {
        bucket.shortLived("t.1", 2);
        lines.add(new Seen.Start(null, 0));
        seen(1, 2, 3, 4);
        lines.add(new Seen.Delivered(5, at(5), "t.1", Operation.PUT, 7, at(5)));
        check();
        assertThat(kinds()).containsExactly(Kind.WRONG);
    }

    @Test
    void aRevisionThatTheRecorderMissedIsNone() {
        bucket.shortLived("t.1", 2);
        writes.add(new Ack("t.1", Operation.PUT, 7, 0, 5));
        lines.add(new Seen.Start(null, 0));
        seen(1, 2, 3, 4);
        lines.add(new Seen.Delivered(5, at(5), "t.1", Operation.PUT, 7, at(5)));
        check();
        assertThat(kinds()).isEmpty();
    }

    @Test
    void aRevisionHasAnotherTime() {
        lines.add(new Seen.Start(null, 0));
        seen(1, 2, 3, 4);
        change("k.b", Operation.PURGE, 0);
        lines.add(new Seen.Delivered(2, at(3), "k.b", Operation.PUT, 1_002, at(6)));
        seen(5);
        check();
        assertThat(kinds()).contains(Kind.WRONG);
    }
}
