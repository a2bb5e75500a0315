package io.natskv.camel;

import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;

/** A Camel context whose component knows a server, and a connection of the test's own to that server. */
final class Fixture implements AutoCloseable {
    final DefaultCamelContext context = new DefaultCamelContext();
    final NatsKvComponent component;
    final KvBuckets buckets;
    final KvConnection connection;

    Fixture(String url) {
        connection = KvConnection.open(NatsConnectionConfig.builder()
                .servers(List.of(url))
                // A request that a kill has swallowed is soon made again.
                .requestTimeout(Duration.ofSeconds(1))
                .build());
        buckets = new KvBuckets(connection);
        component = context.getComponent("nats-kv", NatsKvComponent.class);
        component.getConfiguration().setServers(url);
        // Tests that break things do not wait for what can't end.
        context.getShutdownStrategy().setTimeout(10);
    }

    static String newName() {
        return "b-" + UUID.randomUUID();
    }

    KvBucket newBucket() {
        return newBucket(1);
    }

    KvBucket newBucket(int history) {
        return buckets.create(BucketConfig.builder(newName()).history(history).build());
    }

    /** Adds a route and starts it with the context. */
    void route(String id, String from, Processor processor) throws Exception {
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from(from).routeId(id).process(processor);
            }
        });
        context.start();
    }

    /** Sends an exchange, and returns it when it is done. */
    Exchange send(String uri, Processor processor) {
        if (!context.isStarted()) {
            context.start();
        }
        try (var template = context.createProducerTemplate()) {
            return template.send(uri, processor);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        context.stop();
        connection.close();
    }
}
