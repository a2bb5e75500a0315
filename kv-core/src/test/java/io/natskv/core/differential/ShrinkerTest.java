package io.natskv.core.differential;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShrinkerTest {
    private static final List<Integer> ALL = IntStream.range(0, 200).boxed().toList();

    @Test
    void findsTheStepsThatMatter() {
        assertThat(Shrinker.shortest(ALL, steps -> steps.contains(17) && steps.contains(150), 500))
                .containsExactly(17, 150);
    }

    @Test
    void findsTheStepsThatMatterOnlyInOneOrder() {
        List<Integer> found = Shrinker.shortest(
                ALL,
                steps -> {
                    int first = steps.indexOf(90);
                    return first >= 0
                            && steps.subList(first, steps.size()).contains(91)
                            && steps.size() - first < 40
                            && steps.size() > 2;
                },
                500);
        assertThat(found).hasSize(3).contains(90, 91);
    }

    @Test
    void doesNotAskForEver() {
        AtomicInteger asked = new AtomicInteger();
        List<Integer> found = Shrinker.shortest(ALL, steps -> asked.incrementAndGet() > 0 && steps.size() > 190, 20);
        assertThat(asked.get()).isLessThanOrEqualTo(20);
        assertThat(found).hasSizeBetween(191, 200);
    }

    @Test
    void keepsWhatFailsOnlyAsAWhole() {
        assertThat(Shrinker.shortest(ALL, steps -> steps.size() == ALL.size(), 500))
                .isEqualTo(ALL);
    }
}
