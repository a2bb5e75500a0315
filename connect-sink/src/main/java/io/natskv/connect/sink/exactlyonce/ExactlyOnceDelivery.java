package io.natskv.connect.sink.exactlyonce;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.delivery.RecordErrors;
import io.natskv.connect.sink.delivery.SinkDelivery;
import io.natskv.connect.sink.exactlyonce.PartitionBuffer.Item;
import io.natskv.connect.sink.exactlyonce.PartitionState.Sending;
import io.natskv.connect.sink.record.BucketNames;
import io.natskv.connect.sink.record.RecordConverter;
import io.natskv.connect.sink.record.RecordConverter.Outcome;
import io.natskv.connect.sink.record.RecordOrigins;
import io.natskv.core.connect.ConnectErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.error.ValueTooLargeException;
import io.natskv.core.write.BatchWrite;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
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
 * Every record exactly once: records and the offset behind them are stored in one atomic batch, and a task has to claim a partition before it
 * writes, which ends what an earlier owner may still do. Belongs to the task's thread; answers of the server only wake it.
 *
 * <p>Until a partition is claimed, and while more than two batches of it wait, it is paused. No call blocks longer than a second.
 */
public final class ExactlyOnceDelivery implements SinkDelivery {
    private static final Logger LOG = LoggerFactory.getLogger(ExactlyOnceDelivery.class);
    private static final Duration PUT_LIMIT = Duration.ofMillis(1_000);
    /** A full partition that is paused has the consumer fetch the others alone, and wait for records of theirs (fetch.max.wait.ms). */
    private static final Duration PAUSE_LIMIT = Duration.ofMillis(50);

    private static final Duration COMMIT_LIMIT = Duration.ofMillis(1_000);
    private static final long SLICE_MS = 10;
    private static final long POLL_MS = 20;
    /** Where an answer is waited for and there is room for records, each has its turn: of what the answer has taken so far, such a part. */
    private static final int TURNS = 16;

    private final SinkTaskContext context;
    private final SinkConfig settings;
    private final ExactlyOnceConfig config;
    private final RecordConverter converter;
    private final BucketNames bucketNames;
    private final RecordOrigins origins;
    private final RecordErrors errors;
    private final ExactlyOnceMeter meter;
    private final OffsetStores stores;
    private final TopicLog log;
    private final Claims claims;
    private final Bell bell = new Bell();
    private final Map<TopicPartition, PartitionLane> lanes = new HashMap<>();
    private final Map<String, Uuid> topicIds = new HashMap<>();
    private final Set<TopicPartition> paused = new HashSet<>();
    private final Lanes laneContext = new Lanes();

    /**
     * Begins to connect.
     *
     * @param task name of the task, for the connection
     */
    public ExactlyOnceDelivery(SinkConfig settings, SinkTaskContext context, String task, ExactlyOnceMeter meter) {
        SettingRefusals.of(settings).forEach((name, reason) -> {
            throw new ConnectException(name + " " + reason);
        });
        IdleSettings.of(settings.originals().keySet()).forEach(text -> LOG.warn("{}", text));
        this.context = context;
        this.settings = settings;
        this.config = new ExactlyOnceConfig(settings);
        this.converter = new RecordConverter(settings);
        this.bucketNames = new BucketNames(settings);
        this.origins = new RecordOrigins(settings.originId());
        this.errors = new RecordErrors(context.errantRecordReporter(), meter.common);
        this.meter = meter;
        try {
            this.log = TopicLog.of(settings.kafkaAdmin(), config.group());
        } catch (KvException e) {
            throw ConnectErrors.of(e, "");
        }
        this.claims = new Claims(UUID.randomUUID().toString(), log, config.resetsOnMismatch(), meter);
        try {
            this.stores = new OffsetStores(settings, config, task);
        } catch (RuntimeException e) {
            log.close();
            throw e;
        }
    }

    @Override
    public void open(Collection<TopicPartition> partitions) {
        for (TopicPartition partition : partitions) {
            lanes.put(partition, new PartitionLane(partition, laneContext));
            pause(partition);
        }
        context.timeout(POLL_MS);
    }

    @Override
    public void put(Collection<SinkRecord> records) {
        lanes.values().forEach(PartitionLane::polled);
        for (SinkRecord record : records) {
            accept(record);
        }
        long start = System.nanoTime();
        advance();
        OptionalLong turn = turnMillis();
        if (records.isEmpty() && turn.isPresent()) {
            bell.await(turn.getAsLong());
            advance();
        }
        while (System.nanoTime() - start < patience().toNanos()) {
            bell.await(SLICE_MS);
            advance();
        }
        regulate();
        count();
    }

