package io.natskv.benchmarks.mirror;

import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.api.KeyValueConfiguration;
import io.natskv.benchmarks.Report;
import io.natskv.benchmarks.Samples;
import io.natskv.testing.kafka.ConnectWorker;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * How long a put takes until a consumer of the topic has it. Puts are due at fixed times, whatever became of those before, and time counts from
 * when a put was due: what waits behind a pause counts with its waiting.
 */
final class Latency {
    private static final String NAME = "latency";
    private static final int KEYS = 5_000;
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final MirrorSettings settings;
    private final Report report;
    private final MirrorStack stack;
    private final ConnectWorker worker;
    private final Connection connection;

    Latency(MirrorSettings settings, Report report, MirrorStack stack, ConnectWorker worker) throws Exception {
        this.settings = settings;
        this.report = report;
        this.stack = stack;
        this.worker = worker;
        this.connection = stack.connection();
    }

    void run() throws Exception {
        report.line("From the put to the topic's consumer, at " + settings.putsPerSecond() + " puts a second");
        connection
                .keyValueManagement()
                .create(KeyValueConfiguration.builder().name(NAME).build());
        stack.admin()
                .createTopics(List.of(new NewTopic(NAME, 1, (short) 1)))
                .all()
                .get();
        Map<String, String> config = new HashMap<>(settings.producer());
        config.putAll(Map.of(
                "connector.class",
                "io.natskv.connect.source.NatsKvSourceConnector",
                "nats.servers",
                stack.nats().url(),
                "kv.buckets",
                NAME,
                "topic.template",
                NAME,
                "batch.max.records",
                Integer.toString(settings.batchMaxRecords()),
                "producer.override.linger.ms",
                "0",
                "key.converter",
                "org.apache.kafka.connect.storage.StringConverter",
                "value.converter",
                "org.apache.kafka.connect.converters.ByteArrayConverter"));
        worker.rest().put(NAME, config);
        worker.rest().awaitRunning(NAME, PATIENCE);
        List<Double> medians = new ArrayList<>();
        List<Double> p99s = new ArrayList<>();
        List<Double> highest = new ArrayList<>();
        for (int round = 0; round <= settings.latencyRounds(); round++) {
            System.gc();
            Samples millis = round();
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
                highest.add(millis.max());
            }
        }
        worker.rest().delete(NAME);
        report.figure("put-to-kafka-median-ms", "ms", new Samples(medians).min(), new Samples(medians));
        report.figure("put-to-kafka-p99-ms", "ms", new Samples(p99s).min(), new Samples(p99s));
        report.figure("put-to-kafka-max-ms", "ms", new Samples(highest).min(), new Samples(highest));
    }

    private Samples round() throws Exception {
        Map<String, Object> reader = Map.of("bootstrap.servers", stack.broker().bootstrap());
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(reader, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            TopicPartition partition = new TopicPartition(NAME, 0);
            consumer.assign(List.of(partition));
            consumer.seekToEnd(List.of(partition));
            consumer.position(partition);
            CompletableFuture<Void> puts =
                    CompletableFuture.runAsync(this::put, thread -> new Thread(thread, "puts").start());
            Samples millis = receive(consumer);
            puts.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            return millis;
        }
    }

    private void put() {
        try {
            JetStream jetStream = connection.jetStream();
            long pause = TimeUnit.SECONDS.toNanos(1) / settings.putsPerSecond();
            List<CompletableFuture<?>> acks = new ArrayList<>(settings.puts());
            // The consumer waits at the broker by then.
            long start = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(200);
            for (int i = 0; i < settings.puts(); i++) {
                long due = start + i * pause;
                for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                byte[] value = new byte[settings.valueBytes()];
                ByteBuffer.wrap(value).putLong(due);
                acks.add(jetStream.publishAsync("$KV." + NAME + ".orders.eu-west." + i % KEYS, value));
            }
            CompletableFuture.allOf(acks.toArray(CompletableFuture[]::new)).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException("a put failed", e);
        }
    }

    private Samples receive(KafkaConsumer<byte[], byte[]> consumer) {
        Double[] millis = new Double[settings.puts()];
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        int count = 0;
        while (count < millis.length) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                long due = ByteBuffer.wrap(record.value()).getLong();
                millis[count++] = (System.nanoTime() - due) / 1e6;
            }
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException(count + " of " + millis.length + " puts arrived within " + PATIENCE);
            }
        }
        return new Samples(Arrays.asList(millis));
    }
}
