package io.natskv.camel;

import org.apache.camel.health.HealthCheckResultBuilder;

/** Down while a started producer has no connection. */
final class NatsKvProducerHealthCheck extends KvHealthCheck {
    private final NatsKvProducer producer;

    NatsKvProducerHealthCheck(NatsKvProducer producer, String id) {
        super("producer:nats-kv-" + id);
        this.producer = producer;
    }

    @Override
    void check(HealthCheckResultBuilder result) {
        NatsKvEndpoint endpoint = producer.getEndpoint();
        detail(result, "bucket", endpoint.getBucket());
        detail(result, "servers", endpoint.getServiceUrl());
        if (producer.isConnected()) {
            result.up();
        } else {
            result.down().message("Bucket \"" + endpoint.getBucket() + "\": no connection to NATS");
        }
    }
}
