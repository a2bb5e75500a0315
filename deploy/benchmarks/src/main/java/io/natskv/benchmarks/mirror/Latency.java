package io.natskv.benchmarks.mirror;

import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.api.KeyValueConfiguration;
import io.natskv.benchmarks.Report;
import io.natskv.benchmarks.Samples;
import io.natskv.benchmarks.latency.Arrivals;
import io.natskv.benchmarks.latency.LatencyMeter;
import io.natskv.benchmarks.latency.LatencyRounds;
import io.natskv.benchmarks.latency.LatencySettings;
import io.natskv.benchmarks.latency.Schedule;
import io.natskv.testing.kafka.ConnectWorker;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
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
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final LatencySettings settings;
    private final int valueBytes;
    private final int batchMaxRecords;
    private final Map<String, String> producer;
    private final Report report;
    private final MirrorStack stack;
    private final ConnectWorker worker;
    private final Connection connection;

    Latency(MirrorSettings settings, Report report, MirrorStack stack, ConnectWorker worker) throws Exception {
        this.settings = settings.latency();
        this.valueBytes = settings.valueBytes();
        this.batchMaxRecords = settings.batchMaxRecords();
        this.producer = settings.producer();
        this.report = report;
        this.stack = stack;
        this.worker = worker;
        this.connection = stack.connection();
    }

    void run() throws Exception {
        report.line("From the put to the topic's consumer, at " + settings.mainRate() + " puts a second");
        connection
                .keyValueManagement()
                .create(KeyValueConfiguration.builder().name(NAME).build());
        stack.admin()
                .createTopics(List.of(new NewTopic(NAME, 1, (short) 1)))
                .all()
                .get();
        Map<String, String> config = new HashMap<>(producer);
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
                Integer.toString(batchMaxRecords),
                "producer.override.linger.ms",
                "0",
                "key.converter",
                "org.apache.kafka.connect.storage.StringConverter",
                "value.converter",
                "org.apache.kafka.connect.converters.ByteArrayConverter"));
        worker.rest().put(NAME, config);
        worker.rest().awaitRunning(NAME, PATIENCE);
        LatencyRounds rounds = new LatencyMeter(settings, report).measure("put-to-kafka", this::round);
        worker.rest().delete(NAME);
        Samples medians = rounds.eachAt(50);
        report.figure("put-to-kafka-median-ms", "ms", medians.median(), medians);
        Samples p99s = rounds.eachAt(99);
        report.figure("put-to-kafka-p99-ms", "ms", p99s.median(), p99s);
        Samples highest = rounds.eachAt(100);
        report.figure("put-to-kafka-max-ms", "ms", highest.max(), highest);
    }

    private Histogram round(Schedule schedule) throws Exception {
        Map<String, Object> reader = Map.of("bootstrap.servers", stack.broker().bootstrap());
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(reader, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            TopicPartition partition = new TopicPartition(NAME, 0);
            consumer.assign(List.of(partition));
            consumer.seekToEnd(List.of(partition));
            consumer.position(partition);
            CompletableFuture<Void> puts =
                    CompletableFuture.runAsync(() -> put(schedule), thread -> new Thread(thread, "puts").start());
            Arrivals arrivals = new Arrivals(schedule.count());
            receive(consumer, arrivals);
            puts.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            return arrivals.await(PATIENCE, "puts");
        }
    }

    private void put(Schedule schedule) {
        try {
            JetStream jetStream = connection.jetStream();
            List<CompletableFuture<?>> acks = new ArrayList<>(schedule.count());
            schedule.run((number, due) -> {
                byte[] value = ByteBuffer.allocate(valueBytes).putLong(due).array();
                acks.add(jetStream.publishAsync("$KV." + NAME + ".orders.eu-west." + number, value));
            });
            CompletableFuture.allOf(acks.toArray(CompletableFuture[]::new)).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException("a put failed", e);
        }
    }

    private static void receive(KafkaConsumer<byte[], byte[]> consumer, Arrivals arrivals) {
        long start = System.nanoTime();
        while (arrivals.missing() > 0 && System.nanoTime() - start < PATIENCE.toNanos()) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                arrivals.arrived(ByteBuffer.wrap(record.value()).getLong());
            }
        }
    }
}
