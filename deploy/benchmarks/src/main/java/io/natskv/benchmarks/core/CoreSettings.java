package io.natskv.benchmarks.core;

import io.natskv.benchmarks.Options;
import java.util.List;

/**
 * How much is done.
 *
 * @param rounds rounds of a comparison that count
 * @param warmUps rounds before them
 * @param valueBytes length of every value
 * @param inFlight the window: how many writes may wait for their acknowledgement
 * @param keys how many keys the writes go round
 * @param writes pipelined writes of one run
 * @param puts puts that wait for their acknowledgement, of one run
 * @param hotWrites writes to one key of one run, with coalescing
 * @param snapshotKeys keys of the bucket that is read
 * @param kills how often the server is killed
 * @param recoveryKeys keys of the bucket that is watched meanwhile
 * @param downtimesMillis how long the server stays dead, in turn
 * @param trafficEachMillis pause between two writes of the traffic meanwhile
 */
record CoreSettings(
        int rounds,
        int warmUps,
        int valueBytes,
        int inFlight,
        int keys,
        int writes,
        int puts,
        int hotWrites,
        int snapshotKeys,
        int kills,
        int recoveryKeys,
        List<Long> downtimesMillis,
        long trafficEachMillis) {
    static CoreSettings of(Options options) {
        CoreSettings all = options.quick() ? quick() : full();
        return all.with(
                options.rounds().orElse(all.rounds),
                options.warmUps().orElse(all.warmUps),
                options.kills().orElse(all.kills));
    }

    private static CoreSettings full() {
        return new CoreSettings(
                9,
                4,
                256,
                1_000,
                50_000,
                150_000,
                8_000,
                150_000,
                200_000,
                20,
                1_000_000,
                List.of(0L, 300L, 1_000L, 4_000L),
                5);
    }

    private static CoreSettings quick() {
        return new CoreSettings(2, 1, 256, 1_000, 2_000, 4_000, 200, 2_000, 5_000, 2, 1_000, List.of(0L, 200L), 5);
    }

    private CoreSettings with(int newRounds, int newWarmUps, int newKills) {
        return new CoreSettings(
                newRounds,
                newWarmUps,
                valueBytes,
                inFlight,
                keys,
                writes,
                puts,
                hotWrites,
                snapshotKeys,
                newKills,
                recoveryKeys,
                downtimesMillis,
                trafficEachMillis);
    }
}
