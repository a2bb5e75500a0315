package io.natskv.benchmarks.latency;

import io.natskv.benchmarks.Options;
import java.util.List;

/**
 * At which rates latency is measured, and for how long.
 *
 * @param mainRate the one whose figures are told
 * @param otherRates further ones, for the histograms
 * @param rounds rounds that count, at each rate; there is one of warm-up
 * @param mainSeconds length of a round at the main rate
 * @param otherSeconds length of a round at the others
 */
public record LatencySettings(int mainRate, List<Integer> otherRates, int rounds, int mainSeconds, int otherSeconds) {
    private static final int ROUNDS = 3;

    /**
     * @param mainRate operations a second
     * @param mainSeconds length of a round
     * @param otherRates further rates
     */
    public static LatencySettings of(Options options, int mainRate, int mainSeconds, Integer... otherRates) {
        return options.quick()
                ? new LatencySettings(500, List.of(200), 1, 1, 1)
                : new LatencySettings(mainRate, List.of(otherRates), ROUNDS, mainSeconds, 5);
    }

    /** The schedule of one round. */
    public Schedule schedule(int rate) {
        return Schedule.lasting(rate, rate == mainRate ? mainSeconds : otherSeconds);
    }
}
