package io.natskv.benchmarks.materialise;

import io.nats.client.Connection;
import io.nats.client.api.StreamState;
import io.natskv.benchmarks.Rounds;
import io.natskv.benchmarks.mirror.Cpu;
import io.natskv.benchmarks.mirror.MirrorStack;
import io.natskv.benchmarks.mirror.Progress;
import io.natskv.benchmarks.mirror.Usage;
import io.natskv.testing.kafka.ConnectWorker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A sink connector that is made anew each time and writes a whole topic into an empty bucket. Counted from the first entries in the bucket to
 * the last one, by the server's clock: what it costs to make a connector is left out.
 */
final class SinkRun implements Rounds.Side {
    private final MirrorStack stack;
    private final ConnectWorker worker;
    private final Connection connection;
    private final Sink sink;
    private final List<Usage> usages = new ArrayList<>();
    private int runs;
    private long storedBytes;

    /**
     * What is measured.
     *
     * @param settings the connector's, but for the bucket
     * @param bucketSetting the setting that names the bucket
     * @param claims entries before the first record: a claim is written before the task goes to where it begins
     * @param entries how many come into the bucket at least
     * @param recordsPerEntry how many records each stands for
     * @param batches whether the bucket is to take atomic batches from the beginning
     */
    record Sink(
            String name,
            Map<String, String> settings,
            String bucketSetting,
            int claims,
            long entries,
            int recordsPerEntry,
            boolean batches) {
        /** Which needs nothing of the bucket. */
        Sink(
                String name,
                Map<String, String> settings,
                String bucketSetting,
                int claims,
                long entries,
                int recordsPerEntry) {
            this(name, settings, bucketSetting, claims, entries, recordsPerEntry, false);
        }
    }

    SinkRun(MirrorStack stack, ConnectWorker worker, Connection connection, Sink sink) {
        this.stack = stack;
        this.worker = worker;
        this.connection = connection;
        this.sink = sink;
    }

    @Override
    public String name() {
        return sink.name();
    }

    /** Of each run, warm-ups included. */
    List<Usage> usages() {
        return usages;
    }

    /** What was in the bucket after the last run. */
    long storedBytes() {
        return storedBytes;
    }

    @Override
    public double run() throws Exception {
        String connector = sink.name() + "-" + ++runs;
        try (FreshBucket bucket = FreshBucket.create(connection, connector)) {
            if (sink.batches()) {
                bucket.allowBatches();
            }
            Map<String, String> config = new HashMap<>(sink.settings());
            config.put("name", connector);
            config.put(sink.bucketSetting(), connector);
            worker.rest().put(connector, config);
            try {
                return measure(connector, bucket);
            } finally {
                // Before its bucket: it is not to look for it meanwhile.
                worker.rest().delete(connector);
            }
        }
    }

    private double measure(String connector, FreshBucket bucket) throws Exception {
        Progress progress = new Progress(worker, connector);
        StreamState first = progress.await(sink.claims() + 1L, bucket::state, StreamState::getLastSequence);
        Cpu before = Cpu.of(stack, worker);
        long records = (sink.entries() - first.getLastSequence()) * sink.recordsPerEntry();
        if (records <= 0) {
            throw new IllegalStateException(connector + " was done before it was seen to begin: it needs more records");
        }
        StreamState enough = progress.await(sink.entries(), bucket::state, StreamState::getLastSequence);
        Cpu used = Cpu.of(stack, worker).since(before);
        // Offsets lie among the entries of exactly-once: so many are the records at least, and then nothing more
        // comes.
        StreamState last = progress.awaitEnd(enough, bucket::state, StreamState::getLastSequence);
        usages.add(new Usage(used, records));
        storedBytes = last.getByteCount();
        return records
                * 1e9
                / Duration.between(first.getLastTime(), last.getLastTime()).toNanos();
    }
}
