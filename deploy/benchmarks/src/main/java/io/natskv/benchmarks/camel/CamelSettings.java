package io.natskv.benchmarks.camel;

import io.natskv.benchmarks.Options;
import io.natskv.benchmarks.latency.LatencySettings;

/**
 * How much is done.
 *
 * @param rounds rounds of a comparison that count
 * @param warmUps rounds before them
 * @param valueBytes length of every value
 * @param inFlight the window: how many writes may wait for their acknowledgement
 * @param keys how many keys the writes go round
 * @param writes pipelined writes of one run
 * @param putAllSize how many keys one exchange with PUT_ALL holds
 * @param puts exchanges with one write each, one after the other, of one run
 * @param snapshotKeys keys of the bucket that is read
 * @param batchSize the consumer's batches
 * @param latency at which rates it is measured
 */
record CamelSettings(
        int rounds,
        int warmUps,
        int valueBytes,
        int inFlight,
        int keys,
        int writes,
        int putAllSize,
        int puts,
        int snapshotKeys,
        int batchSize,
        LatencySettings latency) {
    static CamelSettings of(Options options) {
        LatencySettings latency = LatencySettings.of(options, 500, 10, 2_000, 10_000);
        int warmUps = options.warmUps().orElse(options.quick() ? 1 : 3);
        return options.quick()
                ? new CamelSettings(
                        options.rounds().orElse(2),
                        warmUps,
                        256,
                        1_000,
                        2_000,
                        4_000,
                        2_000,
                        200,
                        5_000,
                        1_000,
                        latency)
                : new CamelSettings(
                        options.rounds().orElse(7),
                        warmUps,
                        256,
                        1_000,
                        50_000,
                        150_000,
                        10_000,
                        5_000,
                        200_000,
                        1_000,
                        latency);
    }
}