    private void accept(SinkRecord record) {
        TopicPartition partition = origins.topicPartition(record);
        long offset = origins.offset(record);
        PartitionLane lane = lanes.computeIfAbsent(partition, name -> new PartitionLane(name, laneContext));
        if (!lane.takes(offset)) {
            return;
        }
        BatchWrite write = null;
        Future<Void> report = null;
        try {
            Outcome outcome = converter.convert(record, origins.origin(partition, offset, topicId(lane)));
            if (outcome instanceof Outcome.Write target) {
                checkBucket(target.bucket(), partition, offset);
                write = BatchWrite.of(target.write());
                lane.checkSize(write, target.bucket());
            } else {
                meter.common.ignored.increment();
            }
        } catch (DataException | ValueTooLargeException e) {
            if (e instanceof ValueTooLargeException && lane.looksAgain(offset)) {
                return;
            }
            report = errors.report(record, partition + "-" + offset, e);
            write = null;
        }
        lane.add(new Item(record, offset, write, write == null ? 0 : write.size(), report));
    }

    /** As at least once has it, so that a change of the delivery leaves offsets comparable. */
    private Uuid topicId(PartitionLane lane) {
        String id = lane.state().topicId();
        return id.isEmpty() ? null : topicIds.computeIfAbsent(id, Uuid::fromString);
    }

    /** The offset of a partition lies in one bucket: a record for another one would not move with it. */
    private void checkBucket(String bucket, TopicPartition partition, long offset) {
        String own = laneContext.bucketOf(partition);
        if (!bucket.equals(own)) {
            throw new ConnectException("Record " + partition + "-" + offset + " goes to bucket \"" + bucket
                    + "\" by a transform that changes its topic, but with " + SinkConfig.DELIVERY
                    + "=exactly_once all records of topic \"" + partition.topic() + "\" go to one bucket, \"" + own
                    + "\", with their offsets. Remove the transform and set " + SinkConfig.BUCKET_TEMPLATE
                    + ", or use " + SinkConfig.DELIVERY + "=at_least_once");
        }
    }

    private void advance() {
        long now = System.nanoTime();
        laneContext.freeAhead = freeAhead();
        lanes.values().forEach(lane -> lane.advance(now));
    }

    /** The server takes only so many unfinished batches of a bucket: where that, or anything else, is in a lane's way, none takes more than it needs. */
    private int freeAhead() {
        boolean calm = stores.isConnected() && lanes.values().stream().allMatch(PartitionLane::isCalm);
        return calm ? config.ahead() - (int) sum(lane -> lane.state().isAhead() ? 1 : 0) : 0;
    }

    private void count() {
        meter.inFlight(
                (int) sum(lane -> lane.state().writesInFlight()),
                sum(lane -> lane.state().bytesInFlight()));
        meter.unclaimed((int) sum(lane -> lane.state().isClaimed() ? 0 : 1));
        meter.common.waiting(sum(PartitionLane::waiting));
        meter.common.fullBuckets(lanes.values().stream()
                .filter(PartitionLane::isBlocked)
                .map(lane -> laneContext.bucketOf(lane.partition()))
                .distinct()
                .count());
    }

    private long sum(ToLongFunction<PartitionLane> count) {
        return lanes.values().stream().mapToLong(count).sum();
    }

    /**
     * How long to wait in {@code put} for an answer before which a partition has room for nothing more. Else the next batches are read and converted
     * meanwhile, so that they are ready by then.
     */
    private Duration patience() {
        if (lanes.values().stream().noneMatch(lane -> lane.state() instanceof Sending && !lane.wantsRecords())) {
            return Duration.ZERO;
        }
        return lanes.values().stream().anyMatch(PartitionLane::wantsRecords) ? PAUSE_LIMIT : PUT_LIMIT;
    }

    /** How long to wait at once, if behind an answer that is not there yet there is something to be sent: long where that takes long anyway. */
    private OptionalLong turnMillis() {
        OptionalLong youngest = lanes.values().stream()
                .map(PartitionLane::holdsUp)
                .flatMapToLong(OptionalLong::stream)
                .min();
        return youngest.stream()
                .map(nanos -> Math.max(1, Math.min(POLL_MS, TimeUnit.NANOSECONDS.toMillis(nanos) / TURNS)))
                .findFirst();
    }

