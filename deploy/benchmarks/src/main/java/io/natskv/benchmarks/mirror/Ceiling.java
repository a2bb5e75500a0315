package io.natskv.benchmarks.mirror;

import io.natskv.benchmarks.Samples;
import java.util.ArrayList;
import java.util.List;

/**
 * What the processors leave of a rate if there is more to do for each record. A record then takes the processor time of both, so that p processors,
 * all of them busy, get through p / (w + k) records a second: to the rate r without it that is p / (r (w + k)). Never more than 1: a rate that
 * leaves processors idle waits for something else than these.
 *
 * @param processors of the machine
 */
public record Ceiling(int processors) {
    private static final double MILLION = 1e6;

    /** Of the machine that this JVM is on. */
    public static Ceiling here() {
        return new Ceiling(Runtime.getRuntime().availableProcessors());
    }

    /**
     * Round by round.
     *
     * @param rates records a second without it
     * @param cost processor seconds for a million records at these rates
     * @param more the same for what comes on top, of the same rounds
     */
    public Samples of(Samples rates, Samples cost, Samples more) {
        Samples both = cost.plus(more);
        List<Double> left = new ArrayList<>();
        for (int round = 0; round < rates.values().size(); round++) {
            double most = processors * MILLION / both.values().get(round);
            left.add(Math.min(1, most / rates.values().get(round)));
        }
        return new Samples(left);
    }

    /** @param more one value for all rounds, as of another comparison */
    public Samples of(Samples rates, Samples cost, double more) {
        return of(
                rates,
                cost,
                new Samples(rates.values().stream().map(round -> more).toList()));
    }
}
