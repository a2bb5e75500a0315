package io.natskv.connect.source;

import io.natskv.core.connect.ConnectMetrics;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.watch.KvWatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.source.SourceRecord;

/** A task that has its connection: reads its watches in turn. For one thread. */
final class StartedSourceTask implements AutoCloseable {
    /** With several watches we can wait at one only; the others are looked at in between. */
    private static final Duration SLICE = Duration.ofMillis(10);

    private final List<AssignedWatch> watches;
    private final FlowSettings flow;
    private final Deliveries deliveries = new Deliveries();
    private final KvConnection connection;
    private final Undecodable undecodable;
    private final Optional<SignalReader> signals;
    private int drainTurn;
    private int waitTurn;

    private StartedSourceTask(
            List<AssignedWatch> watches,
            Optional<KvWatch> signals,
            FlowSettings flow,
            KvConnection connection,
            Undecodable undecodable) {
        this.watches = List.copyOf(watches);
        this.flow = flow;
        this.connection = connection;
        this.undecodable = undecodable;
        this.signals = signals.map(watch ->
                new SignalReader(watch, (signal, live) -> watches.forEach(receiver -> receiver.signal(signal, live))));
    }

    /**
     * Opens the watches. Each begins to work with the first poll.
     *
     * @param task the number of the task
     * @throws io.natskv.core.error.KvException if a bucket can't be opened
     */
    static StartedSourceTask open(
            SourceConfig config, KvConnection connection, Map<Assignment, StartingPoint> points, String task) {
        Undecodable undecodable = config.records().undecodable();
        String connector = config.connectorName();
        ControlRecords control = new ControlRecords(connector, task, config.records());
        WatchFactory factory = new WatchFactory(config, connection, undecodable, control, connector + "-" + task);
        List<AssignedWatch> watches = new ArrayList<>();
        try {
            points.forEach((assignment, point) -> watches.add(factory.open(assignment, point)));
            return new StartedSourceTask(
                    watches,
                    config.liveness().signalBucket().map(factory::signals),
                    config.flow(),
                    connection,
                    undecodable);
        } catch (RuntimeException e) {
            // Opening is repeated on the same connection, which would keep these.
            watches.forEach(AssignedWatch::close);
            throw e;
        }
    }

    /** Shows how the task is doing, until the metrics are closed. */
    void show(ConnectMetrics metrics) {
        WatchMetrics.register(metrics, connection, undecodable);
        watches.forEach(watch -> WatchMetrics.register(metrics, watch));
    }

    /** What is there, at once; or the first that comes within the longest wait. Null if nothing does. */
    List<SourceRecord> poll() {
        long now = System.nanoTime();
        long deadline = now + flow.pollMaxWait().toNanos();
        RecordBatch batch = new RecordBatch(flow.batchMaxRecords(), flow.bufferMaxBytes());
        while (true) {
            long time = now;
            signals.ifPresent(reader -> reader.read(Duration.ZERO, time));
            boolean ready = signals.map(SignalReader::isReady).orElse(true);
            if (ready) {
                drain(batch);
                for (AssignedWatch watch : watches) {
                    watch.addSideWork(batch, deliveries, now);
                }
            }
            if (!batch.isEmpty()) {
                deliveries.handOver(batch.size());
                return batch.records();
            }
            now = System.nanoTime();
            if (deadline - now <= 0) {
                return null;
            }
            await(ready, Duration.ofNanos(deadline - now), batch);
            now = System.nanoTime();
        }
    }

    /** Waits for the next change: at the one watch, or for a moment at one of several. */
    private void await(boolean ready, Duration left, RecordBatch batch) {
        boolean busy = watches.stream().anyMatch(AssignedWatch::isBusy);
        Duration wait = watches.size() == 1 && !busy || left.compareTo(SLICE) < 0 ? left : SLICE;
        waitTurn = (waitTurn + 1) % watches.size();
        AssignedWatch watch = watches.get(waitTurn);
        if (ready && !watch.isPaused()) {
            watch.next(wait, batch);
        } else {
            // Only where there are signals, nothing is ready or paused.
            signals.orElseThrow().read(SLICE, System.nanoTime());
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
        deliveries.committed();
        watches.forEach(watch -> watch.done(record));
    }

    @Override
    public void close() {
        signals.ifPresent(SignalReader::close);
        watches.forEach(AssignedWatch::close);
    }
}
