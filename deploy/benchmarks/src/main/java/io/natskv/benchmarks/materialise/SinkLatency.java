package io.natskv.benchmarks.materialise;

import io.nats.client.Connection;
import io.nats.client.api.KeyValueEntry;
import io.nats.client.api.KeyValueWatchOption;
import io.nats.client.api.KeyValueWatcher;
import io.nats.client.impl.NatsKeyValueWatchSubscription;
import io.natskv.benchmarks.Report;
import io.natskv.benchmarks.Samples;
import io.natskv.benchmarks.mirror.MirrorStack;
import io.natskv.testing.kafka.ConnectWorker;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * How long a record takes until a watcher of the bucket has it. Records are due at fixed times, whatever became of those before, and time counts
 * from when a record was due: what waits behind a pause counts with its waiting.
 */
final class SinkLatency {
    private static final String NAME = "latency";
    private static final int KEYS = 5_000;
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final MaterialiseSettings settings;
    private final Report report;
    private final MirrorStack stack;
    private final ConnectWorker worker;
    private final Connection connection;

    SinkLatency(
            MaterialiseSettings settings,
            Report report,
            MirrorStack stack,
            ConnectWorker worker,
            Connection connection) {
        this.settings = settings;
        this.report = report;
        this.stack = stack;
        this.worker = worker;
        this.connection = connection;
    }

    void run(Map<String, String> sink) throws Exception {
        report.line("From the producer to a watcher of the bucket, at " + settings.recordsPerSecond()
                + " records a second");
        stack.admin()
                .createTopics(List.of(new NewTopic(NAME, 1, (short) 1)))
                .all()
                .get();
        Map<String, String> config = new HashMap<>(sink);
        config.put("topics", NAME);
        config.put("bucket.template", NAME);
        List<Double> medians = new ArrayList<>();
        List<Double> p99s = new ArrayList<>();
        try (FreshBucket bucket = FreshBucket.create(connection, NAME)) {
            worker.rest().put(NAME, config);
            worker.rest().awaitRunning(NAME, PATIENCE);
            for (int round = 0; round <= settings.latencyRounds(); round++) {
                System.gc();
                Samples millis = round(bucket);
                report.line(String.format(
                        Locale.ROOT,
                        "  %s: median %.2f ms, 99 %% within %.2f ms, 99.9 %% within %.2f ms, highest %.2f ms",
                        round == 0 ? "warm-up" : "round " + round,
                        millis.median(),
                        millis.quantile(0.99),
                        millis.quantile(0.999),
                        millis.max()));
                if (round > 0) {
                    medians.add(millis.median());
                    p99s.add(millis.quantile(0.99));
                }
            }
        } finally {
            worker.rest().delete(NAME);
        }
        report.figure("kafka-to-bucket-median-ms", "ms", new Samples(medians).median(), new Samples(medians));
        report.figure("kafka-to-bucket-p99-ms", "ms", new Samples(p99s).median(), new Samples(p99s));
    }

    @SuppressWarnings("try") // closing a subscription may be interrupted
    private Samples round(FreshBucket bucket) throws Exception {
        Queue<Double> millis = new ConcurrentLinkedQueue<>();
        CountDownLatch all = new CountDownLatch(settings.latencyRecords());
        try (NatsKeyValueWatchSubscription watch = connection
                .keyValue(bucket.name())
                .watchAll(new Arrivals(millis, all), KeyValueWatchOption.UPDATES_ONLY)) {
            send();
            if (!all.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException(
                        all.getCount() + " records did not arrive within " + PATIENCE + " at " + watch);
            }
        }
        return new Samples(List.copyOf(millis));
    }

    private record Arrivals(Queue<Double> millis, CountDownLatch all) implements KeyValueWatcher {
        @Override
        public void watch(KeyValueEntry entry) {
            millis.add((System.nanoTime() - ByteBuffer.wrap(entry.getValue()).getLong()) / 1e6);
            all.countDown();
        }

        @Override
        public void endOfData() {
            // there is none with updates only
        }
    }

    private void send() {
        Map<String, Object> producerSettings =
                Map.of("bootstrap.servers", stack.broker().bootstrap(), "linger.ms", 0);
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(producerSettings, new StringSerializer(), new ByteArraySerializer())) {
            producer.partitionsFor(NAME);
            long pause = TimeUnit.SECONDS.toNanos(1) / settings.recordsPerSecond();
            long start = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(200);
            for (int i = 0; i < settings.latencyRecords(); i++) {
                long due = start + i * pause;
                for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                byte[] value = new byte[settings.valueBytes()];
                ByteBuffer.wrap(value).putLong(due);
                producer.send(new ProducerRecord<>(NAME, "orders.eu-west." + i % KEYS, value));
            }
        }
    }
}
