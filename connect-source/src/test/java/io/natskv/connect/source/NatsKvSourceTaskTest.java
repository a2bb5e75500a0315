package io.natskv.connect.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connect.KvKafkaHeaders;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.RegisterExtension;

class NatsKvSourceTaskTest {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.V2_15);

    private NatsServer server;
    private KvConnection connection;
    private KvBuckets buckets;
    private KvBucket bucket;
    private String name;

    @BeforeEach
    void createBucket(TestInfo test) {
        server = NATS.server();
        connection = KvConnection.open(NatsConnectionConfig.of(server.url()));
        buckets = new KvBuckets(connection);
        name = test.getTestMethod().orElseThrow().getName();
        bucket = buckets.create(BucketConfig.of(name));
    }

    @AfterEach
    void close() {
        connection.close();
    }

    @Test
    void readsTheSnapshotAndThenWhatChanges() {
        bucket.put("a", "1");
        bucket.put("b.c", "2");
        bucket.put("a", "3");
        bucket.delete("b.c");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings())) {
            List<SourceRecord> snapshot = task.read(2);
            assertThat(snapshot).extracting(SourceRecord::key).containsExactly("a", "b.c");
            assertThat(snapshot).extracting(NatsKvSourceTaskTest::value).containsExactly("3", null);
            assertThat(snapshot).extracting(SourceRecord::topic).containsOnly("kv." + name);

            bucket.put("d", new byte[0]);
            bucket.purge("a");
            List<SourceRecord> live = task.read(2);
            assertThat(live).extracting(SourceRecord::key).containsExactly("d", "a");
            assertThat(live.get(0).value()).isEqualTo(new byte[0]);
            assertThat(live.get(0).valueSchema()).isEqualTo(Schema.OPTIONAL_BYTES_SCHEMA);
            assertThat(live.get(1).value()).isNull();
            assertThat(live.get(1).valueSchema()).isNull();
            assertThat(live)
                    .extracting(record -> header(record, KvKafkaHeaders.OPERATION))
                    .containsExactly("PUT", "PURGE");
            assertThat(live)
                    .extracting(record -> header(record, KvKafkaHeaders.REVISION))
                    .containsExactly(5L, 6L);
        }
    }

    @Test
    void anIdlePollReturnsNull() {
        try (SourceTaskHarness task = SourceTaskHarness.start(settings())) {
            bucket.put("a", "1");
            task.read(1);
            List<SourceRecord> records = new ArrayList<>();
            task.pollInto(records);
            assertThat(records).isEmpty();
        }
    }

    @Test
    void aRestartGoesOnAndRepeatsNothing() {
        IntStream.range(0, 100).forEach(i -> bucket.put("k" + i, "v" + i));
        StoredOffsets stored = new StoredOffsets();
        Map<String, String> settings = settings();
        settings.put(FlowSettings.BATCH_MAX_RECORDS, "30");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings, 1, stored)) {
            List<SourceRecord> records = new ArrayList<>();
            Awaitility.await().until(() -> {
                task.pollInto(records);
                return !records.isEmpty();
            });
            assertThat(records).as("stopped in the middle of the snapshot").hasSizeLessThanOrEqualTo(30);
            task.commit(records);
        }
        long done = (Long) stored.all().get(0).get(SourceOffsets.REVISION);
        try (SourceTaskHarness task = SourceTaskHarness.start(settings, 1, stored)) {
            List<SourceRecord> rest = task.read((int) (100 - done));
            assertThat(revisions(rest))
                    .containsExactlyElementsOf(IntStream.rangeClosed((int) done + 1, 100)
                            .mapToObj(Long::valueOf)
                            .toList());
            task.commit(rest);
        }
        bucket.put("k7", "again");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings, 1, stored)) {
            assertThat(revisions(task.read(1))).containsExactly(101L);
        }
    }

    @Test
    void keyAndRevisionKeepsAKeyInOnePartition() {
        Map<String, String> settings = settings();
        settings.put(RecordSettings.RECORD_KEY, "key_and_revision");
        settings.put(RecordSettings.TOPIC_PARTITIONS, "7");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings)) {
            for (int i = 0; i < 40; i++) {
                bucket.put("k" + i % 4, "v" + i);
                SourceRecord record = task.read(1).get(0);
                Struct key = (Struct) record.key();
                assertThat(key.getString("key")).isEqualTo("k" + i % 4);
                assertThat(key.getInt64("revision")).isEqualTo(i + 1);
                assertThat(record.kafkaPartition()).isEqualTo(RecordKeys.partitionOf("k" + i % 4, 7));
            }
        }
    }

    @Test
    void readsSeveralBucketsAndFilters() {
        KvBucket other = buckets.create(BucketConfig.of(name + "-2"));
        bucket.put("in.a", "1");
        bucket.put("out.a", "2");
        other.put("in.b", "3");
        Map<String, String> settings = settings();
        settings.put(WatchSettings.BUCKETS, name + "," + name + "-2");
        settings.put(WatchSettings.KEY_FILTERS, "in.>,also.*");
        for (int maxTasks : List.of(1, 3, 9)) {
            try (SourceTaskHarness tasks = SourceTaskHarness.start(settings, maxTasks, new StoredOffsets())) {
                assertThat(tasks.tasks()).isEqualTo(Math.min(maxTasks, 4));
                assertThat(tasks.read(2)).extracting(SourceRecord::key).containsExactlyInAnyOrder("in.a", "in.b");
                other.put("also.x", "" + maxTasks);
                other.put("also.x.y", "not selected");
                SourceRecord live = tasks.read(1).get(0);
                assertThat(live.topic()).isEqualTo("kv." + name + "-2");
                assertThat(live.key()).isEqualTo("also.x");
            }
            buckets.delete(name + "-2");
            other = buckets.create(BucketConfig.of(name + "-2"));
            other.put("in.b", "3");
        }
    }

    @Test
    void aFullBucketDoesNotStarveAnother() {
        KvBucket other = buckets.create(BucketConfig.of(name + "-2"));
        Map<String, String> settings = settings();
        settings.put(WatchSettings.BUCKETS, name + "," + name + "-2");
        settings.put(FlowSettings.BATCH_MAX_RECORDS, "10");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings)) {
            bucket.put("ready", "1");
            other.put("ready", "1");
            task.read(2);
            for (int i = 0; i < 300; i++) {
                bucket.put("k" + i, "v");
                other.put("k" + i, "v");
            }
            List<SourceRecord> records = new ArrayList<>();
            while (records.size() < 100) {
                task.pollInto(records);
            }
            assertThat(records.stream().filter(record -> record.topic().equals("kv." + name)))
                    .as("records of one bucket of two among the first %s", records.size())
                    .hasSizeBetween(30, 70);
        }
    }

    @Test
    void anotherFilterGoesOnWhereTheWiderOneWas() {
        bucket.put("a.x", "1");
        bucket.put("b.x", "2");
        StoredOffsets stored = new StoredOffsets();
        try (SourceTaskHarness task = SourceTaskHarness.start(settings(), 1, stored)) {
            task.commit(task.read(2));
        }
        bucket.put("b.y", "3");
        bucket.put("c.y", "4");
        Map<String, String> settings = settings();
        settings.put(WatchSettings.KEY_FILTERS, "b.*,c.>");
        try (SourceTaskHarness tasks = SourceTaskHarness.start(settings, 2, stored)) {
            assertThat(tasks.read(2)).extracting(SourceRecord::key).containsExactlyInAnyOrder("b.y", "c.y");
        }
    }

    @Test
    void aWiderFilterReadsWhatTheOldOneDidNot() {
        bucket.put("a.x", "1");
        bucket.put("b.x", "2");
        StoredOffsets stored = new StoredOffsets();
        Map<String, String> narrow = settings();
        narrow.put(WatchSettings.KEY_FILTERS, "a.>");
        try (SourceTaskHarness task = SourceTaskHarness.start(narrow, 1, stored)) {
            task.commit(task.read(1));
        }
        try (SourceTaskHarness task = SourceTaskHarness.start(settings(), 1, stored)) {
            assertThat(task.read(1)).extracting(SourceRecord::key).containsExactly("b.x");
        }
    }

    @Test
    void historyDeliversEveryRevision() {
        KvBucket history =
                buckets.create(BucketConfig.builder(name + "-h").history(5).build());
        IntStream.range(0, 3).forEach(i -> history.put("a", "v" + i));
        Map<String, String> settings = settings();
        settings.put(WatchSettings.BUCKETS, name + "-h");
        settings.put(WatchSettings.START_MODE, "history");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings)) {
            assertThat(task.read(3)).extracting(NatsKvSourceTaskTest::value).containsExactly("v0", "v1", "v2");
        }
    }

    @Test
    void updatesOnlyLeavesOutWhatIsThere() {
        bucket.put("a", "old");
        Map<String, String> settings = settings();
        settings.put(WatchSettings.START_MODE, "updates_only");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings)) {
            List<SourceRecord> records = new ArrayList<>();
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
                bucket.put("b", "new");
                task.pollInto(records);
                return !records.isEmpty();
            });
            assertThat(records).extracting(SourceRecord::key).containsOnly("b");
        }
    }

    @Test
    void aRecreatedBucketFailsTheTaskOrBeginsAnew() {
        bucket.put("a", "1");
        bucket.put("b", "2");
        StoredOffsets stored = new StoredOffsets();
        try (SourceTaskHarness task = SourceTaskHarness.start(settings(), 1, stored)) {
            task.commit(task.read(2));
        }
        buckets.delete(name);
        buckets.create(BucketConfig.of(name)).put("c", "3");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings(), 1, stored)) {
            assertThatThrownBy(() -> task.read(1))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining(name)
                    .hasMessageContaining(WatchSettings.ON_POSITION_LOST);
        }
        Map<String, String> settings = settings();
        settings.put(WatchSettings.ON_POSITION_LOST, "snapshot");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings, 1, stored)) {
            List<SourceRecord> records = task.read(1);
            assertThat(records).extracting(SourceRecord::key).containsExactly("c");
            task.commit(records);
        }
        try (SourceTaskHarness task = SourceTaskHarness.start(settings(), 1, stored)) {
            bucket.put("d", "4");
            assertThat(task.read(1)).extracting(SourceRecord::key).containsExactly("d");
        }
    }

    @Test
    void startsWhileTheServerIsDownAndGoesOnAfterAKill() {
        bucket.put("a", "1");
        server.kill();
        try (SourceTaskHarness task = SourceTaskHarness.start(settings())) {
            List<SourceRecord> records = new ArrayList<>();
            task.pollInto(records);
            assertThat(records).isEmpty();
            server.restart();
            assertThat(task.read(1)).extracting(SourceRecord::key).containsExactly("a");
            for (int round = 0; round < 3; round++) {
                server.kill();
                task.pollInto(records);
                server.restart();
                String key = "round" + round;
                Awaitility.await().ignoreExceptions().until(() -> bucket.put(key, "x") > 0);
                Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
                    task.pollInto(records);
                    return records.stream().anyMatch(record -> record.key().equals(key));
                });
            }
            assertThat(revisions(records)).isSorted().doesNotHaveDuplicates();
            server.kill(); // and stop while it is down
        }
    }

    @Test
    void stopsWithoutStartAndTwice() {
        NatsKvSourceTask task = new NatsKvSourceTask();
        task.stop();
        SourceTaskHarness started = SourceTaskHarness.start(settings());
        started.close();
        started.close();
    }

    @Test
    void aMissingBucketFailsWithAdvice() {
        Map<String, String> settings = settings();
        settings.put(WatchSettings.BUCKETS, "nowhere");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings)) {
            assertThatThrownBy(() -> task.read(1))
                    .hasRootCauseMessage(
                            "Bucket \"nowhere\" not found (stream KV_nowhere); create it, or check bucket name, account and"
                                    + " JetStream domain");
        }
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>();
        settings.put("name", "test");
        settings.put("nats.servers", server.url());
        settings.put(WatchSettings.BUCKETS, name);
        settings.put(FlowSettings.POLL_MAX_WAIT_MS, "100");
        return settings;
    }

    private static String value(SourceRecord record) {
        return record.value() == null ? null : new String((byte[]) record.value());
    }

    private static Object header(SourceRecord record, String header) {
        return record.headers().lastWithName(header).value();
    }

    private static List<Long> revisions(List<SourceRecord> records) {
        return records.stream()
                .map(record -> (Long) header(record, KvKafkaHeaders.REVISION))
                .toList();
    }
}
