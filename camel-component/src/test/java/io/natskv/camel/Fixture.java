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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.awaitility.core.ThrowingRunnable;

/** A Camel context whose component knows a server, and a connection of the test's own to that server. */
final class Fixture implements AutoCloseable {
    /** For what succeeds: a machine that stalls for some seconds is no reason to fail. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    final DefaultCamelContext context = new DefaultCamelContext();
    final NatsKvComponent component;
    final KvBuckets buckets;
    final KvConnection connection;

    Fixture(String url) {
        connection = connect(url, PATIENCE);
        buckets = new KvBuckets(connection);
        component = context.getComponent("nats-kv", NatsKvComponent.class);
        component.getConfiguration().setServers(url);
        component.getConfiguration().setConnectionTimeout(PATIENCE.toMillis());
        component.getConfiguration().setRequestTimeout(PATIENCE.toMillis());
        // Longer than any test waits: what was not acknowledged or given back does not come again all the same.
        component.getConfiguration().setAckWait(Duration.ofMinutes(10).toMillis());
        // Tests that break things do not wait long for what can't end.
        forceStopsAfter(Duration.ofSeconds(30));
    }

    private void forceStopsAfter(Duration time) {
        context.getShutdownStrategy().setTimeout(time.toSeconds());
        context.getExecutorServiceManager().setShutdownAwaitTermination(time.toMillis());
    }

    /** A connection to a server that may take long to answer the first time. */
    static KvConnection connect(String url, Duration requestTimeout) {
        return KvConnection.open(NatsConnectionConfig.builder()
                .servers(List.of(url))
                .connectTimeout(PATIENCE)
                .requestTimeout(requestTimeout)
                .build());
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

    /** Stops or suspends what has to end by itself: a test has given up waiting for it long before it is forced. */
    CompletableFuture<Void> unforced(ThrowingRunnable stop) {
        forceStopsAfter(Duration.ofMinutes(2));
        return CompletableFuture.runAsync(() -> {
            try {
                stop.run();
            } catch (Throwable e) {
                throw new CompletionException(e);
            }
        });
    }

    @Override
    public void close() {
        context.stop();
        connection.close();
    }
}
