package io.natskv.benchmarks.materialise;

import io.nats.client.Connection;
import io.natskv.benchmarks.Rounds;
import io.natskv.benchmarks.core.Rates;
import io.natskv.benchmarks.mirror.Cpu;
import io.natskv.benchmarks.mirror.MirrorStack;
import io.natskv.benchmarks.mirror.Usage;
import java.util.ArrayList;
import java.util.List;

/** jnats by hand: the records of a topic from memory, into an empty bucket. */
final class RawSide implements Rounds.Side {
    private final String name;
    private final MirrorStack stack;
    private final Connection connection;
    private final int records;
    private final Writes writes;
    private final List<Usage> usages = new ArrayList<>();
    private int runs;
    private long storedBytes;

    /** Writes all records to a bucket. */
    interface Writes {
        /** What the bucket needs before. */
        default void prepare(FreshBucket bucket) throws Exception {}

        /** Ends when all of them are acknowledged. */
        void run(FreshBucket bucket) throws Exception;
    }

    RawSide(String name, MirrorStack stack, Connection connection, int records, Writes writes) {
        this.name = name;
        this.stack = stack;
        this.connection = connection;
        this.records = records;
        this.writes = writes;
    }

    @Override
    public String name() {
        return name;
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
        try (FreshBucket bucket = FreshBucket.create(connection, name + "-" + ++runs)) {
            writes.prepare(bucket);
            Cpu before = Cpu.ofThis(stack);
            long start = System.nanoTime();
            writes.run(bucket);
            double rate = Rates.perSecond(records, start);
            usages.add(new Usage(Cpu.ofThis(stack).since(before), records));
            storedBytes = bucket.state().getByteCount();
            return rate;
        }
    }
}
