package io.natskv.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.soak.FaultPlan.Fault;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FaultPlanTest {
    private static final List<FaultKind> ALL = List.of(FaultKind.values());

    private static List<List<Fault>> faults(long seed, List<FaultKind> kinds) {
        FaultPlan plan = new FaultPlan(seed, kinds);
        List<List<Fault>> faults = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            faults.add(plan.next());
        }
        return faults;
    }

    @Test
    void theSeedDecides() {
        assertThat(faults(1, ALL)).isEqualTo(faults(1, ALL)).isNotEqualTo(faults(2, ALL));
    }

    @Test
    void eachKindComesOnceBeforeOneComesAgain() {
        List<FaultKind> order =
                faults(1, ALL).stream().flatMap(List::stream).map(Fault::kind).toList();
        assertThat(order.subList(0, ALL.size())).containsExactlyInAnyOrderElementsOf(ALL);
        assertThat(order.subList(ALL.size(), 2 * ALL.size())).containsExactlyInAnyOrderElementsOf(ALL);
    }

    @Test
    void twoAtOnceDisturbDifferentThings() {
        assertThat(faults(1, ALL))
                .anySatisfy(together -> assertThat(together).hasSize(2))
                .allSatisfy(together -> assertThat(together.size() == 1
                                || together.get(0)
                                        .kind()
                                        .goesWith(together.get(1).kind()))
                        .isTrue());
    }

    @Test
    void onlyWhatWasAskedFor() {
        assertThat(faults(1, List.of(FaultKind.LINKS_CUT)))
                .allSatisfy(together -> assertThat(together)
                        .singleElement()
                        .extracting(Fault::kind)
                        .isEqualTo(FaultKind.LINKS_CUT));
    }
}
