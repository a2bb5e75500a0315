package io.natskv.connect.sink.delivery;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.delivery.PartitionWatermarks.Tracked;
import io.natskv.connect.sink.record.RecordConverter;
import io.natskv.connect.sink.record.RecordConverter.Outcome;
import io.natskv.connect.sink.record.RecordOrigins;
import io.natskv.core.connect.ConnectErrors;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.KvException;
import io.natskv.core.error.UnavailableException;
import io.natskv.core.error.ValueTooLargeException;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.WriteResult;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTaskContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings records to their buckets at least once, many at a time, and knows up to where they are stored. Belongs to the task's thread; only
 * acknowledgements come from others, through a queue.
 *
 * <p>Back-pressure: what does not fit into the bounds in flight waits in a backlog, which holds what the worker has handed over at once;
 * meanwhile the partitions are paused, so that no more comes. So no call blocks longer than a second, whatever the server does.
 *
 * <p>Failure: when a write has not succeeded within its deadline, everything on its way is given up and every partition rewound to the
 * first record that was not acknowledged. What nevertheless had been sent is harmless: the writes carry their origin, and a record that comes
 * after a later one of its partition is dropped.
 */
public final class PipelinedDelivery implements SinkDelivery {
    private static final Logger LOG = LoggerFactory.getLogger(PipelinedDelivery.class);

    private static final Duration PUT_LIMIT = Duration.ofMillis(1_000);
    private static final Duration COMMIT_LIMIT = Duration.ofMillis(1_000);
    private static final Duration CLOSE_LIMIT = Duration.ofMillis(2_000);
    private static final long SLICE = TimeUnit.MILLISECONDS.toNanos(10);
    /** While writes are in flight the worker has to come back, or acknowledgements would wait for the next record. */
    private static final long IN_FLIGHT_POLL_MS = 20;

    private static final long LONGEST_POLL_MS = 500;

    private final SinkConfig config;
    private final SinkTaskContext context;
    private final SinkMetrics metrics;
    private final RecordConverter converter;
    private final BucketWriters writers;
    private final RecordErrors errors;
    private final PartitionWatermarks watermarks = new PartitionWatermarks();
    private final RecordOrigins origins;
    private final Optional<TopicIds> topicIds;
    private final boolean provenance;
    private final Conflicts conflicts;
    private final LateRecords lateRecords;
    private final Retries retries;
    private final Hangers hangers;
    private final RebalanceSeeks seeks;
    private final Queue<Pending> backlog = new ArrayDeque<>();
    private final Queue<Completion> failures = new ArrayDeque<>();

    private Window window;
    /** What the first of the backlog is to do, once that is known. */
    private Outcome head;

    private boolean paused;
    private long stalledSince = -1;

    /** A record that is not stored yet. */
    record Pending(SinkRecord record, Tracked place) {}

    /** @param result null if it failed, with the error */
    record Completion(Pending pending, long bytes, WriteResult result, KvException error) {}

    /**
     * @param writers closed with this object
     * @param topicIds how topics are told apart, if they can be; closed with this object
     */
    public PipelinedDelivery(
            SinkConfig config,
            SinkTaskContext context,
            BucketWriters writers,
            Optional<TopicIds> topicIds,
            SinkMetrics metrics) {
        this.config = config;
        this.context = context;
        this.metrics = metrics;
        this.writers = writers;
        this.converter = new RecordConverter(config);
        this.origins = new RecordOrigins(config.originId());
        this.topicIds = topicIds;
        this.provenance = config.provenance();
        this.errors = new RecordErrors(context.errantRecordReporter(), metrics);
        this.conflicts = new Conflicts(config.onConflict(), errors, metrics);
        this.lateRecords = new LateRecords(config.originId(), metrics);
        this.retries = new Retries(config);
        this.hangers = new Hangers(metrics, writers);
        this.seeks = new RebalanceSeeks(context);
        this.window = new Window(config.maxInFlight(), config.maxInFlightBytes(), metrics.ackMillis);
    }

    /** A topic may have been deleted and made again while its partitions were elsewhere. */
    @Override
    public void open(Collection<TopicPartition> partitions) {
        // The worker pauses what it had paused before, even if "resume" came while nothing was assigned.
        paused = true;
        topicIds.ifPresent(ids -> partitions.forEach(ids::forget));
    }

