package io.natskv.benchmarks.scale;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.KeyValueConfiguration;
import io.natskv.benchmarks.core.Data;
import io.natskv.benchmarks.core.RawWrites;
import io.natskv.benchmarks.mirror.MirrorStack;
import io.natskv.testing.kafka.ConnectWorker;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.IntFunction;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The servers with one worker, and what both connectors read there.
 *
 * @param connection for buckets and puts
 */
record ScaleStack(MirrorStack servers, ConnectWorker worker, Connection connection) {
    private static final int IN_FLIGHT = 1_000;
    private static final int IN_FLIGHT_BYTES = 16 << 20;

    /** A new, empty bucket on disk with history 1. */
    void bucket(String name) throws IOException, JetStreamApiException {
        connection
                .keyValueManagement()
                .create(KeyValueConfiguration.builder().name(name).build());
    }

    /** A new bucket with every key once. */
    void bucket(String name, Data data) throws IOException, JetStreamApiException, InterruptedException {
        bucket(name);
        write(name, data, data.keys());
    }

    /** So many puts over the keys in turn, until the last one is acknowledged. */
    void write(String bucket, Data data, int puts) throws IOException, InterruptedException {
        int inFlight = Math.max(1, Math.min(IN_FLIGHT, IN_FLIGHT_BYTES / data.value(0).length));
        new RawWrites(connection, bucket, data, inFlight, puts).run();
    }

    void deleteBucket(String name) throws IOException, JetStreamApiException {
        connection.keyValueManagement().delete(name);
    }

    /** A new topic whose times are those at which the broker stored the records. */
    void topic(String name, int partitions) throws ExecutionException, InterruptedException {
        NewTopic topic =
                new NewTopic(name, partitions, (short) 1).configs(Map.of("message.timestamp.type", "LogAppendTime"));
        servers.admin().createTopics(List.of(topic)).all().get();
    }

    /** A new topic with each key once. */
    void topic(String name, int partitions, Data data) throws ExecutionException, InterruptedException {
        topic(name, partitions, data.keys(), data::key, data::value);
    }

    /** A new topic with so many records. */
    void topic(String name, int partitions, int records, IntFunction<String> key, IntFunction<byte[]> value)
            throws ExecutionException, InterruptedException {
        topic(name, partitions);
        Map<String, Object> settings = new HashMap<>(servers.broker().producerSettings());
        settings.putAll(Map.of("linger.ms", 20, "batch.size", 1 << 18));
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < records; i++) {
                producer.send(new ProducerRecord<>(name, key.apply(i), value.apply(i)));
            }
            producer.flush();
        }
    }

    void deleteTopic(String name) throws ExecutionException, InterruptedException {
        servers.admin().deleteTopics(List.of(name)).all().get();
    }
}
