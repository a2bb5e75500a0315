package io.natskv.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;

/**
 * Values of one thing that was measured again and again.
 *
 * @param values in the order in which they were measured; not empty
 */
public record Samples(List<Double> values) {
    public Samples {
        values = List.copyOf(values);
        if (values.isEmpty()) {
            throw new IllegalArgumentException("No value was measured");
        }
    }

    public double median() {
        return quantile(0.5);
    }

    public double min() {
        return quantile(0);
    }

    public double max() {
        return quantile(1);
    }

    /**
     * A quantile, between two values in proportion.
     *
     * @param fraction 0 for the smallest value, 1 for the largest
     */
    public double quantile(double fraction) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        double place = fraction * (sorted.length - 1);
        int below = (int) Math.floor(place);
        int above = (int) Math.ceil(place);
        return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
    }

    /** Each value divided by that of the same round. */
    public Samples over(Samples other) {
        return with(other, (mine, theirs) -> mine / theirs);
    }

    /** Each value and that of the same round together. */
    public Samples plus(Samples other) {
        return with(other, Double::sum);
    }

    private Samples with(Samples other, DoubleBinaryOperator operator) {
        if (values.size() != other.values.size()) {
            throw new IllegalArgumentException(values.size() + " rounds against " + other.values.size());
        }
        Double[] results = new Double[values.size()];
        Arrays.setAll(results, round -> operator.applyAsDouble(values.get(round), other.values.get(round)));
        return new Samples(List.of(results));
    }
}