    @Override
    public void put(Collection<SinkRecord> records) {
        for (SinkRecord record : records) {
            TopicPartition partition = origins.topicPartition(record);
            long offset = origins.offset(record);
            if (seeks.isAheadOf(partition)) {
                continue;
            }
            if (watermarks.wentBack(partition, offset)) {
                beginsAnew(partition, offset);
            }
            backlog.add(new Pending(record, watermarks.track(partition, offset)));
        }
        seeks.clear();
        long deadline = System.nanoTime() + PUT_LIMIT.toNanos();
        settleAll();
        submitWhatFits();
        while (!backlog.isEmpty() && !retries.backingOff() && System.nanoTime() < deadline) {
            window.awaitRoom(SLICE);
            if (Thread.currentThread().isInterrupted()) {
                throw new ConnectException("Interrupted while records wait to be written");
            }
            settleAll();
            submitWhatFits();
        }
        if (window.isEmpty()) {
            hangers.progress();
        } else {
            hangers.look(window.size());
        }
        regulate();
        metrics.waiting(watermarks.waiting());
    }

    /** The log is another one: the topic was made again, or its end was lost. What is on its way of the old one matters no more. */
    private void beginsAnew(TopicPartition partition, long offset) {
        LOG.warn(
                "Partition {} goes on at offset {}, which was read before: its log is another one now",
                partition,
                offset);
        Uuid before = topicIds.map(ids -> ids.forget(partition)).orElse(null);
        if (provenance) {
            lateRecords.checkNewLog(partition, offset, topicIds.isPresent(), before);
        }
        watermarks.forget(List.of(partition));
    }

    @Override
    public Map<TopicPartition, OffsetAndMetadata> committable(Map<TopicPartition, OffsetAndMetadata> current) {
        drain(COMMIT_LIMIT);
        metrics.waiting(watermarks.waiting());
        return watermarks.committable(current);
    }

    /**
     * Lets go of partitions, after a moment for what is in flight. What has not settled by then is given up, or it would be sent again and
     * again into what the next owner writes.
     */
    @Override
    public void forget(Collection<TopicPartition> partitions) {
        backlog.removeIf(pending -> partitions.contains(pending.place().partition()));
        head = null;
        drain(CLOSE_LIMIT);
        boolean unsettled = window.holdsAnyOf(partitions);
        watermarks.forget(partitions);
        lateRecords.forget(partitions);
        retries.forget(partitions);
        seeks.forget(partitions);
        if (unsettled) {
            Map<TopicPartition, Long> offsets = giveUp();
            seeks.asked(offsets);
            LOG.info("Giving up what is not acknowledged, and going back to {}", offsets);
        }
        if (backlog.isEmpty()) {
            stalledSince = -1;
        }
    }

    @Override
    public void close() {
        writers.close();
        topicIds.ifPresent(TopicIds::close);
    }

    private void submitWhatFits() {
        while (!backlog.isEmpty() && !retries.backingOff()) {
            Pending next = backlog.peek();
            try {
                if (head == null) {
                    head = convert(next);
                }
                if (head == null || head instanceof Outcome.Write write && !submit(next, write)) {
                    return;
                }
                if (head instanceof Outcome.Ignored) {
                    metrics.ignored.increment();
                    finish(next.place());
                }
            } catch (DataException | ValueTooLargeException e) {
                errors.report(next.record(), next.place(), e);
                finish(next.place());
            }
            backlog.remove();
            head = null;
        }
    }

    /** What a record is to do; null if it can't be told yet. */
    private Outcome convert(Pending pending) {
        TopicPartition partition = pending.place().partition();
        Uuid topicId = null;
        if (topicIds.isPresent() && provenance) {
            topicId = topicIds.get().of(partition);
            if (topicId == null) {
                stalled(
                        pending,
                        new UnavailableException("The id of topic " + partition.topic() + " is not known", null));
                return null;
            }
            lateRecords.found(partition, topicId);
        }
        return converter.convert(
                pending.record(), origins.origin(partition, pending.place().offset(), topicId));
    }

