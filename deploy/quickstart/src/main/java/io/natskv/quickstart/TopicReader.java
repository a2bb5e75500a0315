package io.natskv.quickstart;

import io.natskv.core.KvOperation;
import io.natskv.core.connect.KvKafkaHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads a topic from its beginning, all partitions, without a consumer group. For one thread. */
final class TopicReader implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);

    private final KafkaConsumer<String, byte[]> consumer;
    private final String topic;
    private boolean assigned;

    TopicReader(String bootstrap, String topic) {
        this.topic = topic;
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrap,
                        ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
                        false,
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest"),
                new StringDeserializer(),
                new ByteArrayDeserializer());
    }

    /**
     * What the topic holds now.
     *
     * @param states the last record of each key
     * @param records how many records there are
     */
    record Contents(Map<String, KeyState> states, long records) {}

    /** Hands over what has come since the last call; waits a moment for it. */
    void poll(Consumer<ConsumerRecord<String, byte[]>> handler) {
        if (assigned || assign()) {
            consumer.poll(POLL).forEach(handler);
        }
    }

    /** Reads from the beginning up to the present end; the topic must exist. */
    Contents readToEnd() {
        if (!assign()) {
            throw new IllegalStateException("Topic " + topic + " does not exist");
        }
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
        consumer.seekToBeginning(consumer.assignment());
        Map<String, KeyState> states = new HashMap<>();
        long records = 0;
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                records++;
                states.put(record.key(), state(record));
            }
        }
        return new Contents(states, records);
    }

    @Override
    public void close() {
        consumer.close();
    }

    /** What a record says of its key: a null value is a marker, of the kind that its header names. */
    static KeyState state(ConsumerRecord<String, byte[]> record) {
        if (record.value() != null) {
            return new KeyState(KvOperation.PUT, record.value());
        }
        Header operation = record.headers().lastHeader(KvKafkaHeaders.OPERATION);
        return new KeyState(
                operation == null
                        ? KvOperation.DELETE
                        : KvOperation.valueOf(new String(operation.value(), StandardCharsets.UTF_8)),
                new byte[0]);
    }

    private boolean assign() {
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        assigned = !partitions.isEmpty();
        return assigned;
    }
}
