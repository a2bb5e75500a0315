package io.natskv.soak.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.soak.model.Violation.Kind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The bucket itself: acknowledged writes that are not there are found, and those of nobody. */
class OriginCheckTest extends Recorded {
    private final List<Ack> writes = new ArrayList<>();

    private void acknowledged() {
        changes.forEach(
                change -> writes.add(new Ack(change.key(), change.operation(), change.digest(), 0, change.revision())));
    }

    private void check() {
        new OriginCheck(bucket, findings).run(writes);
    }

    @Test
    void allIsThere() {
        acknowledged();
        writes.add(new Ack("k.a", Operation.PUT, 5, 0, 0));
        check();
        assertThat(kinds()).isEmpty();
    }

    @Test
    void anAcknowledgedWriteIsNot() {
        acknowledged();
        writes.add(new Ack("k.a", Operation.PUT, 5, 0, 5));
        check();
        assertThat(kinds()).containsExactly(Kind.LOST);
    }

    @Test
    void somebodyElseWrote() {
        acknowledged();
        writes.remove(0);
        check();
        assertThat(kinds()).containsExactly(Kind.WRONG);
    }

    @Test
    void aWriteWithoutAnAnswerMayBeThere() {
        acknowledged();
        Ack first = writes.remove(0);
        writes.add(new Ack(first.key(), first.operation(), first.digest(), 0, 0));
        check();
        assertThat(kinds()).isEmpty();
    }
}