    /** False if it has to wait. */
    private boolean submit(Pending pending, Outcome.Write target) {
        KvWrite write = target.write();
        long bytes = Window.bytesOf(write);
        if (!window.hasRoom(bytes)) {
            return false;
        }
        BucketWriters.Open open;
        ValueTooLargeException problem;
        try {
            open = writers.of(target.bucket());
            problem = open == null ? null : open.bucket().problem(write);
            if (problem != null) {
                // The limit may have been raised since.
                open = writers.upToDate(open);
                problem = open == null ? null : open.bucket().problem(write);
            }
        } catch (KvException e) {
            throw ConnectErrors.of(e, "Record " + pending.place());
        }
        if (open == null) {
            stalled(pending, writers.whyNot(target.bucket()));
            return false;
        }
        if (problem != null) {
            throw problem;
        }
        stalledSince = -1;
        window.submit(open.writer(), write, pending, bytes);
        return true;
    }

    /** Without connection or bucket a record can't even be submitted; that counts as a failed attempt once per deadline. */
    private void stalled(Pending pending, KvException cause) {
        long now = System.nanoTime();
        if (stalledSince < 0) {
            stalledSince = now;
        } else if (now - stalledSince > config.deliveryDeadline().toNanos()) {
            stalledSince = now;
            retries.count(pending.place(), cause);
        }
    }

    /** Looks at all completions, and acts on the failures among them. */
    private void settleAll() {
        settleAvailable();
        while (!failures.isEmpty()) {
            Completion failure = failures.remove();
            Pending pending = failure.pending();
            if (pending.place().isDropped()) {
                continue;
            }
            switch (failure.error().errorClass()) {
                case REJECTED -> {
                    conflicts.settle(pending.record(), pending.place(), failure.error());
                    finish(pending.place());
                }
                case TRANSIENT -> {
                    rewind(pending.place(), failure.error());
                    return;
                }
                case FATAL -> {
                    if (!isToBeMadeAnew(failure.error())) {
                        throw ConnectErrors.of(failure.error(), "Record " + pending.place());
                    }
                    writers.forgetBuckets();
                    rewind(pending.place(), failure.error());
                    return;
                }
            }
        }
    }

    /** The bucket was deleted, and has to be opened, which makes it. */
    private boolean isToBeMadeAnew(KvException error) {
        return error instanceof BucketNotFoundException && config.buckets().create();
    }

    private void settleAvailable() {
        boolean progress = false;
        for (Completion done = window.poll(); done != null; done = window.poll()) {
            if (done.error() == null) {
                progress = true;
                finish(done.pending().place());
                if (done.result().outcome() == WriteResult.Outcome.SUPERSEDED) {
                    lateRecords.leftOut(done.pending().place());
                }
            } else {
                // Acted upon by put alone: only what it reports is awaited before a commit.
                failures.add(done);
            }
        }
        if (progress) {
            hangers.progress();
        }
    }

    private void finish(Tracked place) {
        watermarks.done(place);
        retries.done(place);
    }

    private void drain(Duration limit) {
        settleAvailable();
        long deadline = System.nanoTime() + limit.toNanos();
        while (!window.isEmpty() && failures.isEmpty() && writers.isConnected() && System.nanoTime() < deadline) {
            window.awaitAll(SLICE);
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
            settleAvailable();
        }
    }

    private void rewind(Tracked place, KvException cause) {
        String why = cause.getMessage() + Hangers.advice(cause);
        retries.count(place, cause);
        metrics.rewinds.increment();
        Map<TopicPartition, Long> offsets = giveUp();
        LOG.warn("Writing {} failed: {}. Going back to {} in {} ms", place, why, offsets, retries.backOff());
    }

    /** Ends all writes that have not settled, and has their records delivered again; returns from where. */
    private Map<TopicPartition, Long> giveUp() {
        writers.abandon();
        settleAvailable();
        window = new Window(config.maxInFlight(), config.maxInFlightBytes(), metrics.ackMillis);
        failures.clear();
        backlog.clear();
        head = null;
        Map<TopicPartition, Long> offsets = watermarks.rewind();
        offsets.keySet().retainAll(context.assignment());
        context.offset(offsets);
        return offsets;
    }

    /** Lets more records come only when there is nothing left to do with those that came. */
    private void regulate() {
        boolean busy = !backlog.isEmpty() || retries.backingOff();
        if (busy || paused) {
            TopicPartition[] assigned = context.assignment().toArray(new TopicPartition[0]);
            if (busy) {
                // Each time anew: partitions may have come since.
                context.pause(assigned);
            } else {
                context.resume(assigned);
            }
            paused = busy;
        }
        if (busy || !window.isEmpty()) {
            context.timeout(Math.max(IN_FLIGHT_POLL_MS, Math.min(retries.restMillis(), LONGEST_POLL_MS)));
        }
    }
}
