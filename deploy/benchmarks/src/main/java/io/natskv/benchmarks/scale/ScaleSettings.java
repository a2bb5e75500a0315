package io.natskv.benchmarks.scale;

import io.natskv.benchmarks.Options;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How much is done.
 *
 * @param rounds rounds that count
 * @param warmUps rounds before them
 * @param valueBytes length of every value, but where lengths are compared
 * @param keys of the buckets and topics, the smallest first
 * @param keysOfARound small ones are read as often as it takes to have so many keys, up to five times
 * @param tasks numbers of tasks
 * @param taskKeys keys that tasks share
 * @param sizes lengths of values, in bytes
 * @param sizeBytes all values of a length together
 * @param sizeMost most values of a length
 * @param hotRecords changes of one key
 * @param workerHeap heap of the Connect worker
 * @param taskHeap heap of the one with several tasks
 * @param producer producer settings: what the source connector's README advises for throughput
 */
record ScaleSettings(
        int rounds,
        int warmUps,
        int valueBytes,
        List<Integer> keys,
        int keysOfARound,
        List<Integer> tasks,
        int taskKeys,
        List<Integer> sizes,
        long sizeBytes,
        int sizeMost,
        int hotRecords,
        String workerHeap,
        String taskHeap,
        Map<String, String> producer) {
    private static final Map<String, String> PRODUCER = Map.of(
            "producer.override.enable.idempotence", "true",
            "producer.override.max.in.flight.requests.per.connection", "5",
            "producer.override.batch.size", "262144");
    private static final int MOST_RUNS = 5;

    static ScaleSettings of(Options options) {
        int rounds = options.rounds().orElse(options.quick() ? 2 : 3);
        int warmUps = options.warmUps().orElse(options.quick() ? 0 : 1);
        return options.quick()
                ? new ScaleSettings(
                        rounds,
                        warmUps,
                        1_000,
                        List.of(1_000, 10_000),
                        2_000,
                        List.of(1, 2),
                        2_000,
                        List.of(64, 524_288),
                        4L << 20,
                        1_000,
                        500,
                        "256m",
                        "512m",
                        PRODUCER)
                : new ScaleSettings(
                        rounds,
                        warmUps,
                        1_000,
                        upTo(options.keys().orElse(1_000_000)),
                        200_000,
                        List.of(1, 2, 4, 8),
                        200_000,
                        List.of(64, 1_024, 16_384, 131_072, 524_288),
                        128L << 20,
                        100_000,
                        20_000,
                        "256m",
                        "1g",
                        PRODUCER);
    }

    private static List<Integer> upTo(int most) {
        return Stream.concat(
                        IntStream.of(10_000, 100_000, 1_000_000)
                                .filter(keys -> keys < most)
                                .boxed(),
                        Stream.of(most))
                .toList();
    }

    int smallKeys() {
        return keys.get(0);
    }

    int largeKeys() {
        return keys.get(keys.size() - 1);
    }

    /** How often a bucket of so many keys is read in a round: a single run of a small one is too short for a clock of milliseconds. */
    int runs(int numberOfKeys) {
        return Math.max(1, Math.min(MOST_RUNS, keysOfARound / numberOfKeys));
    }

    /** How many values of a length are read. */
    int values(int size) {
        return (int) Math.max(1, Math.min(sizeMost, sizeBytes / size));
    }
}
