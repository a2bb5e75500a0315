package io.natskv.benchmarks.materialise;

import io.nats.client.Connection;
import io.nats.client.api.StreamState;
import io.natskv.benchmarks.Rounds;
import io.natskv.benchmarks.mirror.Cpu;
import io.natskv.benchmarks.mirror.MirrorStack;
import io.natskv.testing.kafka.ConnectWorker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * A sink connector that is made anew each time and writes a whole topic into an empty bucket. Counted from the first entries in the bucket to
 * the last one, by the server's clock: what it costs to make a connector is left out.
 */
final class SinkRun implements Rounds.Side {
    private static final long LOOK_NANOS = Duration.ofMillis(20).toNanos();
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final String name;
    private final MirrorStack stack;
    private final ConnectWorker worker;
    private final Connection connection;
    private final long records;
    private final Map<String, String> settings;
    private final String bucketSetting;
    private final List<Usage> usages = new ArrayList<>();
    private int runs;

    /**
     * What a run used, from when the first entries were seen.
     *
     * @param records how many came since then
     */
    record Usage(Cpu cpu, long records) {}

    /**
     * @param records how many the topic has
     * @param settings the connector's, but for the bucket
     * @param bucketSetting the setting that names the bucket
     */
    SinkRun(
            String name,
            MirrorStack stack,
            ConnectWorker worker,
            Connection connection,
            long records,
            Map<String, String> settings,
            String bucketSetting) {
        this.name = name;
        this.stack = stack;
        this.worker = worker;
        this.connection = connection;
        this.records = records;
        this.settings = settings;
        this.bucketSetting = bucketSetting;
    }

    @Override
    public String name() {
        return name;
    }

    /** Of each run, warm-ups included. */
    List<Usage> usages() {
        return usages;
    }

    @Override
    public double run() throws Exception {
        String connector = name + "-" + ++runs;
        try (FreshBucket bucket = FreshBucket.create(connection, connector)) {
            Map<String, String> config = new HashMap<>(settings);
            config.put("name", connector);
            config.put(bucketSetting, connector);
            worker.rest().put(connector, config);
            StreamState first = await(bucket, connector, 1);
            Cpu before = Cpu.of(stack, worker);
            StreamState last = await(bucket, connector, records);
            Cpu used = Cpu.of(stack, worker).since(before);
            // Offsets lie among the entries of exactly-once: so many are the records at least, and then nothing more
            // comes.
            for (StreamState later = later(bucket); later.getLastSequence() > last.getLastSequence(); ) {
                last = later;
                later = later(bucket);
            }
            long entries = records - first.getLastSequence();
            usages.add(new Usage(used, entries));
            return entries
                    * 1e9
                    / Duration.between(first.getLastTime(), last.getLastTime()).toNanos();
        } finally {
            worker.rest().delete(connector);
        }
    }

    private static StreamState later(FreshBucket bucket) throws Exception {
        LockSupport.parkNanos(10 * LOOK_NANOS);
        return bucket.state();
    }

    private StreamState await(FreshBucket bucket, String connector, long revision) throws Exception {
        long start = System.nanoTime();
        StreamState state = bucket.state();
        while (state.getLastSequence() < revision) {
            LockSupport.parkNanos(LOOK_NANOS);
            state = bucket.state();
            if (System.nanoTime() - start > PATIENCE.toNanos()) {
                throw new IllegalStateException("connector " + connector + " wrote " + state.getLastSequence() + " of "
                        + records + " records within " + PATIENCE + ": "
                        + worker.rest().status(connector).describe());
            }
        }
        return state;
    }
}
