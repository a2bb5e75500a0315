package io.natskv.connect.source.reconcile;

import io.natskv.core.KvEntry;
import io.natskv.core.connect.KvKafkaHeaders;
import io.natskv.testing.kafka.KafkaBroker;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** A topic with two partitions, written as a worker with StringConverter and ByteArrayConverter would. */
public final class TestTopic implements AutoCloseable {
    private final KafkaBroker broker;
    private final String name;
    private final KafkaProducer<String, byte[]> producer;
    private final AtomicLong committed = new AtomicLong();

    private TestTopic(KafkaBroker broker, String name) {
        this.broker = broker;
        this.name = name;
        this.producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrap(), "linger.ms", 5),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    public static TestTopic create(KafkaBroker broker, String name) {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
            admin.createTopics(List.of(new NewTopic(name, Optional.of(2), Optional.empty())))
                    .all()
                    .get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
        return new TestTopic(broker, name);
    }

    public String name() {
        return name;
    }

    /** How many records are stored. */
    public long committed() {
        return committed.get();
    }

    public void send(KvEntry entry) {
        send(
                entry.key(),
                entry.operation().isMarker() ? null : entry.value(),
                entry.created().toEpochMilli(),
                headers(entry));
    }

    /** Sends a record; {@link #committed()} counts it when it is stored. */
    public void send(String key, byte[] value, Long timestamp, Map<String, String> headers) {
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(name, null, timestamp, key, value);
        headers.forEach((header, text) -> record.headers().add(header, text.getBytes(StandardCharsets.UTF_8)));
        producer.send(record, (metadata, error) -> committed.incrementAndGet());
    }

    /** Waits until everything that was sent is stored. */
    public void flush() {
        producer.flush();
    }

    private static Map<String, String> headers(KvEntry entry) {
        Map<String, String> headers = new HashMap<>();
        headers.put(KvKafkaHeaders.BUCKET, entry.bucket());
        headers.put(KvKafkaHeaders.REVISION, Long.toString(entry.revision()));
        return headers;
    }

    /** All keys and values of the topic, tombstones too. */
    public List<Map.Entry<String, Optional<String>>> records() {
        producer.flush();
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrap(), "isolation.level", "read_committed"),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = List.of(new TopicPartition(name, 0), new TopicPartition(name, 1));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            List<Map.Entry<String, Optional<String>>> records = new ArrayList<>();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(java.time.Duration.ofMillis(100))
                        .forEach(record -> records.add(Map.entry(
                                record.key(),
                                Optional.ofNullable(record.value())
                                        .map(value -> new String(value, StandardCharsets.UTF_8)))));
            }
            return records;
        }
    }

    /** The keys that have a value, as a reader of the compacted topic sees them. */
    public Map<String, String> state() {
        Map<String, String> state = new TreeMap<>();
        records()
                .forEach(record -> record.getValue()
                        .ifPresentOrElse(
                                value -> state.put(record.getKey(), value), () -> state.remove(record.getKey())));
        return state;
    }

    @Override
    public void close() {
        producer.close();
    }
}
