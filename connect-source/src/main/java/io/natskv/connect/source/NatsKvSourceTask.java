package io.natskv.connect.source;

import io.natskv.core.connect.BackgroundConnection;
import io.natskv.core.connect.ConnectErrors;
import io.natskv.core.connect.ConnectVersion;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.KvException;
import io.natskv.core.watch.WatchPosition;
import io.natskv.core.watch.WatchStart;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
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
    private Map<Assignment, WatchStart> starts;
    private BackgroundConnection connection;
    private StartedSourceTask started;

    @Override
    public String version() {
        return ConnectVersion.get();
    }

    @Override
    public void start(Map<String, String> props) {
        config = new SourceConfig(props);
        starts = starts(TaskAssignments.of(props), config, context.offsetStorageReader());
        starts.forEach((assignment, start) -> LOG.info(
                "Reading bucket \"{}\", keys \"{}\" from {}",
                assignment.bucket(),
                assignment.filter().pattern(),
                describe(start)));
        connection = new BackgroundConnection(config.connection(props.getOrDefault("name", "nats-kv-source") + "-"
                + props.getOrDefault(INDEX, "0")));
    }

    @Override
    public List<SourceRecord> poll() {
        try {
            if (started == null) {
                KvConnection ready = connection.await(config.pollMaxWait());
                if (ready == null) {
                    return null;
                }
                started = StartedSourceTask.open(config, ready, starts);
            }
            return started.poll();
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

    /** Where each assignment goes on: behind the furthest stored position that covers its keys, else by the start mode. */
    private static Map<Assignment, WatchStart> starts(
            List<Assignment> assignments, SourceConfig config, OffsetStorageReader reader) {
        Map<Assignment, WatchStart> starts = new LinkedHashMap<>();
        for (Assignment assignment : assignments) {
            List<Map<String, String>> candidates = SourceOffsets.covering(assignment.filter()).stream()
                    .map(filter -> SourceOffsets.partition(new Assignment(assignment.bucket(), filter)))
                    .toList();
            Optional<WatchStart> stored = SourceOffsets.furthest(reader.offsets(candidates).entrySet().stream()
                    .filter(entry -> Objects.nonNull(entry.getValue()))
                    .map(entry -> SourceOffsets.decode(entry.getKey(), entry.getValue()))
                    .collect(Collectors.toList()));
            starts.put(
                    assignment,
                    stored.map(start -> resumed(start, config.startMode())).orElseGet(config::start));
        }
        return starts;
    }

    /** History is read by revision: what was left of it when the task stopped needs no snapshot. */
    private static WatchStart resumed(WatchStart start, SourceConfig.StartMode mode) {
        if (mode == SourceConfig.StartMode.HISTORY
                && start instanceof WatchStart.After after
                && after.position().inSnapshot()) {
            WatchPosition position = after.position();
            return WatchStart.after(
                    new WatchPosition(position.created(), position.revision(), 0, position.anchors()));
        }
        return start;
    }

    private static String describe(WatchStart start) {
        return start instanceof WatchStart.After after
                ? "revision " + (after.position().revision() + 1)
                : start instanceof WatchStart.FromRevision from
                        ? "revision " + from.revision()
                        : start.getClass().getSimpleName();
    }
}
