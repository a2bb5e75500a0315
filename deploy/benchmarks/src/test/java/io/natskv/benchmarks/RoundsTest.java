package io.natskv.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RoundsTest {
    private final List<String> order = new ArrayList<>();

    /** Counts its own runs as its rate. */
    private final class Counting implements Rounds.Side {
        private final String name;
        private double runs;

        Counting(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public double run() {
            order.add(name);
            return ++runs;
        }
    }

    @Test
    void sidesTakeTurnsAndWarmUpsDoNotCount() throws Exception {
        List<String> told = new ArrayList<>();

        Map<String, Samples> rates =
                new Rounds(1, 3, told::add).run(List.of(new Counting("a"), new Counting("b"), new Counting("c")));

        assertThat(String.join("", order)).isEqualTo("abc" + "cba" + "abc" + "cba");
        assertThat(rates.keySet()).containsExactly("a", "b", "c");
        assertThat(rates.values()).extracting(Samples::values).containsOnly(List.of(2.0, 3.0, 4.0));
        assertThat(told).hasSize(4).first().asString().startsWith("warm-up 1: a 1/s");
        assertThat(told).last().asString().startsWith("round 3: c 4/s");
    }
}
