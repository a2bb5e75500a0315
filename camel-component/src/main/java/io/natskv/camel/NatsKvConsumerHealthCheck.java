package io.natskv.camel;

import org.apache.camel.health.HealthCheckResultBuilder;

/** Down while a started consumer receives nothing because its watch or connection is down. */
final class NatsKvConsumerHealthCheck extends KvHealthCheck {
    private final NatsKvConsumer consumer;

    NatsKvConsumerHealthCheck(NatsKvConsumer consumer, String id) {
        super("consumer:nats-kv-" + id);
        this.consumer = consumer;
    }

    @Override
    void check(HealthCheckResultBuilder result) {
        ChangeLoop.Status status = consumer.status();
        detail(result, "bucket", consumer.getBucket());
        detail(result, "key", consumer.getKey());
        detail(result, "servers", consumer.getEndpoint().getServiceUrl());
        detail(result, "last.revision", consumer.getLastRevision());
        if (status == null || status.up()) {
            // Whether it should run is told by the check of its route.
            result.up();
            return;
        }
        detail(result, "last.problem", status.problem());
        result.down()
                .message("Bucket \"" + consumer.getBucket() + "\" is not being watched"
                        + (status.problem() == null ? "" : ": " + status.problem()));
    }
}
