package io.natskv.benchmarks.scale;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Looks at the ends of a topic's partitions, as seldom and as little as can be. */
final class TopicSpan implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<TopicPartition> partitions;

    TopicSpan(String bootstrap, String topic, int partitions) {
        this.partitions = IntStream.range(0, partitions)
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .toList();
        this.consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap, "max.poll.records", 1, "auto.offset.reset", "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    /** How many records there are. */
    long records() {
        return consumer.endOffsets(partitions).values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    /** From the first record to the last, by the broker's clock. At least one millisecond: it knows no less. */
    long millis() {
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        long last = partitions.stream()
                .filter(partition -> ends.get(partition) > 0)
                .mapToLong(partition -> at(partition, ends.get(partition) - 1).timestamp())
                .max()
                .orElse(0);
        return Math.max(1, last - first());
    }

    /** When the first record was stored, by the broker's clock, in milliseconds; 0 if there is none. */
    long first() {
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        return partitions.stream()
                .filter(partition -> ends.get(partition) > 0)
                .mapToLong(partition -> at(partition, 0).timestamp())
                .min()
                .orElse(0);
    }

    /** The revision of the last record of a topic of one partition; 0 if there is none. */
    long lastRevision() {
        TopicPartition partition = partitions.get(0);
        long end = consumer.endOffsets(partitions).get(partition);
        if (end == 0) {
            return 0;
        }
        byte[] header =
                at(partition, end - 1).headers().lastHeader("nats.kv.revision").value();
        return Long.parseLong(new String(header, StandardCharsets.UTF_8));
    }

    private ConsumerRecord<byte[], byte[]> at(TopicPartition partition, long offset) {
        consumer.assign(List.of(partition));
        consumer.seek(partition, offset);
        long start = System.nanoTime();
        while (System.nanoTime() - start < PATIENCE.toNanos()) {
            List<ConsumerRecord<byte[], byte[]>> records =
                    consumer.poll(Duration.ofSeconds(1)).records(partition);
            if (!records.isEmpty()) {
                return records.get(0);
            }
        }
        throw new IllegalStateException("no record in " + partition + " at " + offset + " within " + PATIENCE);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
