package io.natskv.connect.sink;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.delivery.BucketWriters;
import io.natskv.connect.sink.delivery.PipelinedDelivery;
import io.natskv.connect.sink.delivery.SinkDelivery;
import io.natskv.connect.sink.delivery.SinkMetrics;
import io.natskv.connect.sink.delivery.TopicIds;
import io.natskv.connect.sink.exactlyonce.ExactlyOnceDelivery;
import io.natskv.connect.sink.exactlyonce.ExactlyOnceMeter;
import io.natskv.core.connect.ConnectMetrics;
import java.util.Map;
import org.apache.kafka.connect.sink.SinkTaskContext;

/** Chooses how records are delivered. */
final class Deliveries {
    private Deliveries() {}

    /**
     * Makes a task's delivery, and begins to connect; does not wait.
     *
     * @param connector the connector's name
     * @param task the number of the task
     * @param published where its metrics are shown
     */
    static SinkDelivery of(
            SinkConfig config, SinkTaskContext context, String connector, String task, ConnectMetrics published) {
        String name = connector + "-" + task;
        SinkMetrics metrics = new SinkMetrics();
        return switch (config.delivery()) {
            case AT_LEAST_ONCE -> {
                BucketWriters writers = new BucketWriters(config, name);
                published.register(Map.of(), metrics.toSet(writers::stats));
                yield new PipelinedDelivery(config, context, writers, TopicIds.of(config), metrics);
            }
            case EXACTLY_ONCE -> {
                ExactlyOnceMeter meter = new ExactlyOnceMeter(metrics);
                published.register(Map.of(), meter.toSet());
                yield new ExactlyOnceDelivery(config, context, name, meter);
            }
        };
    }
}
