package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.JetStreamApiException;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.connection.JetStreamApi;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** What the server says of consumers. */
final class NatsFacts {
    private NatsFacts() {}

    static ConsumerConfiguration consumer(Fixture camel, KvBucket bucket, String name) {
        return api(camel).consumerInfo(bucket.subjects().stream(), name).join().getConsumerConfiguration();
    }

    static long ackPending(Fixture camel, KvBucket bucket, String name) {
        return api(camel).consumerInfo(bucket.subjects().stream(), name).join().getNumAckPending();
    }

    /** How many deliveries a consumer has made. */
    static long delivered(Fixture camel, KvBucket bucket, String name) {
        return api(camel)
                .consumerInfo(bucket.subjects().stream(), name)
                .join()
                .getDelivered()
                .getConsumerSequence();
    }

    static void delete(Fixture camel, KvBucket bucket, String name) {
        api(camel).deleteConsumer(bucket.subjects().stream(), name);
    }

    static void createWithoutAck(Fixture camel, KvBucket bucket, String name) {
        create(camel, bucket, name, ConsumerConfiguration.builder().ackPolicy(AckPolicy.None));
    }

    static void create(Fixture camel, KvBucket bucket, String name, ConsumerConfiguration.Builder config) {
        api(camel)
                .createConsumer(
                        bucket.subjects().stream(),
                        config.durable(name).name(name).build(),
                        api(camel).timeout())
                .join();
    }

    /**
     * Returns when a server has delivered a change so many times more, because nobody acknowledges it: so often the time of a consumer
     * with this ackWait has run out by the server's own clock.
     */
    static void awaitRedeliveries(Fixture camel, KvBucket bucket, Duration ackWait, int times) throws Exception {
        String name = "witness-" + UUID.randomUUID();
        create(
                camel,
                bucket,
                name,
                ConsumerConfiguration.builder()
                        .ackPolicy(AckPolicy.Explicit)
                        .ackWait(ackWait)
                        .maxAckPending(1));
        var consumer = camel.connection.nats().getConsumerContext(bucket.subjects().stream(), name);
        for (int delivery = 0; delivery <= times; delivery++) {
            assertThat(consumer.next(Duration.ofSeconds(60))).isNotNull();
        }
        delete(camel, bucket, name);
    }

    /** The names of the consumers of a bucket. */
    static List<String> consumers(Fixture camel, KvBucket bucket) {
        try {
            return camel.connection.nats().jetStreamManagement().getConsumerNames(bucket.subjects().stream());
        } catch (IOException | JetStreamApiException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The revision that all consumers of a bucket have been given. */
    static long deliveredToAll(Fixture camel, KvBucket bucket) {
        return consumers(camel, bucket).stream()
                .mapToLong(name -> api(camel)
                        .consumerInfo(bucket.subjects().stream(), name)
                        .join()
                        .getDelivered()
                        .getStreamSequence())
                .min()
                .orElse(0);
    }

    private static JetStreamApi api(Fixture camel) {
        return camel.connection.api();
    }
}
