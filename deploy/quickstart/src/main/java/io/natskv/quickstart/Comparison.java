package io.natskv.quickstart;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/**
 * Both buckets and the topic side by side, key by key: operation and value.
 *
 * @param keys how many keys have a value in the first bucket
 * @param entries how many keys were compared, those with a marker included
 * @param differences one for each key that is not the same everywhere, sorted by key
 */
record Comparison(long keys, long entries, List<Difference> differences) {

    /**
     * A key that is not the same everywhere; null where a side does not know the key.
     *
     * @param key the key
     * @param source its state in the first bucket
     * @param topic its last record
     * @param copy its state in the second bucket
     */
    record Difference(String key, KeyState source, KeyState topic, KeyState copy) {
        @Override
        public String toString() {
            return key + ": bucket " + text(source) + ", topic " + text(topic) + ", copy " + text(copy);
        }

        private static String text(KeyState state) {
            return state == null ? "-" : state.toString();
        }
    }

    /** Compares the states of all keys that any side knows. */
    static Comparison of(Map<String, KeyState> source, Map<String, KeyState> topic, Map<String, KeyState> copy) {
        TreeSet<String> keys = new TreeSet<>(source.keySet());
        keys.addAll(topic.keySet());
        keys.addAll(copy.keySet());
        List<Difference> differences = new ArrayList<>();
        for (String key : keys) {
            KeyState here = source.get(key);
            KeyState between = topic.get(key);
            KeyState there = copy.get(key);
            if (here == null || !here.equals(between) || !Objects.equals(here, there)) {
                differences.add(new Difference(key, here, between, there));
            }
        }
        long live = source.values().stream()
                .filter(state -> !state.operation().isMarker())
                .count();
        return new Comparison(live, keys.size(), List.copyOf(differences));
    }

    /** Whether a mirror of at least one key is the same everywhere. */
    boolean same() {
        return differences.isEmpty() && entries > 0;
    }

    /**
     * The verdict in one line, and below it the first differences.
     *
     * @param changes how many changes were made to the first bucket, besides its first filling
     * @param records how many records went through the topic
     * @param seconds how long the changes took to arrive, from the first to the last
     */
    List<String> report(long changes, long records, double seconds) {
        String numbers = String.format(
                Locale.ROOT, "keys=%d changes=%d records=%d seconds=%.1f", keys, changes, records, seconds);
        if (same()) {
            return List.of("MIRROR OK " + numbers);
        }
        List<String> lines = new ArrayList<>();
        lines.add("MIRROR DIFFERS " + numbers + " differences=" + differences.size());
        if (entries == 0) {
            lines.add("  all three sides are empty");
        }
        differences.stream().limit(10).forEach(difference -> lines.add("  " + difference));
        if (differences.size() > 10) {
            lines.add("  and " + (differences.size() - 10) + " more");
        }
        return lines;
    }
}
