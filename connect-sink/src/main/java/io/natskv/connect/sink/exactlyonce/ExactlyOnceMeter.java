package io.natskv.connect.sink.exactlyonce;

import java.util.concurrent.atomic.LongAdder;

/** Counts what the exactly-once delivery does. Thread-safe. */
public final class ExactlyOnceMeter {
    final LongAdder batches = new LongAdder();
    final LongAdder records = new LongAdder();
    final LongAdder claims = new LongAdder();
    final LongAdder fenced = new LongAdder();
    final LongAdder retries = new LongAdder();
    final LongAdder setUpsRepeated = new LongAdder();
    final LongAdder batchNanos = new LongAdder();
    volatile int blocked;

    /** Batches stored. */
    public long batches() {
        return batches.sum();
    }

    /** Writes stored with them. */
    public long records() {
        return records.sum();
    }

    /** Partitions claimed. */
    public long claims() {
        return claims.sum();
    }

    /** How often another task had claimed a partition of ours. */
    public long fenced() {
        return fenced.sum();
    }

    /** Batches and claims that failed and were tried again. */
    public long retries() {
        return retries.sum();
    }

    /** How often the bucket's stream had to be given its room for offsets again. */
    public long setUpsRepeated() {
        return setUpsRepeated.sum();
    }

    /** From sending batches to their acknowledgement, in nanoseconds, all of them together. */
    public long batchNanos() {
        return batchNanos.sum();
    }

    /** Partitions that can't go on because their bucket is full. */
    public int blocked() {
        return blocked;
    }
}
