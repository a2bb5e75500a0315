package io.natskv.tools.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.tools.verify.Difference.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {
    @Test
    void whatWasNotLookedAtIsNeitherEqualNorDifferent() {
        Report unknown = report(3, List.of());
        assertThat(unknown.equal()).isFalse();
        assertThat(unknown.different()).isFalse();
        assertThat(report(0, List.of()).equal()).isTrue();
        Report found = report(3, List.of(new Difference(Kind.missing, "k", "revision 1", null, "")));
        assertThat(found.equal()).isFalse();
        assertThat(found.different()).isTrue();
    }

    private static Report report(long others, List<Difference> differences) {
        return new Report(
                "bucket \"b\"",
                "revision 9",
                9,
                List.of(new Report.Compared("topic \"t\"", "9 records", 9, 9, 0, 0, others, differences)));
    }
}