    /** Lets records come of the partitions that can take them. */
    private void regulate() {
        boolean busy = false;
        for (PartitionLane lane : lanes.values()) {
            if (lane.wantsRecords()) {
                resume(lane.partition());
            } else {
                pause(lane.partition());
            }
            busy |= lane.isBusy();
        }
        if (busy) {
            context.timeout(turnMillis().orElse(POLL_MS));
        }
    }

    private void pause(TopicPartition partition) {
        if (!paused.contains(partition) && context.assignment().contains(partition)) {
            context.pause(partition);
            paused.add(partition);
        }
    }

    private void resume(TopicPartition partition) {
        if (paused.remove(partition) && context.assignment().contains(partition)) {
            context.resume(partition);
        }
    }

    @Override
    public Map<TopicPartition, OffsetAndMetadata> committable(Map<TopicPartition, OffsetAndMetadata> current) {
        drain(COMMIT_LIMIT);
        Map<TopicPartition, OffsetAndMetadata> result = new HashMap<>();
        boolean busy = false;
        for (Map.Entry<TopicPartition, OffsetAndMetadata> entry : current.entrySet()) {
            PartitionLane lane = lanes.get(entry.getKey());
            if (lane != null) {
                long next = lane.committable(entry.getValue().offset());
                if (next != StoredOffset.NONE) {
                    result.put(entry.getKey(), new OffsetAndMetadata(next));
                }
                busy |= lane.isBusy();
            }
        }
        if (busy) {
            context.timeout(turnMillis().orElse(1)); // of what was stored meanwhile the next batch is to be sent
        }
        return result;
    }

    /** Waits for the batches under way. What failed is left to {@code put}: only what that reports is awaited before a commit. */
    private void drain(Duration limit) {
        long start = System.nanoTime();
        while (lanes.values().stream().anyMatch(lane -> lane.state().isAwaiting())
                && stores.isConnected()
                && System.nanoTime() - start < limit.toNanos()) {
            bell.await(SLICE_MS);
        }
        lanes.values().forEach(PartitionLane::settle);
    }

    /** A batch that is still under way is harmless: it is stored whole before the next owner's claim, or not at all. */
    @Override
    public void forget(Collection<TopicPartition> partitions) {
        for (TopicPartition partition : partitions) {
            PartitionLane lane = lanes.remove(partition);
            if (lane != null) {
                lane.close();
            }
        }
        paused.removeAll(partitions);
    }

    @Override
    public void close() {
        stores.close();
        log.close();
    }

    private final class Lanes implements LaneContext {
        private final Map<String, String> buckets = new HashMap<>();
        private int freeAhead;

        private String bucketOf(TopicPartition partition) {
            return buckets.computeIfAbsent(partition.topic(), bucketNames::ofTopic);
        }

        @Override
        public ExactlyOnceConfig config() {
            return config;
        }

        @Override
        public Duration deadline() {
            return settings.deliveryDeadline();
        }

        @Override
        public int maxRetries() {
            return settings.maxRetries();
        }

        @Override
        public Claims claims() {
            return claims;
        }

        @Override
        public ExactlyOnceMeter meter() {
            return meter;
        }

        @Override
        public OffsetStore storeFor(TopicPartition partition) {
            try {
                return stores.of(bucketOf(partition));
            } catch (KvException e) {
                throw ConnectErrors.of(e, "Partition " + partition);
            }
        }

        @Override
        public KvException whyNoStore(TopicPartition partition) {
            return stores.whyNot(bucketOf(partition));
        }

        @Override
        public void lookAgain(TopicPartition partition) {
            stores.forget(bucketOf(partition));
        }

        @Override
        public long links() {
            return stores.links();
        }

        @Override
        public boolean beginAhead() {
            return freeAhead-- > 0;
        }

        @Override
        public void seek(TopicPartition partition, long offset) {
            if (context.assignment().contains(partition)) {
                context.offset(partition, offset);
            }
        }

        @Override
        public Future<Void> report(SinkRecord record, String place, RuntimeException error) {
            return errors.report(record, place, error);
        }

        @Override
        public <T> CompletableFuture<T> ringing(CompletableFuture<T> future) {
            return bell.ringing(future);
        }
    }
}
