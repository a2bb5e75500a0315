package io.natskv.benchmarks.mirror;

import io.natskv.benchmarks.Options;
import io.natskv.benchmarks.latency.LatencySettings;
import java.util.Map;

/**
 * How much is done, and how workers and producers are set: alike for both sides.
 *
 * @param rounds rounds of a comparison that count
 * @param warmUps rounds before them
 * @param valueBytes length of every value
 * @param records records of a round: keys of the bucket that is read
 * @param batchMaxRecords most records of a poll, and with it of a transaction
 * @param latency at which rates it is measured
 * @param workerHeap heap of the Connect worker
 * @param producer producer settings of both sides
 */
record MirrorSettings(
        int rounds,
        int warmUps,
        int valueBytes,
        int records,
        int batchMaxRecords,
        LatencySettings latency,
        String workerHeap,
        Map<String, String> producer) {
    /** What is advised for throughput in the connector's README. */
    private static final Map<String, String> PRODUCER = Map.of(
            "producer.override.enable.idempotence", "true",
            "producer.override.max.in.flight.requests.per.connection", "5",
            "producer.override.batch.size", "262144");

    static MirrorSettings of(Options options) {
        LatencySettings latency = LatencySettings.of(options, 2_000, 15, 500, 10_000);
        int warmUps = options.warmUps().orElse(options.quick() ? 1 : 3);
        return options.quick()
                ? new MirrorSettings(options.rounds().orElse(2), warmUps, 256, 4_000, 2_000, latency, "512m", PRODUCER)
                : new MirrorSettings(
                        options.rounds().orElse(7), warmUps, 256, 1_000_000, 2_000, latency, "1g", PRODUCER);
    }
}
