package io.natskv.connect.sink.delivery;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.delivery.PartitionWatermarks.Tracked;
import io.natskv.connect.sink.record.RecordConverter;
import io.natskv.connect.sink.record.RecordConverter.Outcome;
import io.natskv.connect.sink.record.RecordOrigins;
import io.natskv.core.connect.ConnectErrors;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.error.UnavailableException;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriteResult;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTaskContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings records to their buckets, many at a time, and knows up to where they are stored. Belongs to the task's thread; only
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
    private static final long SLICE_MS = 10;
    /** While writes are in flight the worker has to come back, or acknowledgements would wait for the next record. */
    private static final long IN_FLIGHT_POLL_MS = 20;

    private static final long LONGEST_POLL_MS = 500;
    private static final long FIRST_BACKOFF_MS = 200;
    private static final long LONGEST_BACKOFF_MS = 30_000;
    /** Of a write beside its key and value, about. */
    private static final int OVERHEAD_BYTES = 100;

    private final SinkConfig config;
    private final SinkTaskContext context;
    private final RecordConverter converter;
    private final BucketWriters writers;
    private final RecordErrors errors;
    private final PartitionWatermarks watermarks = new PartitionWatermarks();
    private final RecordOrigins origins;
    private final Queue<Pending> backlog = new ArrayDeque<>();
    private final Queue<Completion> failures = new ArrayDeque<>();
    private final Set<TopicPartition> toldOfLateRecords = new HashSet<>();

    private BlockingQueue<Completion> completions = new LinkedBlockingQueue<>();
    /** What the first of the backlog is to do, once that is known. */
    private Outcome head;

    private final Set<Tracked> inFlight = new HashSet<>();

    private long inFlightBytes;
    private boolean paused;
    private long retryAt = System.nanoTime();
    private long stalledSince = -1;
    private int retries;
    private Tracked retried;

    /** A record that is not stored yet. */
    private record Pending(SinkRecord record, Tracked place) {}

    /** @param result null if it failed, with the error */
    private record Completion(Pending pending, long bytes, WriteResult result, KvException error) {}

    public PipelinedDelivery(SinkConfig config, SinkTaskContext context, BucketWriters writers) {
        this.config = config;
        this.context = context;
        this.writers = writers;
        this.converter = new RecordConverter(config);
        this.origins = new RecordOrigins(config.originId());
        this.errors = new RecordErrors(context.errantRecordReporter());
    }

    /**
     * Takes records over, and cares for those that are on their way; to be called without records too.
     *
     * @throws ConnectException if the task can't go on
     */
    @Override
    public void put(Collection<SinkRecord> records) {
        for (SinkRecord record : records) {
            backlog.add(new Pending(record, watermarks.track(origins.topicPartition(record), origins.offset(record))));
        }
        long deadline = System.nanoTime() + PUT_LIMIT.toNanos();
        settleAll();
        submitWhatFits();
        while (!backlog.isEmpty() && !backingOff() && System.nanoTime() < deadline) {
            settleOne(SLICE_MS);
            settleAll();
            submitWhatFits();
        }
        regulate();
    }

    /** The offsets up to which everything is stored. Waits a moment for what is in flight, because this may be the last chance. */
    @Override
    public Map<TopicPartition, OffsetAndMetadata> committable(Map<TopicPartition, OffsetAndMetadata> current) {
        drain(COMMIT_LIMIT);
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
        boolean unsettled = inFlight.stream().anyMatch(place -> partitions.contains(place.partition()));
        watermarks.forget(partitions);
        toldOfLateRecords.removeAll(partitions);
        if (retried != null && partitions.contains(retried.partition())) {
            retried = null;
            retries = 0;
        }
        if (unsettled) {
            LOG.info("Giving up what is not acknowledged, and going back to {}", giveUp());
        }
        if (backlog.isEmpty()) {
            stalledSince = -1;
        }
    }

    @Override
    public void close() {
        writers.close();
    }

    private void submitWhatFits() {
        while (!backlog.isEmpty() && !backingOff()) {
            Pending next = backlog.peek();
            try {
                if (head == null) {
                    head = converter.convert(
                            next.record(),
                            origins.origin(
                                    next.place().partition(), next.place().offset()));
                }
                if (head instanceof Outcome.Write write) {
                    if (!submit(next, write)) {
                        return;
                    }
                } else {
                    finish(next.place());
                }
            } catch (DataException e) {
                errors.report(next.record(), next.place(), e);
                finish(next.place());
            }
            backlog.remove();
            head = null;
        }
    }

    /** False if it has to wait. */
    private boolean submit(Pending pending, Outcome.Write target) {
        KvWrite write = target.write();
        long bytes = write.key().length() + write.value().length + OVERHEAD_BYTES;
        if (!inFlight.isEmpty()
                && (inFlight.size() >= config.maxInFlight() || inFlightBytes + bytes > config.maxInFlightBytes())) {
            return false;
        }
        KvWriter writer;
        try {
            writer = writers.of(target.bucket());
        } catch (KvException e) {
            throw ConnectErrors.of(e, "Record " + pending.place());
        }
        if (writer == null) {
            stalled(pending);
            return false;
        }
        stalledSince = -1;
        inFlight.add(pending.place());
        inFlightBytes += bytes;
        BlockingQueue<Completion> queue = completions;
        writer.submit(write)
                .whenComplete((result, error) -> queue.add(new Completion(
                        pending, bytes, result, error == null ? null : KvErrors.translate(error, write.toString()))));
        return true;
    }

    /** Without connection or bucket a record can't even be submitted; that counts as a failed attempt once per deadline. */
    private void stalled(Pending pending) {
        long now = System.nanoTime();
        if (stalledSince < 0) {
            stalledSince = now;
        } else if (now - stalledSince > config.deliveryDeadline().toNanos()) {
            stalledSince = now;
            countRetry(pending.place(), new UnavailableException("NATS is not reachable", null));
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
                    errors.report(pending.record(), pending.place(), failure.error());
                    finish(pending.place());
                }
                case TRANSIENT -> {
                    rewind(pending.place(), failure.error());
                    return;
                }
                case FATAL -> throw ConnectErrors.of(failure.error(), "Record " + pending.place());
            }
        }
    }

    private void settleAvailable() {
        for (Completion done = completions.poll(); done != null; done = completions.poll()) {
            settle(done);
        }
    }

    private void settleOne(long waitMs) {
        try {
            Completion done = completions.poll(waitMs, TimeUnit.MILLISECONDS);
            if (done != null) {
                settle(done);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ConnectException("Interrupted", e);
        }
    }

    private void settle(Completion done) {
        inFlight.remove(done.pending().place());
        inFlightBytes -= done.bytes();
        if (done.error() == null) {
            finish(done.pending().place());
            if (done.result().outcome() == WriteResult.Outcome.SUPERSEDED) {
                tellOfLateRecord(done.pending().place());
            }
        } else {
            // Acted upon by put alone: only what it reports is awaited before a commit.
            failures.add(done);
        }
    }

    private void finish(Tracked place) {
        watermarks.done(place);
        if (retried != null && place.partition().equals(retried.partition()) && place.offset() == retried.offset()) {
            retried = null;
            retries = 0;
        }
    }

    /** Once for each time that a partition comes here: a replay has many, a topic that began anew has nothing else. */
    private void tellOfLateRecord(Tracked place) {
        if (toldOfLateRecords.add(place.partition())) {
            LOG.warn(
                    "Record {} was left out, because its key already holds a later record of its partition; so will be others like it. "
                            + "That is right after a crash or a rebalance. If offsets were reset to write the bucket anew, the topic was "
                            + "deleted and made again, or the records come from another Kafka cluster, set another {} (now \"{}\"): then "
                            + "these records count",
                    place,
                    SinkConfig.ORIGIN_ID,
                    config.originId());
        }
    }

    private void drain(Duration limit) {
        settleAvailable();
        long deadline = System.nanoTime() + limit.toNanos();
        while (!inFlight.isEmpty() && failures.isEmpty() && writers.isConnected() && System.nanoTime() < deadline) {
            settleOne(SLICE_MS);
        }
    }

    private void rewind(Tracked place, KvException cause) {
        countRetry(place, cause);
        Map<TopicPartition, Long> offsets = giveUp();
        long backoff = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS << Math.min(retries, 10));
        retryAt = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(backoff);
        LOG.warn("Writing {} failed: {}. Going back to {} in {} ms", place, cause.getMessage(), offsets, backoff);
    }

    /** Ends all writes that have not settled, and has their records delivered again; returns from where. */
    private Map<TopicPartition, Long> giveUp() {
        writers.abandon();
        settleAvailable();
        completions = new LinkedBlockingQueue<>();
        failures.clear();
        backlog.clear();
        head = null;
        inFlight.clear();
        inFlightBytes = 0;
        Map<TopicPartition, Long> offsets = watermarks.rewind();
        offsets.keySet().retainAll(context.assignment());
        context.offset(offsets);
        return offsets;
    }

    private void countRetry(Tracked place, KvException cause) {
        retried = place;
        retries++;
        if (config.maxRetries() >= 0 && retries > config.maxRetries()) {
            throw new ConnectException(
                    "Record " + place + " could not be written, " + config.maxRetries() + " retries of "
                            + config.deliveryDeadline().toMillis() + " ms each included (" + SinkConfig.MAX_RETRIES
                            + ", "
                            + SinkConfig.DELIVERY_DEADLINE_MS + "): " + cause.getMessage(),
                    cause);
        }
    }

    private boolean backingOff() {
        return retryAt - System.nanoTime() > 0;
    }

    /** Lets more records come only when there is nothing left to do with those that came. */
    private void regulate() {
        boolean busy = !backlog.isEmpty() || backingOff();
        TopicPartition[] assigned = context.assignment().toArray(new TopicPartition[0]);
        if (busy) {
            // Each time anew: partitions may have come since.
            context.pause(assigned);
            paused = true;
        } else if (paused) {
            context.resume(assigned);
            paused = false;
        }
        if (busy || !inFlight.isEmpty()) {
            long rest = TimeUnit.NANOSECONDS.toMillis(retryAt - System.nanoTime());
            context.timeout(Math.max(IN_FLIGHT_POLL_MS, Math.min(rest, LONGEST_POLL_MS)));
        }
    }
}
