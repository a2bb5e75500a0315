package io.natskv.benchmarks.scale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.benchmarks.Options;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ScaleTest {
    @Test
    void theLargestBucketIsAParameter() {
        assertThat(settings(OptionalInt.empty()).keys()).containsExactly(10_000, 100_000, 1_000_000);
        assertThat(settings(OptionalInt.of(10_000_000)).keys()).containsExactly(10_000, 100_000, 1_000_000, 10_000_000);
        assertThat(settings(OptionalInt.of(50_000)).keys()).containsExactly(10_000, 50_000);
        assertThat(settings(OptionalInt.of(10_000)).keys()).containsExactly(10_000);
    }

    @Test
    void smallBucketsAreReadSeveralTimesAndLargeValuesAreFewer() {
        ScaleSettings settings = settings(OptionalInt.empty());

        assertThat(settings.runs(10_000)).isEqualTo(5);
        assertThat(settings.runs(100_000)).isEqualTo(2);
        assertThat(settings.runs(1_000_000)).isEqualTo(1);
        assertThat(settings.values(64)).isEqualTo(100_000);
        assertThat(settings.values(524_288)).isEqualTo(256);
    }

    @Test
    void readsTheTotalOfAHeapHistogram() {
        List<String> lines = List.of(
                "31415:",
                " num     #instances         #bytes  class name (module)",
                "   1:         12345        1000000  [B (java.base@17)",
                "Total        654321       42000000");

        assertThat(WorkerMemory.total(lines)).isEqualTo(42);
        assertThatThrownBy(() -> WorkerMemory.total(List.of("31415: No such process")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("No such process");
    }

    @Test
    void looksIntoAJvm() throws Exception {
        WorkerMemory memory = new WorkerMemory(ProcessHandle.current().pid());

        assertThat(memory.liveHeap()).isPositive();
        assertThat(memory.most().orElse(1)).isPositive();
    }

    private static ScaleSettings settings(OptionalInt keys) {
        return ScaleSettings.of(new Options(
                Options.Command.SUITE,
                List.of(Options.Suite.SCALE),
                Optional.empty(),
                Optional.empty(),
                false,
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                keys,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false));
    }
}
