package io.natskv.soak;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.natskv.soak.model.Digest;
import io.natskv.soak.model.Operation;
import io.natskv.soak.model.SnapshotWindow;
import io.natskv.soak.model.State;
import io.natskv.soak.model.TopicEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads the committed records of a topic as they come, and what its source tells in its notification topic. */
final class TopicLog implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final int ANSWER_MILLIS = 5_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String topic;
    private final List<TopicPartition> partitions;
    private final KafkaConsumer<String, byte[]> consumer;
    private final List<TopicEntry> entries = new ArrayList<>();
    private final Map<String, TopicEntry> last = new HashMap<>();
    private final List<SnapshotWindow> snapshots = new ArrayList<>();
    private final Map<TopicPartition, Long> read = new HashMap<>();
    private final Admin admin;
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private final Thread thread;
    private volatile boolean stopped;

    TopicLog(String bootstrap, String topic, int partitions, String notifications) {
        this.topic = topic;
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrap,
                        ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
                        false,
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest",
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed"),
                new StringDeserializer(),
                new ByteArrayDeserializer());
        this.admin = admin(bootstrap);
        this.partitions = Stream.concat(
                        IntStream.range(0, partitions).mapToObj(number -> new TopicPartition(topic, number)),
                        Stream.of(new TopicPartition(notifications, 0)))
                .toList();
        consumer.assign(this.partitions);
        this.thread = new Thread(this::run, "topic-" + topic);
        thread.setDaemon(true);
        thread.start();
    }

    /** Who asks with it gets an answer soon, or none. */
    static Admin admin(String bootstrap) {
        return Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrap,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                ANSWER_MILLIS,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                ANSWER_MILLIS));
    }

    /** In the order of each partition. */
    synchronized List<TopicEntry> entries() {
        checkRunning();
        return List.copyOf(entries);
    }

    /** The same, whatever became of reading. */
    synchronized List<TopicEntry> known() {
        return List.copyOf(entries);
    }

    synchronized List<SnapshotWindow> snapshots() {
        return List.copyOf(snapshots);
    }

    /** The values that the topic holds for its keys. */
    synchronized Map<String, Long> values() {
        checkRunning();
        Map<String, Long> values = new HashMap<>();
        last.forEach((key, entry) -> {
            if (entry.digest() != Digest.NONE) {
                values.put(key, entry.digest());
            }
        });
        return values;
    }

    /** Whether everything was read that is committed now. */
    boolean caughtUp() throws ExecutionException, InterruptedException {
        checkRunning();
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        partitions.forEach(partition -> latest.put(partition, OffsetSpec.latest()));
        var ends = admin.listOffsets(latest, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                .all()
                .get();
        synchronized (this) {
            return partitions.stream()
                    .allMatch(partition -> read.getOrDefault(partition, 0L)
                            >= ends.get(partition).offset());
        }
    }

    private void checkRunning() {
        if (failure.get() != null) {
            throw new IllegalStateException("Topic " + topic + " can't be read", failure.get());
        }
    }

    private void run() {
        try (consumer) {
            while (!stopped) {
                try {
                    for (ConsumerRecord<String, byte[]> entry : consumer.poll(POLL)) {
                        take(entry);
                    }
                    for (TopicPartition partition : partitions) {
                        readUpTo(partition, consumer.position(partition, POLL));
                    }
                } catch (org.apache.kafka.common.errors.RetriableException e) {
                    // The broker is away; the consumer goes on where it was.
                    continue;
                }
            }
        } catch (IOException | RuntimeException e) {
            // A record that is not as it must be, too.
            failure.set(e);
        }
    }

    private synchronized void readUpTo(TopicPartition partition, long offset) {
        read.put(partition, offset);
    }

    private synchronized void take(ConsumerRecord<String, byte[]> entry) throws IOException {
        if (!entry.topic().equals(topic)) {
            JsonNode notice = JSON.readTree(entry.value());
            if (notice.path("type").asText().equals("snapshot.completed")) {
                String filter = notice.path("filter").asText();
                snapshots.add(new SnapshotWindow(
                        filter.substring(0, filter.indexOf('.')),
                        Instant.parse(notice.path("time").asText())));
            }
            return;
        }
        TopicEntry read = new TopicEntry(
                topic,
                entry.partition(),
                entry.offset(),
                // The same few again and again.
                entry.key().intern(),
                Operation.valueOf(header(entry, "nats.kv.operation")),
                entry.value() == null ? Digest.NONE : Digest.of(entry.value()),
                Long.parseLong(header(entry, "nats.kv.revision")),
                Instant.parse(header(entry, "nats.kv.created")),
                entry.headers().lastHeader("nats.kv.reconciled") != null,
                Instant.now());
        entries.add(read);
        last.put(read.key(), read);
    }

    /** The values of a bucket's state, to compare with. */
    static Map<String, Long> values(Map<String, State> states) {
        Map<String, Long> values = new HashMap<>();
        states.forEach((key, state) -> {
            if (!state.operation().isMarker()) {
                values.put(key, state.digest());
            }
        });
        return values;
    }

    private static String header(ConsumerRecord<String, byte[]> entry, String name) {
        Header header = entry.headers().lastHeader(name);
        return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        stopped = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        admin.close(Duration.ZERO);
    }
}
