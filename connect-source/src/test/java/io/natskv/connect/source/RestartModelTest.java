package io.natskv.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.KvEntry;
import io.natskv.core.KvOperation;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connect.KvKafkaHeaders;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.error.KvException;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.apache.kafka.connect.source.SourceRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tasks that stop anywhere, with a server that is killed, while somebody writes: what was committed is the bucket, each revision once. */
class RestartModelTest {
    private static final int KEYS = 40;
    private static final int ROUNDS = 12;

    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

    @ParameterizedTest
    @CsvSource({
        "1, snapshot, '>'",
        "5, snapshot, '>'",
        "5, history, '>'",
        "1, snapshot, 'a.>,b.>'",
        "5, snapshot, 'a.>,b.*'",
        "5, history, 'a.>,b.>'"
    })
    void committedRecordsAreTheBucket(int history, String startMode, String filters) throws InterruptedException {
        long seed = System.nanoTime();
        System.out.println("committedRecordsAreTheBucket seed=" + seed);
        Random random = new Random(seed);
        NatsServer server = NATS.server();
        String name = startMode + history + "-" + filters.replaceAll("[^a-z]", "");
        Map<String, String> settings = new HashMap<>();
        settings.put("name", name);
        settings.put("nats.servers", server.url());
        settings.put(WatchSettings.BUCKETS, name);
        settings.put(WatchSettings.KEY_FILTERS, filters);
        settings.put(WatchSettings.START_MODE, startMode);
        settings.put(FlowSettings.BATCH_MAX_RECORDS, "15");
        settings.put(FlowSettings.POLL_MAX_WAIT_MS, "50");

        List<SourceRecord> topic = new ArrayList<>();
        StoredOffsets stored = new StoredOffsets();
        // The writer's own gives a server up soon that is away.
        try (KvConnection connection = connect(server, Duration.ofSeconds(30));
                KvConnection writersConnection = connect(server, Duration.ofMillis(500))) {
            KvBucket bucket = new KvBuckets(connection)
                    .create(BucketConfig.builder(name).history(history).build());
            for (int i = 0; i < 100; i++) {
                change(bucket, random);
            }
            AtomicBoolean writing = new AtomicBoolean(true);
            Random writersRandom = new Random(random.nextLong());
            KvBuckets writersBuckets = new KvBuckets(writersConnection);
            KvBucket writersBucket =
                    Awaitility.await().ignoreExceptions().until(() -> writersBuckets.open(name), Objects::nonNull);
            Thread writer = new Thread(() -> {
                while (writing.get()) {
                    try {
                        change(writersBucket, writersRandom);
                    } catch (KvException e) {
                        // the server is away; whether it was stored is what the bucket says in the end
                    }
                }
            });
            writer.start();
            try {
                for (int round = 0; round < ROUNDS; round++) {
                    try (SourceTaskHarness task = SourceTaskHarness.start(settings, 1, stored)) {
                        boolean kill = random.nextInt(3) == 0;
                        int polls = 1 + random.nextInt(20);
                        for (int poll = 0; poll < polls; poll++) {
                            if (kill && poll == polls / 2) {
                                server.kill();
                                server.restart();
                            }
                            List<SourceRecord> records = new ArrayList<>();
                            task.pollInto(records);
                            boolean last = poll == polls - 1;
                            List<SourceRecord> committed =
                                    last ? records.subList(0, random.nextInt(records.size() + 1)) : records;
                            task.commit(committed);
                            topic.addAll(committed);
                        }
                    }
                }
            } finally {
                writing.set(false);
                writer.join();
            }
            for (String end : List.of("a.end", "b.end")) {
                Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .ignoreExceptions()
                        .until(() -> writersBucket.put(end, "end") > 0);
            }
            try (SourceTaskHarness task = SourceTaskHarness.start(settings, 1, stored)) {
                Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> {
                    task.pollInto(topic);
                    return topic.stream().map(SourceRecord::key).toList().containsAll(List.of("a.end", "b.end"));
                });
            }
            assertThat(topic).extracting(RestartModelTest::revision).doesNotHaveDuplicates();
            topic.stream()
                    .collect(Collectors.groupingBy(SourceRecord::sourcePartition))
                    .forEach((partition, records) -> assertThat(records)
                            .as("records of %s", partition)
                            .extracting(RestartModelTest::revision)
                            .isSorted());
            Map<Long, SourceRecord> byRevision = new HashMap<>();
            Map<String, SourceRecord> state = new HashMap<>();
            topic.forEach(record -> {
                byRevision.put(revision(record), record);
                state.put((String) record.key(), record);
            });
            for (int i = 0; i < KEYS; i++) {
                String key = key(i);
                KvEntry last = bucket.lastAsync(key).join();
                assertThat(state.containsKey(key)).as(key).isEqualTo(last != null);
                if (last != null) {
                    // A snapshot leaves older revisions out, a history none that is still there.
                    List<KvEntry> due = startMode.equals("history") ? surviving(bucket, key) : List.of(last);
                    due.forEach(entry -> assertIs(byRevision.get(entry.revision()), entry));
                    assertThat(revision(state.get(key))).as(key).isEqualTo(last.revision());
                }
            }
        }
    }

    private static KvConnection connect(NatsServer server, Duration requestTimeout) {
        return KvConnection.open(NatsConnectionConfig.builder()
                .servers(List.of(server.url()))
                .connectTimeout(Duration.ofSeconds(20))
                .requestTimeout(requestTimeout)
                .build());
    }

    /**
     * The revisions of a key from its last purge on. A server that is killed may bring back what a purge had removed just before, and which a reader
     * never got to see.
     */
    private static List<KvEntry> surviving(KvBucket bucket, String key) {
        List<KvEntry> history = bucket.history(key);
        int from = history.size() - 1;
        while (from > 0 && history.get(from).operation() != KvOperation.PURGE) {
            from--;
        }
        return history.subList(Math.max(0, from), history.size());
    }

    private static void assertIs(SourceRecord record, KvEntry entry) {
        assertThat(record)
                .as("%s at revision %s", entry.key(), entry.revision())
                .isNotNull();
        assertThat(record.key()).isEqualTo(entry.key());
        assertThat(record.value())
                .as("%s at revision %s", entry.key(), entry.revision())
                .isEqualTo(entry.operation().isMarker() ? null : entry.value());
    }

    private static String key(int number) {
        return (number % 2 == 0 ? "a.k" : "b.k") + number;
    }

    private static void change(KvBucket bucket, Random random) {
        String key = key(random.nextInt(KEYS));
        switch (random.nextInt(8)) {
            case 0 -> bucket.delete(key);
            case 1 -> bucket.purge(key);
            default -> bucket.put(key, "v" + random.nextInt());
        }
    }

    private static long revision(SourceRecord record) {
        return (Long) record.headers().lastWithName(KvKafkaHeaders.REVISION).value();
    }
}
