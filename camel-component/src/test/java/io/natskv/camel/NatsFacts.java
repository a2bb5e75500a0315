package io.natskv.camel;

import io.nats.client.JetStreamApiException;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.connection.JetStreamApi;
import java.io.IOException;
import java.util.List;

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
        ConsumerConfiguration config = ConsumerConfiguration.builder()
                .durable(name)
                .name(name)
                .ackPolicy(AckPolicy.None)
                .build();
        api(camel)
                .createConsumer(bucket.subjects().stream(), config, api(camel).timeout())
                .join();
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
