package io.natskv.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.source.SourceConnectorContext;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.awaitility.Awaitility;

/** Runs the connector's tasks as a worker would, and keeps the offsets that it would store. */
final class SourceTaskHarness implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final StoredOffsets stored;
    private final List<NatsKvSourceTask> tasks = new ArrayList<>();
    private final AtomicInteger reconfigurations = new AtomicInteger();
    private final NatsKvSourceConnector connector = new NatsKvSourceConnector();

    private SourceTaskHarness(StoredOffsets stored) {
        this.stored = stored;
    }

    /** Starts the tasks of a connector with these settings, behind these stored offsets. */
    static SourceTaskHarness start(Map<String, String> settings, int maxTasks, StoredOffsets stored) {
        SourceTaskHarness harness = new SourceTaskHarness(stored);
        harness.connector.initialize(harness.new Worker());
        harness.connector.start(settings);
        harness.startTasks(maxTasks);
        return harness;
    }

    private void startTasks(int maxTasks) {
        for (Map<String, String> taskSettings : connector.taskConfigs(maxTasks)) {
            NatsKvSourceTask task = new NatsKvSourceTask();
            task.initialize(new Context(taskSettings));
            task.start(taskSettings);
            tasks.add(task);
        }
    }

    /** Shares the tasks out anew, as the worker does when the connector asks for it. */
    void reconfigure(int maxTasks) {
        tasks.forEach(NatsKvSourceTask::stop);
        tasks.clear();
        startTasks(maxTasks);
    }

    /** How often the connector has asked for other tasks. */
    int reconfigurations() {
        return reconfigurations.get();
    }

    static SourceTaskHarness start(Map<String, String> settings) {
        return start(settings, 1, new StoredOffsets());
    }

    int tasks() {
        return tasks.size();
    }

    /** Polls until there are so many records, and takes care that no more come at once. */
    List<SourceRecord> read(int count) {
        List<SourceRecord> records = new ArrayList<>();
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> {
            pollInto(records);
            return records.size() >= count;
        });
        assertThat(records).as("records").hasSize(count);
        return records;
    }

    /** Polls until a condition holds. */
    void pollUntil(List<SourceRecord> records, BooleanSupplier condition) {
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> {
            pollInto(records);
            return condition.getAsBoolean();
        });
    }

    /** Polls until a condition holds; what a task hands over is stored by somebody before the task is told that it is. */
    void pollUntil(List<SourceRecord> records, Consumer<SourceRecord> store, BooleanSupplier condition) {
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> {
            pollInto(records, store);
            return condition.getAsBoolean();
        });
    }

    /** Polls once each task. */
    void pollInto(List<SourceRecord> records) {
        pollInto(records, record -> {});
    }

    private void pollInto(List<SourceRecord> records, Consumer<SourceRecord> store) {
        for (NatsKvSourceTask task : tasks) {
            List<SourceRecord> batch = task.poll();
            if (batch != null) {
                assertThat(batch).as("an idle poll returns null").isNotEmpty();
                batch.forEach(store);
                batch.forEach(record -> task.commitRecord(record, null));
                records.addAll(batch);
            }
        }
    }

    /** Stores the offsets of these records, in order. */
    void commit(List<SourceRecord> records) {
        for (SourceRecord record : records) {
            stored.put(record.sourcePartition(), record.sourceOffset());
        }
    }

    @Override
    public void close() {
        tasks.forEach(NatsKvSourceTask::stop);
        connector.stop();
    }

    private final class Worker implements SourceConnectorContext {
        @Override
        public void requestTaskReconfiguration() {
            reconfigurations.incrementAndGet();
        }

        @Override
        public void raiseError(Exception e) {
            throw new AssertionError(e);
        }

        @Override
        public PluginMetrics pluginMetrics() {
            return null;
        }

        @Override
        public OffsetStorageReader offsetStorageReader() {
            return new Context(Map.of());
        }
    }

    private final class Context implements SourceTaskContext, OffsetStorageReader {
        private final Map<String, String> settings;

        private Context(Map<String, String> settings) {
            this.settings = settings;
        }

        @Override
        public Map<String, String> configs() {
            return settings;
        }

        @Override
        public OffsetStorageReader offsetStorageReader() {
            return this;
        }

        @Override
        public PluginMetrics pluginMetrics() {
            return null;
        }

        @Override
        public <T> Map<String, Object> offset(Map<String, T> partition) {
            return stored.get(partition);
        }

        /** As the worker does: partitions without an offset are there too, with null. */
        @Override
        public <T> Map<Map<String, T>, Map<String, Object>> offsets(Collection<Map<String, T>> partitions) {
            Map<Map<String, T>, Map<String, Object>> found = new HashMap<>();
            partitions.forEach(partition -> found.put(partition, stored.get(partition)));
            return found;
        }
    }
}
