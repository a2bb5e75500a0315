package io.natskv.benchmarks.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class LatencyTest {
    @Test
    void operationsAreDueAtTheirTimesWhateverBecameOfThoseBefore() throws Exception {
        List<Long> dues = new ArrayList<>();

        new Schedule(1_000, 5).run((number, due) -> {
            // The second one is late, and those behind it.
            if (number == 1) {
                long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(10);
                while (System.nanoTime() < until) {
                    Thread.onSpinWait();
                }
            }
            dues.add(due);
            assertThat(System.nanoTime()).isGreaterThanOrEqualTo(due);
        });

        assertThat(dues).hasSize(5);
        for (int i = 1; i < dues.size(); i++) {
            assertThat(dues.get(i) - dues.get(i - 1)).isEqualTo(1_000_000);
        }
    }

    @Test
    void ratesThatDoNotDivideASecondDoNotDrift() {
        Schedule schedule = new Schedule(3, 1_000_000);

        assertThat(schedule.dueNanos(0, 3)).isEqualTo(1_000_000_000L);
        assertThat(schedule.dueNanos(0, 900_000)).isEqualTo(300_000L * 1_000_000_000L);
    }

    @Test
    void aPauseCountsInAllThatItHeldUp() throws Exception {
        // Nothing arrives for 100 ms, then all ten at once that were due 10 ms apart.
        Arrivals arrivals = new Arrivals(10);
        for (int i = 0; i < 10; i++) {
            arrivals.arrived(TimeUnit.MILLISECONDS.toNanos(10L * i), TimeUnit.MILLISECONDS.toNanos(100));
        }

        Histogram micros = arrivals.await(Duration.ofSeconds(1), "puts");

        LatencyRounds rounds = new LatencyRounds(100, List.of(micros));
        assertThat(rounds.millisAt(100)).isEqualTo(100, within(0.1));
        assertThat(rounds.millisAt(50)).isEqualTo(50, within(0.1));
        assertThat(rounds.millisAt(10)).isEqualTo(10, within(0.1));
    }

    @Test
    void saysHowManyAreMissing() {
        Arrivals arrivals = new Arrivals(2);
        arrivals.arrived(0, 1);

        assertThat(arrivals.missing()).isEqualTo(1);
        assertThatThrownBy(() -> arrivals.await(Duration.ofMillis(1), "puts"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("1 of 2 puts did not arrive");
    }

    @Test
    void roundsCountTogetherAndEach() throws Exception {
        LatencyRounds rounds = new LatencyRounds(100, List.of(histogram(1_000, 2_000), histogram(3_000, 4_000)));

        assertThat(rounds.count()).isEqualTo(4);
        assertThat(rounds.millisAt(100)).isEqualTo(4, within(0.01));
        assertThat(rounds.eachAt(100).values())
                .satisfiesExactly(
                        first -> assertThat(first).isEqualTo(2, within(0.01)),
                        second -> assertThat(second).isEqualTo(4, within(0.01)));
        assertThat(rounds.curve())
                .last()
                .extracting(LatencyRounds.Point::percent)
                .isEqualTo(100.0);
        Histogram decoded = LatencyRounds.decode(rounds.encoded());
        assertThat(decoded.getTotalCount()).isEqualTo(4);
        assertThat(decoded.getValueAtPercentile(50)).isBetween(2_000L, 2_001L);
    }

    @Test
    void percentilesHaveShortNames() {
        assertThat(LatencyRounds.PERCENTS.stream().map(LatencyRounds::label))
                .containsExactly("p50", "p90", "p99", "p99.9", "p99.99", "max");
    }

    private static Histogram histogram(long... micros) {
        Histogram histogram = new Histogram(3);
        for (long value : micros) {
            histogram.recordValue(value);
        }
        return histogram;
    }
}
