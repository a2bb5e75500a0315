package io.natskv.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimeTextTest {
    private final TimeText text = new TimeText();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-11-23T12:00:00Z",
                "2026-11-23T12:00:00.500Z",
                "2026-11-23T12:00:00.000001Z",
                "2026-11-23T12:00:00.000000001Z",
                "2026-11-23T12:00:00.999999999Z",
                "1970-01-01T00:00:00Z",
                "1969-12-31T23:59:59.100Z",
                "0001-01-01T00:00:00Z",
                "+12026-01-01T00:00:00.010Z"
            })
    void writesWhatInstantWrites(String time) {
        assertThat(text.of(Instant.parse(time))).isEqualTo(time);
    }

    @Test
    void writesWhatInstantWritesForTimesThatShareTheirSecondAndOthers() {
        long seed = ThreadLocalRandom.current().nextLong();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        long second = 1_700_000_000L;
        for (int i = 0; i < 20_000; i++) {
            second += random.nextInt(20) == 0 ? random.nextInt(-100_000, 100_000) : 0;
            int unit = new int[] {1, 1_000, 1_000_000, 1_000_000_000}[random.nextInt(4)];
            Instant time = Instant.ofEpochSecond(second, (long) random.nextInt(1_000_000_000 / unit) * unit);

            assertThat(text.of(time)).as("seed %d", seed).isEqualTo(time.toString());
        }
    }
}
