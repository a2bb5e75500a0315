package io.natskv.benchmarks.materialise;

import io.natskv.benchmarks.Options;

/**
 * How much is done, alike for all sides.
 *
 * @param rounds rounds of a comparison that count
 * @param warmUps rounds before them
 * @param records records of a round, and puts of the other side
 * @param keys keys over which they are spread in turn
 * @param valueBytes length of every value
 * @param inFlight writes without acknowledgement, of both sides
 * @param loopRecords records of a round of the sink that puts one by one
 * @param latencyRounds rounds of the latency that count; there is one of warm-up
 * @param recordsPerSecond records a second meanwhile
 * @param latencyRecords records of a latency round
 * @param workerHeap heap of the Connect worker
 */
record MaterialiseSettings(
        int rounds,
        int warmUps,
        int records,
        int keys,
        int valueBytes,
        int inFlight,
        int loopRecords,
        int latencyRounds,
        int recordsPerSecond,
        int latencyRecords,
        String workerHeap) {
    static MaterialiseSettings of(Options options) {
        return options.quick()
                ? new MaterialiseSettings(
                        options.rounds().orElse(2), 1, 4_000, 1_000, 256, 1_000, 500, 2, 2_000, 1_000, "512m")
                : new MaterialiseSettings(
                        options.rounds().orElse(7), 3, 400_000, 50_000, 256, 1_000, 10_000, 3, 2_000, 30_000, "1g");
    }
}
