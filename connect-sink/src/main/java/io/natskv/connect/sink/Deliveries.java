package io.natskv.connect.sink;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.delivery.BucketWriters;
import io.natskv.connect.sink.delivery.PipelinedDelivery;
import io.natskv.connect.sink.delivery.SinkDelivery;
import io.natskv.connect.sink.exactlyonce.ExactlyOnceDelivery;
import io.natskv.connect.sink.exactlyonce.ExactlyOnceMeter;
import org.apache.kafka.connect.sink.SinkTaskContext;

/** Chooses how records are delivered. */
final class Deliveries {
    private Deliveries() {}

    /**
     * Makes a task's delivery, and begins to connect; does not wait.
     *
     * @param name of the task, for the connection and the log
     */
    static SinkDelivery of(SinkConfig config, SinkTaskContext context, String name) {
        return switch (config.delivery()) {
            case AT_LEAST_ONCE ->
                new PipelinedDelivery(
                        config, context, new BucketWriters(config.connection(name), config.writerOptions()));
            case EXACTLY_ONCE ->
                new ExactlyOnceDelivery(
                        config,
                        context,
                        config.originalsStrings().getOrDefault("name", name),
                        name,
                        new ExactlyOnceMeter());
        };
    }
}
