package io.natskv.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTaskContext;
import org.awaitility.Awaitility;

/** Runs a sink task on topics in memory as a worker would: pause, rewind, commit and all. */
public final class SinkTaskHarness implements AutoCloseable {
    private static final int BATCH = 500;

    private final NatsKvSinkTask task = new NatsKvSinkTask();
    private final Context context;
    private final Map<TopicPartition, List<SinkRecord>> log = new HashMap<>();
    private final Map<TopicPartition, Long> positions = new HashMap<>();
    private final Map<TopicPartition, OffsetAndMetadata> current = new HashMap<>();
    private final Map<TopicPartition, Long> committed =
            new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
    private final List<SinkRecord> reported = new ArrayList<>();
    private final List<Throwable> reportedErrors = new ArrayList<>();
    private UnaryOperator<SinkRecord> transform = record -> record;
    private CompletableFuture<Void> reports = CompletableFuture.completedFuture(null);
    private int rewinds;
    private long resetTo = -1;

    private SinkTaskHarness(Map<String, String> settings, boolean withReporter, TopicPartition... assignment) {
        this.context = new Context(settings, withReporter, Set.of(assignment));
        for (TopicPartition partition : assignment) {
            log.put(partition, new ArrayList<>());
            positions.put(partition, 0L);
        }
    }

    public static SinkTaskHarness start(
            Map<String, String> settings, boolean withReporter, TopicPartition... assignment) {
        SinkTaskHarness harness = new SinkTaskHarness(settings, withReporter, assignment);
        harness.task.initialize(harness.context);
        harness.task.start(settings);
        harness.task.open(harness.context.assignment());
        return harness;
    }

    /** Appends a record to a partition. */
    public SinkRecord append(TopicPartition partition, Object key, Object value, ConnectHeaders headers) {
        SinkRecord record = new SinkRecord(
                partition.topic(),
                partition.partition(),
                key instanceof String ? Schema.STRING_SCHEMA : null,
                key,
                null,
                value,
                log.get(partition).size(),
                0L,
                TimestampType.CREATE_TIME,
                headers);
        log.get(partition).add(record);
        return record;
    }

    public SinkRecord append(TopicPartition partition, String key, String value) {
        return append(
                partition, key, value == null ? null : value.getBytes(StandardCharsets.UTF_8), new ConnectHeaders());
    }

    /** The log begins anew: wherever the task seeks, the consumer is sent to this offset by {@code auto.offset.reset}. */
    void beginsAt(long offset) {
        resetTo = offset;
    }

    /** What is done to each record, null to leave it out, between the log and the task. */
    public void transform(UnaryOperator<SinkRecord> value) {
        transform = value;
    }

    /** What the reporter returns from now on: done when the dead-letter topic has the records. */
    public void reports(CompletableFuture<Void> value) {
        reports = value;
    }

    /** The topic is deleted and made again: an empty log, which the consumer reads from its beginning. */
    public void recreate(TopicPartition partition) {
        log.put(partition, new ArrayList<>());
        positions.put(partition, 0L);
        current.remove(partition);
        committed.remove(partition);
    }

    /** One turn of the worker's loop. */
    public void iterate() {
        iterate(() -> {});
    }

    /** One turn of the worker's loop, with a rebalance in its poll: what the worker reads on of the partitions that stay comes in the same turn. */
    void iterate(Runnable rebalance) {
        rewind();
        rebalance.run();
        List<SinkRecord> batch = new ArrayList<>();
        Map<TopicPartition, OffsetAndMetadata> after = new HashMap<>();
        for (TopicPartition partition : context.assigned) {
            if (!context.paused.contains(partition)) {
                List<SinkRecord> records = log.get(partition);
                long position = positions.get(partition);
                long end = Math.min(records.size(), position + BATCH);
                batch.addAll(records.subList((int) position, (int) end));
                positions.put(partition, end);
                after.put(partition, new OffsetAndMetadata(end));
            }
        }
        batch.replaceAll(transform);
        batch.removeIf(Objects::isNull);
        context.calledBackSoon = false;
        task.put(batch);
        current.putAll(after);
    }

    /**
     * Commits as the worker does. Checks that nothing is committed that was not handed over, and that the task had asked to be called back soon
     * if it was not done with everything, or to read from there again: the worker's next call may else be a minute away.
     */
    public void commit() {
        task.preCommit(new HashMap<>(current)).forEach((partition, offset) -> {
            assertThat(offset.offset())
                    .isLessThanOrEqualTo(current.get(partition).offset());
            assertThat(offset.offset() == current.get(partition).offset()
                            || context.calledBackSoon
                            || context.rewindTo.containsKey(partition))
                    .as(
                            "done with %s up to %s, or a time-out set, or a seek under way",
                            partition, current.get(partition))
                    .isTrue();
            committed.put(partition, offset.offset());
        });
    }

