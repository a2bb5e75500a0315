package io.natskv.benchmarks.core;

/** Rates since a moment of {@link System#nanoTime}. */
public final class Rates {
    private Rates() {}

    public static double perSecond(long count, long startNanos) {
        return count * 1e9 / (System.nanoTime() - startNanos);
    }
}
