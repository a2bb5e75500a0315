package io.natskv.benchmarks.materialise;

import io.natskv.benchmarks.Options;
import io.natskv.benchmarks.latency.LatencySettings;

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
 * @param noopPasses how often the sink that does nothing reads the topic in a round
 * @param noopRecordsPerEntry after how many records it makes an entry, by which it is measured
 * @param latency at which rates it is measured
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
        int noopPasses,
        int noopRecordsPerEntry,
        LatencySettings latency,
        String workerHeap) {
    static MaterialiseSettings of(Options options) {
        LatencySettings latency = LatencySettings.of(options, 2_000, 15, 500, 10_000);
        int warmUps = options.warmUps().orElse(options.quick() ? 1 : 3);
        return options.quick()
                ? new MaterialiseSettings(
                        options.rounds().orElse(2), warmUps, 20_000, 1_000, 256, 1_000, 500, 10, 100, latency, "512m")
                : new MaterialiseSettings(
                        options.rounds().orElse(7),
                        warmUps,
                        400_000,
                        50_000,
                        256,
                        1_000,
                        10_000,
                        3,
                        1_000,
                        latency,
                        "1g");
    }
}
