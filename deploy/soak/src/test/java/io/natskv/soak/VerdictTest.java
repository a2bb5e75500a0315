package io.natskv.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.soak.model.Findings;
import io.natskv.soak.model.Violation.Kind;
import org.junit.jupiter.api.Test;

class VerdictTest {
    private final Findings findings = new Findings();

    @Test
    void allIsWell() {
        assertThat(new Verdict(12, 3_456, 99).line(findings))
                .isEqualTo("SOAK OK faults=12 changes=3456 lost=0 reordered=0 duplicated=0 seed=99");
    }

    @Test
    void theFirstViolationIsTold() {
        findings.add(Kind.DUPLICATED, "topic a", "one thing");
        findings.add(Kind.LOST, "topic b", "another thing");
        findings.add(Kind.LOST, "topic c", "a third thing");
        assertThat(new Verdict(12, 3_456, 99).line(findings))
                .isEqualTo("SOAK FAILED faults=12 changes=3456 lost=2 reordered=0 duplicated=1 seed=99: "
                        + "DUPLICATED topic a: one thing");
    }

    @Test
    void anythingElseFailsToo() {
        findings.add(Kind.STUCK, "connector a", "it failed");
        assertThat(new Verdict(1, 2, 3).line(findings))
                .startsWith("SOAK FAILED faults=1 changes=2 lost=0 reordered=0 duplicated=0 seed=3: STUCK");
    }
}
