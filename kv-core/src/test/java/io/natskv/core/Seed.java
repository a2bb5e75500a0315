package io.natskv.core;

import java.util.Random;

/** Seeds of random tests: another one each time, printed; {@code -Dnatskv.seed=N} repeats a run. */
public final class Seed {
    private Seed() {}

    public static long next() {
        long seed = Long.getLong("natskv.seed", new Random().nextLong());
        System.out.println("seed " + seed);
        return seed;
    }
}
