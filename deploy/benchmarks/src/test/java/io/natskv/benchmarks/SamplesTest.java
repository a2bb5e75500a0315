package io.natskv.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SamplesTest {
    @ParameterizedTest
    @CsvSource({"0, 1", "0.25, 2", "0.5, 3", "0.625, 3.5", "1, 100"})
    void quantilesLieBetweenTheSortedValues(double fraction, double expected) {
        assertThat(new Samples(List.of(4.0, 1.0, 100.0, 2.0, 3.0)).quantile(fraction))
                .isEqualTo(expected, within(1e-9));
    }

    @Test
    void oneValueIsItsOwnMedian() {
        Samples one = new Samples(List.of(7.0));

        assertThat(List.of(one.min(), one.median(), one.max())).containsOnly(7.0);
    }

    @Test
    void aRatioIsTakenRoundByRound() {
        Samples side = new Samples(List.of(10.0, 30.0, 20.0));
        Samples other = new Samples(List.of(10.0, 10.0, 40.0));

        assertThat(side.over(other).values()).containsExactly(1.0, 3.0, 0.5);
        assertThatThrownBy(() -> side.over(new Samples(List.of(1.0)))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void nothingMeasuredIsNoResult() {
        assertThatThrownBy(() -> new Samples(List.of())).isInstanceOf(IllegalArgumentException.class);
    }
}
