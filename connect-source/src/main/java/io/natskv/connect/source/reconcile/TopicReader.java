package io.natskv.connect.source.reconcile;

import io.natskv.core.error.UnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Reads a topic with a consumer of its own: without a group, committed records only, and of the values no more than whether there is one. For
 * one thread, which may be interrupted.
 */
final class TopicReader implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration REQUEST = Duration.ofSeconds(30);
    private static final Duration CLOSE = Duration.ofSeconds(2);
    private static final long STALLED = TimeUnit.SECONDS.toNanos(60);
    /** A record that is farther away is sought rather than read up to. */
    private static final long WORTH_A_SEEK = 2_000;

    private final String topic;
    private final KafkaConsumer<String, Boolean> consumer;

    /** @param settings of the consumer, at least where the brokers are */
    TopicReader(String topic, Map<String, String> settings) {
        this.topic = topic;
        Map<String, Object> all = new HashMap<>();
        all.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 8 << 20); // of the default, 50 MB, a small heap would suffer
        all.putAll(settings);
        all.remove(ConsumerConfig.GROUP_ID_CONFIG);
        all.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
        all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        all.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        this.consumer = new KafkaConsumer<>(all, new StringDeserializer(), (name, value) -> Boolean.TRUE);
    }

    /** The ends of the topic's partitions, as a reader of committed records sees them; none if there is no such topic. */
    Map<TopicPartition, Long> ends() {
        List<PartitionInfo> partitions = consumer.partitionsFor(topic, REQUEST);
        return partitions == null
                ? Map.of()
                : consumer.endOffsets(
                        partitions.stream()
                                .map(info -> new TopicPartition(topic, info.partition()))
                                .toList(),
                        REQUEST);
    }

    /** Fails if the topic may not be described or read, or nobody answers. */
    void tryToRead(Duration limit) {
        List<PartitionInfo> partitions = consumer.partitionsFor(topic, limit);
        if (partitions != null && !partitions.isEmpty()) {
            TopicPartition first = new TopicPartition(topic, partitions.get(0).partition());
            consumer.assign(List.of(first));
            consumer.seekToBeginning(List.of(first));
            consumer.poll(limit.dividedBy(3));
        }
    }

    /** Hands over every record up to these ends; of each partition in order. A record without value has a null value, others true. */
    void read(Map<TopicPartition, Long> ends, Consumer<ConsumerRecord<String, Boolean>> reader) {
        consumer.assign(ends.keySet());
        consumer.seekToBeginning(ends.keySet());
        List<TopicPartition> open = new ArrayList<>(ends.keySet());
        Progress progress = new Progress();
        while (true) {
            open.removeIf(partition -> {
                long at = consumer.position(partition, REQUEST);
                progress.at(partition, at);
                boolean done = at >= ends.get(partition);
                if (done) {
                    consumer.pause(List.of(partition));
                }
                return done;
            });
            if (open.isEmpty()) {
                consumer.resume(ends.keySet()); // else a later assignment would find them paused
                return;
            }
            progress.check();
            consumer.poll(POLL).forEach(record -> {
                if (record.offset() < ends.get(new TopicPartition(topic, record.partition()))) {
                    reader.accept(record);
                }
            });
        }
    }

    /**
     * Hands over the records at these offsets. Those that compaction has removed by now are left out: there are younger ones of their keys.
     *
     * @param places for each partition offsets in ascending order
     */
    void fetch(Map<Integer, long[]> places, Consumer<ConsumerRecord<String, Boolean>> reader) {
        places.forEach((partition, offsets) -> fetch(new TopicPartition(topic, partition), offsets, reader));
    }

    private void fetch(TopicPartition partition, long[] offsets, Consumer<ConsumerRecord<String, Boolean>> reader) {
        consumer.assign(List.of(partition));
        consumer.seek(partition, offsets[0]);
        Progress progress = new Progress();
        int next = 0;
        while (next < offsets.length) {
            for (ConsumerRecord<String, Boolean> record : consumer.poll(POLL)) {
                while (next < offsets.length && offsets[next] < record.offset()) {
                    next++;
                }
                if (next < offsets.length && offsets[next] == record.offset()) {
                    reader.accept(record);
                    next++;
                }
            }
            long at = consumer.position(partition, REQUEST);
            progress.at(partition, at);
            progress.check();
            while (next < offsets.length && offsets[next] < at) {
                next++;
            }
            if (next < offsets.length && offsets[next] - at > WORTH_A_SEEK) {
                consumer.seek(partition, offsets[next]);
            }
        }
    }

    /** Notices that reading does not go on: the consumer itself would wait for the brokers for ever. */
    private final class Progress {
        private final Map<TopicPartition, Long> positions = new HashMap<>();
        private long since = System.nanoTime();

        private void at(TopicPartition partition, long position) {
            Long before = positions.put(partition, position);
            if (before == null || before != position) {
                since = System.nanoTime();
            }
        }

        private void check() {
            if (System.nanoTime() - since > STALLED) {
                throw new UnavailableException(
                        "Topic \"" + topic + "\" can't be read on: nothing came for "
                                + TimeUnit.NANOSECONDS.toSeconds(STALLED) + " s, at " + positions,
                        null);
            }
        }
    }

    /** Also on an interrupted thread. */
    @Override
    @SuppressWarnings("deprecation") // the successor of this form of close is not there before Kafka 4.1
    public void close() {
        boolean interrupted = Thread.interrupted();
        try {
            consumer.close(CLOSE);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
