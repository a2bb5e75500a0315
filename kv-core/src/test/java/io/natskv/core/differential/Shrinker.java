package io.natskv.core.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Searches the shortest sequence that still fails: a shorter prefix first, then pieces taken out, large ones before small ones. */
final class Shrinker {
    private Shrinker() {}

    /**
     * @param failing a sequence that fails
     * @param fails whether one does; asked at most so many times
     * @return a sequence that failed when it was asked, or the given one
     */
    static <T> List<T> shortest(List<T> failing, Predicate<List<T>> fails, int attempts) {
        int[] left = {attempts};
        Predicate<List<T>> bounded = candidate -> left[0]-- > 0 && fails.test(candidate);
        List<T> shortest = prefix(failing, bounded);
        for (int piece = Math.max(1, shortest.size() / 2); piece >= 1; piece /= 2) {
            shortest = without(piece, shortest, bounded);
        }
        // What the last round took out may have made more superfluous.
        for (List<T> before = null; before != shortest && left[0] > 0; ) {
            before = shortest;
            shortest = without(1, shortest, bounded);
        }
        return shortest;
    }

    private static <T> List<T> prefix(List<T> failing, Predicate<List<T>> fails) {
        List<T> shortest = failing;
        int passes = 0;
        while (shortest.size() - passes > 1) {
            List<T> half = failing.subList(0, (passes + shortest.size()) / 2);
            if (fails.test(half)) {
                shortest = half;
            } else {
                passes = half.size();
            }
        }
        return shortest;
    }

    private static <T> List<T> without(int piece, List<T> failing, Predicate<List<T>> fails) {
        List<T> shortest = failing;
        for (int end = shortest.size(); end > 0; end -= piece) {
            List<T> candidate = new ArrayList<>(shortest);
            candidate.subList(Math.max(0, end - piece), end).clear();
            if (fails.test(candidate)) {
                shortest = candidate;
            }
        }
        return shortest;
    }
}
