package io.natskv.connect.source;

import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.watch.WatchStart;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;

/** A task that has its connection: reads its watches in turn. For one thread. */
final class StartedSourceTask implements AutoCloseable {
    /** With several watches we can wait at one only; the others are looked at in between. */
    private static final Duration SLICE = Duration.ofMillis(10);

    private final List<AssignedWatch> watches;
    private final int batchMaxRecords;
    private final long batchMaxBytes;
    private final Duration pollMaxWait;
    private int turn;

    private StartedSourceTask(List<AssignedWatch> watches, SourceConfig config) {
        this.watches = List.copyOf(watches);
        this.batchMaxRecords = config.batchMaxRecords();
        this.batchMaxBytes = config.bufferMaxBytes();
        this.pollMaxWait = config.pollMaxWait();
    }

    /**
     * Opens the watches. Each begins to work with the first poll.
     *
     * @throws io.natskv.core.error.KvException if a bucket can't be opened
     */
    static StartedSourceTask open(SourceConfig config, KvConnection connection, Map<Assignment, WatchStart> starts) {
        KvBuckets buckets = new KvBuckets(connection);
        EntryConverter converter = config.converter();
        List<AssignedWatch> watches = new ArrayList<>();
        starts.forEach((assignment, start) -> watches.add(new AssignedWatch(
                assignment,
                buckets.open(assignment.bucket()).watch(config.watchOptions(assignment.filter(), start)),
                converter,
                config.onPositionLost())));
        return new StartedSourceTask(watches, config);
    }

    /** What is there, at once; or the first that comes within the longest wait. Null if nothing does. */
    List<SourceRecord> poll() {
        long deadline = System.nanoTime() + pollMaxWait.toNanos();
        List<SourceRecord> batch = new ArrayList<>();
        while (true) {
            drain(batch);
            long left = deadline - System.nanoTime();
            if (!batch.isEmpty()) {
                return batch;
            }
            if (left <= 0) {
                return null;
            }
            Duration wait = Duration.ofNanos(watches.size() == 1 ? left : Math.min(left, SLICE.toNanos()));
            SourceRecord record = nextTurn().next(wait);
            if (record != null) {
                batch.add(record);
            }
        }
    }

    /** Each watch in turn gives all it has, as far as there is room: the watches go on reading while they are emptied. */
    private void drain(List<SourceRecord> batch) {
        long bytes = 0;
        for (int i = 0; i < watches.size(); i++) {
            AssignedWatch watch = nextTurn();
            while (batch.size() < batchMaxRecords && bytes < batchMaxBytes) {
                SourceRecord record = watch.next(Duration.ZERO);
                if (record == null) {
                    break;
                }
                batch.add(record);
                bytes += record.value() instanceof byte[] value ? value.length : 0;
            }
        }
    }

    private AssignedWatch nextTurn() {
        turn = (turn + 1) % watches.size();
        return watches.get(turn);
    }

    @Override
    public void close() {
        watches.forEach(AssignedWatch::close);
    }
}
