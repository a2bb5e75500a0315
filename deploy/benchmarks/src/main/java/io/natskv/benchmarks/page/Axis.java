package io.natskv.benchmarks.page;

import java.util.ArrayList;
import java.util.List;

/**
 * Where values lie in a plot.
 *
 * @param log whether equal steps are equal ratios
 * @param low value at {@code from}
 * @param high value at {@code to}
 * @param from coordinate
 * @param to coordinate; below {@code from} for an axis that points up
 * @param ticks values that are labelled
 */
record Axis(boolean log, double low, double high, double from, double to, List<Double> ticks) {
    private static final int MOST_TICKS = 6;
    private static final double[] STEPS = {1, 2, 5};
    private static final double TEN = 10;
    private static final int MANY_DECADES = 3;

    Axis {
        if (!(high > low) || log && low <= 0) {
            throw new IllegalArgumentException("An axis from " + low + " to " + high);
        }
    }

    /** From 0 to a round number that is not below the highest value. */
    static Axis linear(double highest, double from, double to) {
        double step = step(Math.max(highest, Double.MIN_NORMAL) / MOST_TICKS);
        List<Double> ticks = new ArrayList<>();
        double high = Math.ceil(highest / step - 1e-9) * step;
        if (high <= 0) {
            high = step;
        }
        for (int i = 0; i * step <= high * (1 + 1e-9); i++) {
            ticks.add(i * step);
        }
        return new Axis(false, 0, high, from, to, ticks);
    }

    /** From a round number to a round number; all values above 0. */
    static Axis log(double lowest, double highest, double from, double to) {
        double low = roundDown(lowest);
        double high = roundUp(Math.max(highest, low * 1.01));
        List<Double> all = new ArrayList<>();
        boolean many = Math.log10(high / low) > MANY_DECADES;
        for (double decade = decade(low); decade <= high * (1 + 1e-9); decade *= TEN) {
            for (double step : STEPS) {
                double tick = decade * step;
                if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9) && (!many || step == 1)) {
                    all.add(tick);
                }
            }
        }
        return new Axis(true, low, high, from, to, all);
    }

    /** Equal ratios between values that are labelled themselves. */
    static Axis log(List<Double> values, double from, double to) {
        double low = values.get(0);
        double high = values.get(values.size() - 1);
        return high > low
                ? new Axis(true, low, high, from, to, values)
                : new Axis(true, low / 2, low * 2, from, to, values);
    }

    double place(double value) {
        double part = log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
        return from + (to - from) * Math.max(0, Math.min(1, part));
    }

    private static double step(double least) {
        double decade = decade(least);
        for (double step : STEPS) {
            if (decade * step >= least * (1 - 1e-9)) {
                return decade * step;
            }
        }
        return decade * TEN;
    }

    private static double roundUp(double value) {
        return step(value);
    }

    private static double roundDown(double value) {
        double decade = decade(value);
        double best = decade;
        for (double step : STEPS) {
            if (decade * step <= value * (1 + 1e-9)) {
                best = decade * step;
            }
        }
        return best;
    }

    private static double decade(double value) {
        return Math.pow(TEN, Math.floor(Math.log10(value) + 1e-9));
    }
}
