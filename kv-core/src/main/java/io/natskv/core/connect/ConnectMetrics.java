package io.natskv.core.connect;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.sink.SinkTaskContext;
import org.apache.kafka.connect.source.SourceTaskContext;

/**
 * The metrics of one task: as MBeans {@code io.natskv.connect:type=<type>,connector=<name>,task=<number>,<tags>}, and where the worker
 * offers them (Kafka 4.1, KIP-877) as its plugin metrics too. Thread-safe. What is registered stays until its registration or this
 * object is closed.
 */
public final class ConnectMetrics implements AutoCloseable {
    private final JmxMetrics jmx;
    private final Optional<WorkerMetrics> worker;
    private final List<Registration> registrations = new ArrayList<>(); // guarded by this

    private ConnectMetrics(JmxMetrics jmx, Optional<WorkerMetrics> worker) {
        this.jmx = jmx;
        this.worker = worker;
    }

    /**
     * The metrics of a source task, {@code type=source-task}.
     *
     * @param connector the connector's name
     * @param task the number of the task
     */
    public static ConnectMetrics ofSource(String connector, String task, SourceTaskContext context) {
        return new ConnectMetrics(new JmxMetrics("source-task", connector, task), WorkerMetrics.of(context));
    }

    /**
     * The metrics of a sink task, {@code type=sink-task}.
     *
     * @param connector the connector's name
     * @param task the number of the task
     */
    public static ConnectMetrics ofSink(String connector, String task, SinkTaskContext context) {
        return new ConnectMetrics(new JmxMetrics("sink-task", connector, task), WorkerMetrics.of(context));
    }

    /** Ends with {@link #close}, which may come repeatedly. */
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Shows these metrics under these tags.
     *
     * @param tags in their order; those of connector and task are added
     */
    public synchronized Registration register(Map<String, String> tags, MetricSet metrics) {
        Map<String, String> ordered = new LinkedHashMap<>(tags);
        Registration inJmx = jmx.register(ordered, metrics.metrics());
        Registration inWorker;
        try {
            inWorker = worker.map(known -> known.register(ordered, metrics.metrics()))
                    .orElse(() -> {});
        } catch (RuntimeException e) {
            inJmx.close();
            throw e;
        }
        Registration both = () -> {
            inJmx.close();
            inWorker.close();
        };
        registrations.add(both);
        return both;
    }

    /** Ends all registrations. */
    @Override
    public synchronized void close() {
        registrations.forEach(Registration::close);
        registrations.clear();
    }
}
