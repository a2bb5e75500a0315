package io.natskv.connect.source;

import io.natskv.core.connect.BackgroundConnection;
import io.natskv.core.connect.ConnectErrors;
import io.natskv.core.connect.ConnectMetrics;
import io.natskv.core.connect.ConnectVersion;
import io.natskv.core.error.KvException;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;

/**
 * Reads its share of buckets and filters. {@link #start} reads offsets and begins to connect, without waiting: a worker fails a task whose
 * start fails, also for an outage of a second. The rest happens in {@link #poll}, which never blocks longer than a second, because nothing
 * but its return lets the worker stop the task.
 */
public final class NatsKvSourceTask extends SourceTask {
    /** The task setting that holds the number of the task. */
    static final String INDEX = "task.index";

    private SourceConfig config;
    private ConnectMetrics metrics;
    private BackgroundConnection<StartedSourceTask> connection;
    private volatile StartedSourceTask started;

    @Override
    public String version() {
        return ConnectVersion.get();
    }

    @Override
    public void start(Map<String, String> props) {
        config = new SourceConfig(props);
        Map<Assignment, StartingPoint> points =
                new StartingPoints(config, context.offsetStorageReader()).of(TaskAssignments.of(props));
        String index = props.getOrDefault(INDEX, "0");
        metrics = ConnectMetrics.ofSource(config.connectorName(), index, context);
        connection = new BackgroundConnection<>(
                config.connection(config.connectorName() + "-" + index),
                connected -> StartedSourceTask.open(config, connected, points, index));
    }

    @Override
    public List<SourceRecord> poll() {
        try {
            if (started == null) {
                StartedSourceTask connected = connection.await(config.flow().pollMaxWait());
                if (connected == null) {
                    return null;
                }
                connected.show(metrics);
                started = connected;
            }
            return started.poll();
        } catch (KvException e) {
            // The worker would just poll again after a passing error: without what this poll has taken from the watches
            // already.
            throw started == null ? ConnectErrors.of(e, "") : new ConnectException(e.getMessage(), e);
        }
    }

    /** On the producer's thread, or on the task's; without metadata for a record that was dropped. */
    @Override
    public void commitRecord(SourceRecord record, RecordMetadata metadata) {
        StartedSourceTask current = started;
        if (current != null) {
            current.done(record, metadata != null);
        }
    }

    @Override
    public void stop() {
        if (metrics != null) {
            metrics.close();
        }
        if (started != null) {
            started.close();
            started = null;
        }
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }
}
