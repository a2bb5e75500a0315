package io.natskv.benchmarks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Runs the sides of a comparison by turns: A B, B A, A B ... What drifts (the machine's load, the server's files) meets both alike, and
 * neither always follows the other.
 */
public final class Rounds {
    private final int warmUps;
    private final int rounds;
    private final Consumer<String> progress;

    /**
     * @param warmUps rounds whose values are thrown away
     * @param rounds rounds whose values count
     * @param progress is told about each round
     */
    public Rounds(int warmUps, int rounds, Consumer<String> progress) {
        this.warmUps = warmUps;
        this.rounds = rounds;
        this.progress = progress;
    }

    /** One side of a comparison. */
    public interface Side {
        String name();

        /** Does the work once. Returns how many operations it did a second. */
        double run() throws Exception;
    }

    /** The rates of each side by its name. A ratio of two of them is taken round by round: {@link Samples#over}. */
    public Map<String, Samples> run(List<? extends Side> sides) throws Exception {
        Map<String, List<Double>> values = new LinkedHashMap<>();
        sides.forEach(side -> values.put(side.name(), new ArrayList<>()));
        List<Side> order = new ArrayList<>(sides);
        for (int round = 1 - warmUps; round <= rounds; round++) {
            StringBuilder line =
                    new StringBuilder(round < 1 ? "warm-up " + (round + warmUps) : "round " + round).append(':');
            for (Side side : order) {
                // What the side before left behind is not this one's to clear away.
                System.gc();
                double rate = side.run();
                line.append(String.format(" %s %,.0f/s", side.name(), rate));
                if (round >= 1) {
                    values.get(side.name()).add(rate);
                }
            }
            progress.accept(line.toString());
            Collections.reverse(order);
        }
        Map<String, Samples> samples = new LinkedHashMap<>();
        values.forEach((name, list) -> samples.put(name, new Samples(list)));
        return samples;
    }
}
