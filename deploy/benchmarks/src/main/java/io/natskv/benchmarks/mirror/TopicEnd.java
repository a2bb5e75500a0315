package io.natskv.benchmarks.mirror;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Looks at a topic of one partition, as seldom and as little as can be: who reads along takes processor time from who writes. */
final class TopicEnd implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final TopicPartition partition;

    TopicEnd(String bootstrap, String topic) {
        this.partition = new TopicPartition(topic, 0);
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrap,
                        "isolation.level",
                        "read_committed",
                        "max.poll.records",
                        1_000,
                        "max.partition.fetch.bytes",
                        1 << 18,
                        "auto.offset.reset",
                        "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        consumer.assign(List.of(partition));
    }

    /** Behind the last committed record. */
    long offset() {
        return consumer.endOffsets(List.of(partition)).get(partition);
    }

    /** When the broker stored the first record, in milliseconds. */
    long firstTime() {
        consumer.seek(partition, 0);
        return next().iterator().next().timestamp();
    }

    /**
     * When the broker stored the record of a revision, in milliseconds.
     *
     * @param from an offset before it
     */
    long timeOf(long revision, long from) {
        String text = Long.toString(revision);
        consumer.seek(partition, from);
        while (true) {
            for (ConsumerRecord<byte[], byte[]> record : next()) {
                byte[] header = record.headers().lastHeader("nats.kv.revision").value();
                if (new String(header, StandardCharsets.UTF_8).equals(text)) {
                    return record.timestamp();
                }
            }
        }
    }

    private List<ConsumerRecord<byte[], byte[]>> next() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() - deadline < 0) {
            List<ConsumerRecord<byte[], byte[]>> records =
                    consumer.poll(Duration.ofSeconds(1)).records(partition);
            if (!records.isEmpty()) {
                return records;
            }
        }
        throw new IllegalStateException("no record in " + partition + " within " + PATIENCE);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
