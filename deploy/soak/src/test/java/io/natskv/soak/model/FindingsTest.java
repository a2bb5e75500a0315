package io.natskv.soak.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.soak.model.Violation.Kind;
import org.junit.jupiter.api.Test;

class FindingsTest {
    private final Findings findings = new Findings();
    private final Findings others = new Findings();

    @Test
    void takesOverAllButAKind() {
        findings.add(Kind.STUCK, "a", "first");
        others.add(Kind.LOST, "b", "not yet there");
        others.add(Kind.WRONG, "c", "third");

        findings.addAllBut(Kind.LOST, others);

        assertThat(findings.first()).extracting(Violation::kind).containsExactly(Kind.STUCK, Kind.WRONG);
        assertThat(findings.count(Kind.LOST)).isZero();
        assertThat(findings.count(Kind.WRONG)).isOne();
        assertThat(new Findings().isEmpty()).isTrue();
    }

    @Test
    void countsAllAndKeepsTheFirst() {
        for (int i = 0; i < 60; i++) {
            others.add(Kind.LOST, "a", "number " + i);
        }

        findings.addAll(others);

        assertThat(findings.count(Kind.LOST)).isEqualTo(60);
        assertThat(findings.first()).hasSize(50).first().hasToString("LOST a: number 0");
    }
}
