package io.natskv.connect.sink.delivery;

import io.natskv.core.connect.Histogram;
import io.natskv.core.connect.MetricSet;
import io.natskv.core.write.WriterStats;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** What a task counts, in whichever way it delivers. Thread-safe. */
public final class SinkMetrics {
    public final LongAdder ignored = new LongAdder();
    public final LongAdder late = new LongAdder();
    public final LongAdder deadLettered = new LongAdder();
    public final LongAdder conflicts = new LongAdder();
    public final LongAdder skipped = new LongAdder();
    public final LongAdder rewinds = new LongAdder();
    public final LongAdder batches = new LongAdder();
    public final LongAdder fenced = new LongAdder();
    /** From the submission of a write, or a batch, to its acknowledgement. */
    public final Histogram ackMillis = new Histogram();

    private volatile long waiting;
    private volatile long fullBuckets;

    /** How many records were handed over and can't be committed yet. */
    public void waiting(long records) {
        waiting = records;
    }

    /** How many buckets take no writes because they are full. */
    public void fullBuckets(long buckets) {
        fullBuckets = buckets;
    }

    /** All of it, for publication. */
    public MetricSet toSet(Supplier<WriterStats> writers) {
        return new MetricSet()
                .gauge(
                        "in-flight",
                        "Writes that wait for their acknowledgement",
                        () -> writers.get().inFlight())
                .gauge("in-flight-bytes", "Bytes of these", () -> writers.get().inFlightBytes())
                .gauge("watermark-lag", "Records that were handed over and can't be committed yet", () -> waiting)
                .gauge("full-buckets", "Buckets that take no writes because they are full", () -> fullBuckets)
                .gauge(
                        "stored-total",
                        "Writes that were stored",
                        () -> writers.get().stored())
                .gauge(
                        "retries-total",
                        "Attempts to write beyond the first",
                        () -> writers.get().retries())
                .gauge(
                        "coalesced-total",
                        "Writes in whose place a later one was written",
                        () -> writers.get().coalesced())
                .gauge(
                        "contended-total",
                        "Writes that found another revision than they counted on",
                        () -> writers.get().conflicts())
                .counter("late", "Records left out because a later one of their partition is stored", late)
                .counter("ignored", "Records without value that were ignored", ignored)
                .counter("conflicts", "Records whose condition did not hold", conflicts)
                .counter("skipped", "Of these, records that were left out", skipped)
                .counter("dead-lettered", "Records that were reported as errors", deadLettered)
                .counter("rewinds", "Times that partitions were read again from the first record not stored", rewinds)
                .counter("batches", "Atomic batches that were stored", batches)
                .counter("fenced", "Times that another task had taken a partition over", fenced)
                .histogram("ack-latency-ms", "Milliseconds from submission to acknowledgement", ackMillis);
    }
}
