package io.natskv.core.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class HistogramTest {
    private final AtomicLong now = new AtomicLong();
    private final Histogram histogram = new Histogram(now::get);

    @Test
    void everyValueLiesInItsBucketAndNoBucketIsWide() {
        long seed = System.nanoTime();
        System.out.println("HistogramTest seed=" + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 100_000; i++) {
            long value = random.nextLong() >>> (1 + random.nextInt(63));
            int bucket = Histogram.bucketOf(value);
            assertThat(value).isLessThanOrEqualTo(Histogram.lastOf(bucket));
            assertThat(bucket == 0 || value > Histogram.lastOf(bucket - 1)).isTrue();
            assertThat(Histogram.lastOf(bucket) - value).isLessThanOrEqualTo(value / 16);
        }
        assertThat(Histogram.lastOf(Histogram.bucketOf(Long.MAX_VALUE))).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void quantilesAreThoseOfTheValues() {
        long[] values = IntStream.range(0, 10_000)
                .mapToLong(i -> i * 37L % 10_000 + 100)
                .toArray();
        Arrays.stream(values).forEach(histogram::record);
        Arrays.sort(values);
        assertThat(histogram.quantile(0.5)).isCloseTo(values[5_000], Percentage.withPercentage(7));
        assertThat(histogram.quantile(0.99)).isCloseTo(values[9_900], Percentage.withPercentage(7));
        assertThat(histogram.quantile(1)).isCloseTo(values[9_999], Percentage.withPercentage(7));
        assertThat(histogram.quantile(0)).isCloseTo(values[0], within(values[0] / 16));
    }

    @Test
    void whatIsOldDoesNotCount() {
        assertThat(histogram.quantile(0.5)).isZero();
        histogram.record(1_000_000);
        now.addAndGet(TimeUnit.SECONDS.toNanos(61));
        histogram.record(1);
        assertThat(histogram.quantile(1)).isGreaterThanOrEqualTo(1_000_000);
        now.addAndGet(TimeUnit.SECONDS.toNanos(61));
        assertThat(histogram.quantile(1)).isEqualTo(1);
        now.addAndGet(TimeUnit.SECONDS.toNanos(200));
        assertThat(histogram.quantile(1)).isZero();
        histogram.record(-5);
        assertThat(histogram.quantile(1)).isZero();
    }
}
