package io.natskv.connect.sink.delivery;

import io.natskv.connect.sink.delivery.PartitionWatermarks.Tracked;
import io.natskv.connect.sink.delivery.PipelinedDelivery.Completion;
import io.natskv.connect.sink.delivery.PipelinedDelivery.Pending;
import io.natskv.core.connect.Histogram;
import io.natskv.core.error.KvErrors;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWriter;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;

/** The writes of a task that are not acknowledged, whatever their bucket, within bounds. For one thread; answers may come from any. */
final class Window {
    /** Of a write beside its key and value, about. */
    private static final int OVERHEAD_BYTES = 100;

    private final int maxWrites;
    private final long maxBytes;
    private final Histogram ackMillis;
    private final Completions<Completion> completions = new Completions<>();
    private final Set<Tracked> inFlight = new HashSet<>();
    private long bytes;

    Window(int maxWrites, long maxBytes, Histogram ackMillis) {
        this.maxWrites = maxWrites;
        this.maxBytes = maxBytes;
        this.ackMillis = ackMillis;
    }

    static long bytesOf(KvWrite write) {
        return write.key().length() + write.value().length + OVERHEAD_BYTES;
    }

    /** A single larger write still gets through. */
    boolean hasRoom(long more) {
        return inFlight.isEmpty() || inFlight.size() < maxWrites && bytes + more <= maxBytes;
    }

    boolean isEmpty() {
        return inFlight.isEmpty();
    }

    int size() {
        return inFlight.size();
    }

    boolean holdsAnyOf(Collection<TopicPartition> partitions) {
        return inFlight.stream().anyMatch(place -> partitions.contains(place.partition()));
    }

    void submit(KvWriter writer, KvWrite write, Pending pending, long size) {
        inFlight.add(pending.place());
        bytes += size;
        long since = System.nanoTime();
        writer.submit(write).whenComplete((result, error) -> {
            ackMillis.record(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since));
            completions.add(new Completion(
                    pending, size, result, error == null ? null : KvErrors.translate(error, write.toString())));
        });
    }

    /** The next write that has ended, or null. */
    Completion poll() {
        Completion done = completions.poll();
        if (done != null) {
            inFlight.remove(done.pending().place());
            bytes -= done.bytes();
        }
        return done;
    }

    /** Waits until a part of the writes has ended, or the time is over. */
    void awaitRoom(long nanos) {
        completions.await(Math.max(1, inFlight.size() / 8), nanos);
    }

    /** Waits until all writes have ended, or the time is over. */
    void awaitAll(long nanos) {
        completions.await(inFlight.size(), nanos);
    }
}