    /** Goes on until everything is committed. */
    public void untilCommitted() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(1))
                .until(() -> {
                    iterate();
                    commit();
                    return context.assigned.stream()
                            .allMatch(partition ->
                                    committed(partition) == log.get(partition).size());
                });
    }

    /** Takes partitions away, as in a rebalance. */
    public void revoke(TopicPartition... partitions) {
        List<TopicPartition> gone = List.of(partitions);
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>(current);
        offsets.keySet().retainAll(gone);
        task.preCommit(offsets).forEach((partition, offset) -> committed.put(partition, offset.offset()));
        lose(partitions);
    }

    /** Takes partitions away that another task has already: there is nothing to commit any more. */
    public void lose(TopicPartition... partitions) {
        List<TopicPartition> gone = List.of(partitions);
        task.close(gone);
        context.assigned.removeAll(gone);
        current.keySet().removeAll(gone);
    }

    /** Gives partitions back, at their committed offsets; those that the task had paused and not resumed since are paused again. */
    public void assign(TopicPartition... partitions) {
        for (TopicPartition partition : partitions) {
            context.assigned.add(partition);
            positions.put(partition, committed(partition));
            current.put(partition, new OffsetAndMetadata(committed(partition)));
        }
        context.paused.retainAll(context.assigned);
        task.open(List.of(partitions));
        rewind();
    }

    public long committed(TopicPartition partition) {
        return committed.getOrDefault(partition, 0L);
    }

    public List<SinkRecord> reported() {
        return reported;
    }

    public List<Throwable> reportedErrors() {
        return reportedErrors;
    }

    public int rewinds() {
        return rewinds;
    }

    /** True if the task asked in its last call to be called again soon, with or without records. */
    public boolean isCalledBackSoon() {
        return context.calledBackSoon;
    }

    public boolean isPaused() {
        return !context.paused.isEmpty();
    }

    private void rewind() {
        context.rewindTo.values().removeIf(Objects::isNull); // of which the worker only says that it can't
        rewinds += context.rewindTo.isEmpty() ? 0 : 1;
        context.rewindTo.forEach((partition, offset) -> {
            assertThat(context.assigned).contains(partition);
            positions.put(partition, offset);
            current.put(partition, new OffsetAndMetadata(offset));
            if (resetTo >= 0 && offset > log.get(partition).size()) {
                positions.put(partition, resetTo);
            }
        });
        context.rewindTo.clear();
    }

    @Override
    public void close() {
        task.stop();
    }

    private final class Context implements SinkTaskContext {
        private final Map<String, String> settings;
        private final boolean withReporter;
        private final Set<TopicPartition> assigned;
        private final Set<TopicPartition> paused = new HashSet<>();
        private final Map<TopicPartition, Long> rewindTo = new HashMap<>();
        private boolean calledBackSoon;

        private Context(Map<String, String> settings, boolean withReporter, Set<TopicPartition> assigned) {
            this.settings = settings;
            this.withReporter = withReporter;
            this.assigned = new HashSet<>(assigned);
        }

        @Override
        public Map<String, String> configs() {
            return settings;
        }

        @Override
        public void offset(Map<TopicPartition, Long> offsets) {
            rewindTo.putAll(offsets);
        }

        @Override
        public void offset(TopicPartition partition, long offset) {
            rewindTo.put(partition, offset);
        }

        @Override
        public void timeout(long timeoutMs) {
            assertThat(timeoutMs).isBetween(1L, 1_000L);
            calledBackSoon = true;
        }

        @Override
        public Set<TopicPartition> assignment() {
            return Set.copyOf(assigned);
        }

        @Override
        public void pause(TopicPartition... partitions) {
            assertThat(assigned).contains(partitions);
            paused.addAll(Arrays.asList(partitions));
        }

        @Override
        public void resume(TopicPartition... partitions) {
            assertThat(assigned).contains(partitions);
            Arrays.asList(partitions).forEach(paused::remove);
        }

        @Override
        public void requestCommit() {}

        @Override
        public ErrantRecordReporter errantRecordReporter() {
            return withReporter
                    ? (record, error) -> {
                        reported.add(record);
                        reportedErrors.add(error);
                        return reports;
                    }
                    : null;
        }

        @Override
        public PluginMetrics pluginMetrics() {
            return null;
        }
    }
}
