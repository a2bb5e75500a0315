package io.natskv.plugin;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads a topic from its beginning, call by call further. */
final class Topic implements AutoCloseable {
    private final KafkaConsumer<String, byte[]> consumer;
    private final String name;
    private final List<Item> items = new ArrayList<>();
    private boolean values = true;

    /**
     * A record.
     *
     * @param value null for a tombstone
     * @param headers as text, in their order
     */
    record Item(int partition, long offset, long timestamp, String key, byte[] value, Map<String, String> headers) {
        String operation() {
            return headers.get("nats.kv.operation");
        }

        long revision() {
            return Long.parseLong(headers.get("nats.kv.revision"));
        }

        Entry entry() {
            return new Entry(operation(), value == null ? new byte[0] : value);
        }
    }

    Topic(String bootstrap, String name) {
        this.name = name;
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrap,
                        ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
                        false,
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest",
                        // What a transaction wrote that was never committed is no part of the topic.
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed",
                        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                        5_000,
                        // A fetch that waits at the broker holds up the question for the end behind it.
                        ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
                        20),
                new StringDeserializer(),
                new ByteArrayDeserializer());
    }

    /** Does not keep the values. */
    Topic withoutValues() {
        values = false;
        return this;
    }

    /** Everything up to the present end, in the order of each partition. */
    List<Item> read() {
        if (consumer.assignment().isEmpty()) {
            consumer.assign(consumer.partitionsFor(name).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList());
        }
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            consumer.poll(Duration.ofMillis(100)).forEach(record -> items.add(item(record)));
        }
        return items;
    }

    /** How many records were read so far. */
    int size() {
        return items.size();
    }

    /** The last record of each key. */
    Map<String, Entry> entries() {
        Map<String, Entry> entries = new HashMap<>();
        read().forEach(item -> entries.put(item.key(), item.entry()));
        return entries;
    }

    @Override
    public void close() {
        consumer.close();
    }

    private Item item(ConsumerRecord<String, byte[]> record) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (Header header : record.headers()) {
            headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
        }
        return new Item(
                record.partition(),
                record.offset(),
                record.timestamp(),
                record.key(),
                values ? record.value() : null,
                headers);
    }
}
