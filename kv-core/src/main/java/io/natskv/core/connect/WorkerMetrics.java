package io.natskv.core.connect;

import io.natskv.core.connect.ConnectMetrics.Registration;
import io.natskv.core.connect.MetricSet.Metric;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.Gauge;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.sink.SinkTaskContext;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Metrics that the worker shows for its plugins (KIP-877). Only gauges: the names of Kafka's sensors are shared by all tasks of a worker.
 * Nothing outside this class may name {@link PluginMetrics}, which workers before Kafka 4.1 don't have.
 */
final class WorkerMetrics {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerMetrics.class);

    private final PluginMetrics metrics;

    private WorkerMetrics(PluginMetrics metrics) {
        this.metrics = metrics;
    }

    static Optional<WorkerMetrics> of(SourceTaskContext context) {
        return of(() -> new WorkerMetrics(context.pluginMetrics()));
    }

    static Optional<WorkerMetrics> of(SinkTaskContext context) {
        return of(() -> new WorkerMetrics(context.pluginMetrics()));
    }

    private static Optional<WorkerMetrics> of(Supplier<WorkerMetrics> lookUp) {
        try {
            return Optional.of(lookUp.get()).filter(found -> found.metrics != null);
        } catch (NoSuchMethodError | NoClassDefFoundError e) {
            return Optional.empty(); // a worker before Kafka 4.1
        }
    }

    /** The worker adds connector and task to the tags. */
    Registration register(Map<String, String> tags, List<Metric> added) {
        List<MetricName> names = new ArrayList<>();
        Registration registration = () -> {
            names.forEach(metrics::removeMetric);
            names.clear();
        };
        try {
            for (Metric metric : added) {
                MetricName name = metrics.metricName(metric.name(), metric.description(), new LinkedHashMap<>(tags));
                Gauge<Number> gauge = (config, now) -> metric.value().get();
                try {
                    metrics.addMetric(name, gauge);
                    names.add(name);
                } catch (IllegalArgumentException e) {
                    // The task's last run has not ended yet, and holds it: no reason to fail this one.
                    LOG.warn("Metric {} is not shown: {}", metric.name(), e.getMessage());
                }
            }
        } catch (RuntimeException e) {
            registration.close();
            throw e;
        }
        return registration;
    }
}
