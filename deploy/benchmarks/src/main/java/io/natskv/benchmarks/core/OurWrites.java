package io.natskv.benchmarks.core;

import io.natskv.benchmarks.Rounds;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriterStats;
import java.time.Duration;
import java.util.function.Supplier;

/** kv-core's writer, one put after another handed over and all acknowledgements waited for. */
final class OurWrites implements Rounds.Side {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final String name;
    private final Supplier<KvWriter> writers;
    private final boolean closes;
    private final Data data;
    private final int writes;

    private OurWrites(String name, Supplier<KvWriter> writers, boolean closes, Data data, int writes) {
        this.name = name;
        this.writers = writers;
        this.closes = closes;
        this.data = data;
        this.writes = writes;
    }

    /** One writer for all rounds: it knows the last revision of each key. */
    static OurWrites warm(String name, KvWriter writer, Data data, int writes) {
        return new OurWrites(name, () -> writer, false, data, writes);
    }

    /** A new writer in each round, which writes each key once and knows none: the keys are there, and each first attempt is refused. */
    static OurWrites cold(String name, Supplier<KvWriter> writers, Data data) {
        return new OurWrites(name, writers, true, data, data.keys());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public double run() {
        KvWriter writer = writers.get();
        try {
            WriterStats before = writer.stats();
            long start = System.nanoTime();
            for (int i = 0; i < writes; i++) {
                writer.submit(KvWrite.put(data.key(i), data.value(i)));
            }
            boolean settled = writer.flush(PATIENCE);
            double rate = Rates.perSecond(writes, start);
            check(settled, before, writer.stats());
            return rate;
        } finally {
            if (closes) {
                writer.close();
            }
        }
    }

    private void check(boolean settled, WriterStats before, WriterStats after) {
        long done = after.stored() + after.coalesced() - before.stored() - before.coalesced();
        if (!settled || done != writes) {
            throw new IllegalStateException(name + ": " + done + " of " + writes + " writes were done: " + after);
        }
    }
}
