package io.natskv.benchmarks.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.natskv.benchmarks.Samples;
import java.util.List;
import org.junit.jupiter.api.Test;

class CeilingTest {
    private final Ceiling ceiling = new Ceiling(2);

    @Test
    void busyProcessorsShareTheirTimeBetweenReadingAndWriting() {
        // From memory both processors are busy: 100,000 a second at 20 s for a million. With 5 s for reading: 80,000.
        assertThat(ceiling.of(new Samples(List.of(100_000.0)), new Samples(List.of(20.0)), 5)
                        .median())
                .isEqualTo(0.8, within(1e-9));
    }

    @Test
    void idleProcessorsReadForNothing() {
        // From memory a record takes 15 s for a million, at 100,000 a second: a quarter of the processors' time is
        // left.
        assertThat(ceiling.of(new Samples(List.of(100_000.0)), new Samples(List.of(15.0)), 4)
                        .median())
                .isEqualTo(1);
    }

    @Test
    void isTakenRoundByRound() {
        Samples rates = new Samples(List.of(100_000.0, 50_000.0));
        Samples cost = new Samples(List.of(20.0, 40.0));

        Samples left = ceiling.of(rates, cost, new Samples(List.of(20.0, 10.0)));

        assertThat(left.values().get(0)).isEqualTo(0.5, within(1e-9));
        assertThat(left.values().get(1)).isEqualTo(0.8, within(1e-9));
    }
}
