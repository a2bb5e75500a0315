package io.natskv.benchmarks.materialise;

import io.nats.client.Connection;
import io.nats.client.api.KeyValueEntry;
import io.nats.client.api.KeyValueWatchOption;
import io.nats.client.api.KeyValueWatcher;
import io.nats.client.impl.NatsKeyValueWatchSubscription;
import io.natskv.benchmarks.Report;
import io.natskv.benchmarks.Samples;
import io.natskv.benchmarks.latency.Arrivals;
import io.natskv.benchmarks.latency.LatencyMeter;
import io.natskv.benchmarks.latency.LatencyRounds;
import io.natskv.benchmarks.latency.LatencySettings;
import io.natskv.benchmarks.latency.Schedule;
import io.natskv.benchmarks.mirror.MirrorStack;
import io.natskv.testing.kafka.ConnectWorker;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
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
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final LatencySettings settings;
    private final int valueBytes;
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
        this.settings = settings.latency();
        this.valueBytes = settings.valueBytes();
        this.report = report;
        this.stack = stack;
        this.worker = worker;
        this.connection = connection;
    }

    void run(Map<String, String> sink) throws Exception {
        report.line("From the producer to a watcher of the bucket, at " + settings.mainRate() + " records a second");
        stack.admin()
                .createTopics(List.of(new NewTopic(NAME, 1, (short) 1)))
                .all()
                .get();
        Map<String, String> config = new HashMap<>(sink);
        config.put("topics", NAME);
        config.put("bucket.template", NAME);
        LatencyRounds rounds;
        try (FreshBucket bucket = FreshBucket.create(connection, NAME)) {
            worker.rest().put(NAME, config);
            try {
                worker.rest().awaitRunning(NAME, PATIENCE);
                rounds = new LatencyMeter(settings, report)
                        .measure("kafka-to-bucket", schedule -> round(bucket, schedule));
            } finally {
                worker.rest().delete(NAME);
            }
        }
        Samples medians = rounds.eachAt(50);
        report.figure("kafka-to-bucket-median-ms", "ms", medians.median(), medians);
        Samples p99s = rounds.eachAt(99);
        report.figure("kafka-to-bucket-p99-ms", "ms", p99s.median(), p99s);
    }

    @SuppressWarnings("try") // closing a subscription may be interrupted
    private Histogram round(FreshBucket bucket, Schedule schedule) throws Exception {
        Arrivals arrivals = new Arrivals(schedule.count());
        try (NatsKeyValueWatchSubscription watch =
                connection.keyValue(bucket.name()).watchAll(new Entries(arrivals), KeyValueWatchOption.UPDATES_ONLY)) {
            send(schedule);
            return arrivals.await(PATIENCE, "records at " + watch);
        }
    }

    private record Entries(Arrivals arrivals) implements KeyValueWatcher {
        @Override
        public void watch(KeyValueEntry entry) {
            arrivals.arrived(ByteBuffer.wrap(entry.getValue()).getLong());
        }

        @Override
        public void endOfData() {
            // there is none with updates only
        }
    }

    private void send(Schedule schedule) throws Exception {
        Map<String, Object> producerSettings =
                Map.of("bootstrap.servers", stack.broker().bootstrap(), "linger.ms", 0);
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(producerSettings, new StringSerializer(), new ByteArraySerializer())) {
            producer.partitionsFor(NAME);
            schedule.run((number, due) -> {
                byte[] value = ByteBuffer.allocate(valueBytes).putLong(due).array();
                producer.send(new ProducerRecord<>(NAME, "orders.eu-west." + number, value));
            });
        }
    }
}
