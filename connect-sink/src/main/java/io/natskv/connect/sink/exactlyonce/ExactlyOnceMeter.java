package io.natskv.connect.sink.exactlyonce;

import io.natskv.connect.sink.delivery.SinkMetrics;
import io.natskv.core.connect.MetricSet;
import io.natskv.core.write.WriterStats;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Counts what the exactly-once delivery does. Thread-safe. */
public final class ExactlyOnceMeter {
    final SinkMetrics common;
    final LongAdder batches;
    final LongAdder fenced;
    final LongAdder records = new LongAdder();
    final LongAdder claims = new LongAdder();
    final LongAdder retries = new LongAdder();
    final LongAdder setUpsRepeated = new LongAdder();

    /** @param common what is counted in whichever way records are delivered */
    public ExactlyOnceMeter(SinkMetrics common) {
        this.common = common;
        this.batches = common.batches;
        this.fenced = common.fenced;
    }

    /** A batch was acknowledged. */
    void answered(long nanos) {
        common.ackMillis.record(TimeUnit.NANOSECONDS.toMillis(nanos));
    }

    /** How many partitions can't go on because their bucket is full. */
    void blocked(int partitions) {
        common.fullBuckets(partitions);
    }

    /** All of it, for publication. */
    public MetricSet toSet() {
        return common.toSet(() -> new WriterStats(0, 0, records.sum(), retries.sum(), 0, 0, 0, 0))
                .counter("claims", "Partitions that were claimed", claims)
                .counter(
                        "set-ups-repeated",
                        "Times that a bucket had to be given its room for offsets again",
                        setUpsRepeated);
    }
}
