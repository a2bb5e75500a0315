package io.natskv.connect.source;

import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.bucket.PreviousRevisions;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.apache.kafka.connect.source.SourceRecord;

/** A task that has its connection: reads its watches in turn. For one thread. */
final class StartedSourceTask implements AutoCloseable {
    /** With several watches we can wait at one only; the others are looked at in between. */
    private static final Duration SLICE = Duration.ofMillis(10);

    private final List<AssignedWatch> watches;
    private final FlowSettings flow;
    private int drainTurn;
    private int waitTurn;

    private StartedSourceTask(List<AssignedWatch> watches, FlowSettings flow) {
        this.watches = List.copyOf(watches);
        this.flow = flow;
    }

    /**
     * Opens the watches. Each begins to work with the first poll.
     *
     * @throws io.natskv.core.error.KvException if a bucket can't be opened
     */
    static StartedSourceTask open(SourceConfig config, KvConnection connection, Map<Assignment, StartingPoint> points) {
        Undecodable undecodable = config.records().undecodable();
        List<AssignedWatch> watches = new ArrayList<>();
        try {
            points.forEach((assignment, point) -> watches.add(new AssignedWatch(
                    assignment, reader(connection, config, assignment, point), point.note(), config, undecodable)));
        } catch (RuntimeException e) {
            // Opening is repeated on the same connection, which would keep these.
            watches.forEach(AssignedWatch::close);
            throw e;
        }
        return new StartedSourceTask(watches, config.flow());
    }

    private static EntryReader reader(
            KvConnection connection, SourceConfig config, Assignment assignment, StartingPoint point) {
        KvBucket bucket = bucket(connection, config, assignment.bucket());
        PreviousRevisions previous = null;
        if (config.records().withPrevious()) {
            previous = new PreviousRevisions(connection, bucket);
            check(previous, bucket);
        }
        return new EntryReader(
                bucket.watch(config.watchOptions(assignment.filter(), point.start())),
                previous,
                DeliveredAlready.confirmed(point.delivered(), bucket),
                config.flow().bufferMaxBytes());
    }

    private static void check(PreviousRevisions previous, KvBucket bucket) {
        try {
            previous.check().join();
        } catch (CompletionException e) {
            KvException error = KvErrors.translate(e, "read history of bucket \"" + bucket.name() + "\"");
            if (!(error instanceof BucketNotFoundException)) {
                throw error;
            }
        }
    }

    /**
     * A bucket that was found by a pattern may be gone by now, or come back before the connector has noticed anything. Its watch waits for it; a
     * bucket that was named has to be there.
     */
    private static KvBucket bucket(KvConnection connection, SourceConfig config, String name) {
        KvBuckets buckets = new KvBuckets(connection);
        try {
            return buckets.open(name);
        } catch (BucketNotFoundException e) {
            if (config.watch().bucketsPattern().isEmpty()) {
                throw e;
            }
            return buckets.assume(name);
        }
    }

    /** What is there, at once; or the first that comes within the longest wait. Null if nothing does. */
    List<SourceRecord> poll() {
        long deadline = System.nanoTime() + flow.pollMaxWait().toNanos();
        RecordBatch batch = new RecordBatch(flow.batchMaxRecords(), flow.bufferMaxBytes());
        while (true) {
            drain(batch);
            if (!batch.isEmpty()) {
                return batch.records();
            }
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return null;
            }
            Duration wait = Duration.ofNanos(watches.size() == 1 ? left : Math.min(left, SLICE.toNanos()));
            waitTurn = (waitTurn + 1) % watches.size();
            watches.get(waitTurn).next(wait, batch);
        }
    }

    /**
     * First a fair share from each watch, beginning with another one each time, so that none starves beside one that always has more. Then, as far
     * as there is room, all that each has: the watches go on reading while they are emptied.
     */
    private void drain(RecordBatch batch) {
        int first = drainTurn;
        drainTurn = (drainTurn + 1) % watches.size();
        drain(
                batch,
                first,
                Math.max(1, flow.batchMaxRecords() / watches.size()),
                flow.bufferMaxBytes() / watches.size());
        drain(batch, first, Integer.MAX_VALUE, Long.MAX_VALUE);
    }

    private void drain(RecordBatch batch, int first, int maxRecords, long maxBytes) {
        for (int i = 0; i < watches.size() && !batch.isFull(); i++) {
            AssignedWatch watch = watches.get((first + i) % watches.size());
            int recordsBefore = batch.size();
            long bytesBefore = batch.bytes();
            while (!batch.isFull()
                    && batch.size() - recordsBefore < maxRecords
                    && (batch.size() == recordsBefore || batch.bytes() - bytesBefore < maxBytes)) {
                if (!watch.next(Duration.ZERO, batch)) {
                    break;
                }
            }
        }
    }

    /** The worker is done with a record: it is in Kafka, or was dropped. From any thread. */
    void done(SourceRecord record) {
        watches.forEach(watch -> watch.done(record));
    }

    @Override
    public void close() {
        watches.forEach(AssignedWatch::close);
    }
}
