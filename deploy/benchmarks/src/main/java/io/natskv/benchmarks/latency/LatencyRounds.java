package io.natskv.benchmarks.latency;

import io.natskv.benchmarks.Samples;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/** The histograms of several rounds at one rate, together and each. */
public final class LatencyRounds {
    /** What is told of each. */
    public static final List<Double> PERCENTS = List.of(50.0, 90.0, 99.0, 99.9, 99.99, 100.0);

    private static final double MICROS_PER_MILLI = 1e3;
    /** Points of the curve until half of what is left is passed. */
    private static final int TICKS = 4;

    private final int perSecond;
    private final List<Histogram> rounds;
    private final Histogram all;

    /**
     * @param perSecond the rate
     * @param rounds in microseconds, at least one
     */
    public LatencyRounds(int perSecond, List<Histogram> rounds) {
        if (rounds.isEmpty()) {
            throw new IllegalArgumentException("No round was measured");
        }
        this.perSecond = perSecond;
        this.rounds = List.copyOf(rounds);
        this.all = new Histogram(rounds.get(0).getNumberOfSignificantValueDigits());
        rounds.forEach(all::add);
    }

    /** Reads what {@link #encoded} wrote. */
    public static Histogram decode(String text) throws DataFormatException {
        return Histogram.decodeFromCompressedByteBuffer(
                ByteBuffer.wrap(Base64.getDecoder().decode(text)), 0);
    }

    /** How a percentile is called: p50, p99.9, and max for all. */
    public static String label(double percent) {
        if (percent >= 100) {
            return "max";
        }
        return "p" + (percent == Math.rint(percent) ? String.format(Locale.ROOT, "%.0f", percent) : percent);
    }

    public int perSecond() {
        return perSecond;
    }

    /** Operations of all rounds. */
    public long count() {
        return all.getTotalCount();
    }

    /** So many percent of the operations of all rounds took no longer. */
    public double millisAt(double percent) {
        return all.getValueAtPercentile(percent) / MICROS_PER_MILLI;
    }

    /** The same round by round. */
    public Samples eachAt(double percent) {
        return new Samples(rounds.stream()
                .map(round -> round.getValueAtPercentile(percent) / MICROS_PER_MILLI)
                .toList());
    }

    /**
     * A point of the curve.
     *
     * @param percent of the operations that took no longer
     */
    public record Point(double percent, double millis) {}

    /** Of all rounds, denser and denser towards 100 %. */
    public List<Point> curve() {
        List<Point> points = new ArrayList<>();
        for (HistogramIterationValue value : all.percentiles(TICKS)) {
            points.add(new Point(value.getPercentileLevelIteratedTo(), value.getValueIteratedTo() / MICROS_PER_MILLI));
        }
        return points;
    }

    /** All rounds, in microseconds: HdrHistogram's compressed form as Base64, for its tools. */
    public String encoded() {
        ByteBuffer buffer = ByteBuffer.allocate(all.getNeededByteBufferCapacity());
        int length = all.encodeIntoCompressedByteBuffer(buffer, Deflater.BEST_COMPRESSION);
        return Base64.getEncoder().encodeToString(Arrays.copyOf(buffer.array(), length));
    }
}
