package io.natskv.benchmarks.camel;

import io.natskv.benchmarks.Options;

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
 * @param latencyRate changes a second while the latency is measured
 * @param latencySeconds for how long, in each of three rounds
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
        int latencyRate,
        int latencySeconds) {
    static CamelSettings of(Options options) {
        CamelSettings all = options.quick()
                ? new CamelSettings(2, 1, 256, 1_000, 2_000, 4_000, 2_000, 200, 5_000, 1_000, 200, 1)
                : new CamelSettings(7, 3, 256, 1_000, 50_000, 150_000, 10_000, 5_000, 200_000, 1_000, 500, 10);
        return all.withRounds(options.rounds().orElse(all.rounds));
    }

    private CamelSettings withRounds(int value) {
        return new CamelSettings(
                value,
                warmUps,
                valueBytes,
                inFlight,
                keys,
                writes,
                putAllSize,
                puts,
                snapshotKeys,
                batchSize,
                latencyRate,
                latencySeconds);
    }
}
