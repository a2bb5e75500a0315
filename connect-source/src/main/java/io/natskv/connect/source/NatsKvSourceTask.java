package io.natskv.connect.source;

import io.natskv.core.connect.BackgroundConnection;
import io.natskv.core.connect.ConnectErrors;
import io.natskv.core.connect.ConnectVersion;
import io.natskv.core.error.KvException;
import io.natskv.core.watch.WatchPosition;
import io.natskv.core.watch.WatchStart;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads its share of buckets and filters. {@link #start} reads offsets and begins to connect, without waiting: a worker fails a task whose
 * start fails, also for an outage of a second. The rest happens in {@link #poll}, which never blocks longer than a second, because nothing
 * but its return lets the worker stop the task.
 */
public final class NatsKvSourceTask extends SourceTask {
    /** The task setting that holds the number of the task. */
    static final String INDEX = "task.index";

    private static final Logger LOG = LoggerFactory.getLogger(NatsKvSourceTask.class);

    private SourceConfig config;
    private BackgroundConnection<StartedSourceTask> connection;
    private StartedSourceTask started;

    @Override
    public String version() {
        return ConnectVersion.get();
    }

    @Override
    public void start(Map<String, String> props) {
        config = new SourceConfig(props);
        Map<Assignment, WatchStart> starts = starts(TaskAssignments.of(props), config, context.offsetStorageReader());
        String name = props.getOrDefault("name", "nats-kv-source") + "-" + props.getOrDefault(INDEX, "0");
        connection = new BackgroundConnection<>(
                config.connection(name), connected -> StartedSourceTask.open(config, connected, starts));
    }

    @Override
    public List<SourceRecord> poll() {
        try {
            if (started == null) {
                started = connection.await(config.flow().pollMaxWait());
            }
            return started == null ? null : started.poll();
        } catch (KvException e) {
            throw ConnectErrors.of(e, "");
        }
    }

    @Override
    public void stop() {
        if (started != null) {
            started.close();
            started = null;
        }
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }

    /** Where each assignment goes on: behind the stored position that covers its keys, else by the start mode. */
    private static Map<Assignment, WatchStart> starts(
            List<Assignment> assignments, SourceConfig config, OffsetStorageReader reader) {
        Map<Assignment, WatchStart> starts = new LinkedHashMap<>();
        for (Assignment assignment : assignments) {
            List<Map<String, String>> partitions = SourceOffsets.covering(assignment.filter()).stream()
                    .map(filter -> SourceOffsets.partition(new Assignment(assignment.bucket(), filter)))
                    .toList();
            Map<Map<String, String>, WatchPosition> stored = new HashMap<>();
            reader.offsets(partitions).forEach((partition, offset) -> {
                if (offset != null) {
                    stored.put(partition, SourceOffsets.decode(partition, offset));
                }
            });
            Optional<Map.Entry<Map<String, String>, WatchPosition>> chosen = SourceOffsets.choose(assignment, stored);
            WatchStart start =
                    chosen.map(entry -> WatchStart.after(entry.getValue())).orElseGet(config.watch()::start);
            // To reset an assignment, all stored partitions that cover it have to be: so say which they are.
            LOG.info(
                    "Reading bucket \"{}\", keys \"{}\", {}. Stored offsets that cover these keys: {}",
                    assignment.bucket(),
                    assignment.filter().pattern(),
                    chosen.map(entry -> "after revision " + entry.getValue().revision() + ", the offset of "
                                    + entry.getKey())
                            .orElseGet(() -> "from the beginning by " + WatchSettings.START_MODE + "="
                                    + config.getString(WatchSettings.START_MODE)),
                    stored.isEmpty() ? "none" : stored.keySet());
            starts.put(assignment, start);
        }
        return starts;
    }
}
