package io.natskv.connect.source.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TopicReaderTest {
    @RegisterExtension
    static final KafkaExtension KAFKA = new KafkaExtension();

    /** As with tasks for several filters of a bucket, exactly-once: one's transaction is open while the other's is committed behind it. */
    @Test
    void readsWhatIsCommittedBehindAnOpenTransaction() throws Exception {
        ConcurrentLinkedQueue<String> keys = new ConcurrentLinkedQueue<>();
        CountDownLatch asked = new CountDownLatch(1);
        try (TestTopic topic = TestTopic.create(KAFKA.broker(), "transactions");
                KafkaProducer<String, String> other = producer(Map.of("transactional.id", "other"));
                KafkaProducer<String, String> own = producer(Map.of("transactional.id", "own"))) {
            other.initTransactions();
            own.initTransactions();
            other.beginTransaction();
            send(other, topic, "open");
            own.beginTransaction();
            send(own, topic, "committed");
            own.commitTransaction();

            CompletableFuture<Void> reading = CompletableFuture.runAsync(() -> {
                try (TopicReader reader = new TopicReader(
                        topic.name(), Map.of("bootstrap.servers", KAFKA.broker().bootstrap()))) {
                    Map<TopicPartition, Long> ends = reader.ends();
                    asked.countDown();
                    reader.read(ends, record -> keys.add(record.key()));
                }
            });
            assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
            send(other, topic, "late");
            other.commitTransaction();
            reading.get(60, TimeUnit.SECONDS);
        }
        assertThat(List.copyOf(keys)).contains("open", "committed").doesNotContain("late");
    }

    private static void send(KafkaProducer<String, String> producer, TestTopic topic, String key) throws Exception {
        producer.send(new ProducerRecord<>(topic.name(), 0, key, "v")).get();
    }

    private static KafkaProducer<String, String> producer(Map<String, Object> more) {
        Map<String, Object> settings = new java.util.HashMap<>(more);
        settings.put("bootstrap.servers", KAFKA.broker().bootstrap());
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }
}
