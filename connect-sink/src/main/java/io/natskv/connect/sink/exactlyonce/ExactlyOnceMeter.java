package io.natskv.connect.sink.exactlyonce;

import io.natskv.connect.sink.delivery.SinkMetrics;
import io.natskv.core.connect.MetricSet;
import io.natskv.core.write.WriterStats;
import java.util.concurrent.atomic.LongAdder;

/** Counts what the exactly-once delivery does, beside what both deliveries count. Thread-safe. */
public final class ExactlyOnceMeter {
    final SinkMetrics common;
    final LongAdder records = new LongAdder();
    final LongAdder claims = new LongAdder();
    final LongAdder retries = new LongAdder();
    final LongAdder setUpsRepeated = new LongAdder();
    private volatile int inFlight;
    private volatile long inFlightBytes;
    private volatile int unclaimed;

    public ExactlyOnceMeter(SinkMetrics common) {
        this.common = common;
    }

    void inFlight(int writes, long bytes) {
        inFlight = writes;
        inFlightBytes = bytes;
    }

    void unclaimed(int partitions) {
        unclaimed = partitions;
    }

    /** All of it, for publication. */
    public MetricSet toSet() {
        return common.toSet(this::writes)
                .gauge("unclaimed-partitions", "Partitions of this task that wait for their claim", () -> unclaimed)
                .counter("claims", "Partitions claimed", claims)
                .counter(
                        "set-ups-repeated",
                        "Times that the stream of a bucket had lost its room for offsets and got it again",
                        setUpsRepeated);
    }

    private WriterStats writes() {
        return new WriterStats(inFlight, inFlightBytes, records.sum(), retries.sum(), 0, 0, 0, 0);
    }
}
