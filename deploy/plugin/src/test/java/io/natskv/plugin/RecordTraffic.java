package io.natskv.plugin;

import io.natskv.testing.kafka.KafkaBroker;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Writes random records of few keys into a topic until it is told to stop. The values are all different. Keys that begin with {@code p.} are purged now
 * and then.
 */
final class RecordTraffic implements AutoCloseable {
    private static final int KEYS = 40;
    private static final int PURGED_KEYS = 6;
    /** About 400 a second. */
    private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(2_400);

    private final KafkaProducer<String, byte[]> producer;
    private final String topic;
    private final Random random;
    private final AtomicInteger count = new AtomicInteger();
    private final Thread thread = new Thread(this::run, "traffic");
    private volatile boolean stopped;

    RecordTraffic(KafkaBroker broker, String topic, long seed) {
        this.topic = topic;
        this.random = new Random(seed);
        this.producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        broker.bootstrap(),
                        ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
                        1),
                new StringSerializer(),
                new ByteArraySerializer());
        thread.start();
    }

    /** How many records it has sent. */
    int count() {
        return count.get();
    }

    /** Writes no more, and waits until all is written. */
    @Override
    public void close() {
        stopped = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close();
    }

    private void run() {
        while (!stopped) {
            producer.send(next(count.get()));
            count.incrementAndGet();
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private ProducerRecord<String, byte[]> next(int number) {
        int dice = random.nextInt(100);
        boolean purged = dice < 10;
        String key = purged ? "p." + random.nextInt(PURGED_KEYS) : "k." + random.nextInt(KEYS);
        byte[] value =
                dice >= 10 && dice < 20 || dice < 3 ? null : ("value " + number).getBytes(StandardCharsets.UTF_8);
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(topic, key, value);
        String operation = value != null ? "PUT" : purged ? "PURGE" : "DELETE";
        record.headers().add("nats.kv.operation", operation.getBytes(StandardCharsets.UTF_8));
        return record;
    }
}
