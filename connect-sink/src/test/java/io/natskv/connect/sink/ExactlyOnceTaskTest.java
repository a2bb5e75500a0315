package io.natskv.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.natskv.connect.sink.config.BucketSettings;
import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.exactlyonce.ExactlyOnceConfig;
import io.natskv.connect.sink.exactlyonce.OffsetName;
import io.natskv.connect.sink.exactlyonce.StoredOffset;
import io.natskv.core.KvEntry;
import io.natskv.core.KvHeaders;
import io.natskv.core.KvOperation;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connect.KvKafkaHeaders;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import io.natskv.testing.nats.TcpProxy;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import javax.management.ObjectName;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.sink.SinkRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.RegisterExtension;

class ExactlyOnceTaskTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String CONNECTOR = "my sink, v1.*";

    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.V2_15);

    private NatsServer server;
    private KvConnection connection;
    private KvBuckets buckets;
    private KvBucket bucket;
    private String name;
    private TopicPartition partition;

    @BeforeEach
    void createBucket(TestInfo test) {
        server = NATS.server();
        connection = KvConnection.open(NatsConnectionConfig.of(server.url()));
        buckets = new KvBuckets(connection);
        name = test.getTestMethod().orElseThrow().getName();
        bucket = buckets.create(BucketConfig.builder(name).history(64).build());
        partition = new TopicPartition(name, 0);
    }

    @AfterEach
    void close() {
        connection.close();
    }

    @Test
    void everyRecordIsOneRevisionInOrder() {
        TopicPartition second = new TopicPartition(name, 1);
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, partition, second)) {
            for (int round = 0; round < 30; round++) {
                for (int key = 0; key < 100; key++) {
                    sink.append(key % 2 == 0 ? partition : second, "k" + key, "v" + round);
                }
            }
            sink.untilCommitted();
            for (int key = 0; key < 100; key++) {
                List<KvEntry> history = bucket.history("k" + key);
                assertThat(history).hasSize(30);
                for (int round = 0; round < 30; round++) {
                    assertThat(text(history.get(round))).isEqualTo("v" + round);
                }
            }
            assertAccounted(3_000, partition, second);
            assertThat(stored(partition).next()).isEqualTo(1_500);
            assertThat(bucket.keys()).hasSize(100);
            assertThat(bucket.status().values()).as("offsets are no values").isEqualTo(3_000);
            assertThat(buckets.statuses().filter(status -> status.bucket().equals(name)))
                    .singleElement()
                    .satisfies(status -> assertThat(status.values()).isEqualTo(3_000));
            buckets.create(BucketConfig.builder(name).history(64).build());
        }
    }

    @Test
    void offsetsAreSetAndResetWhileTheConnectorIsStopped() {
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, partition)) {
            fill(sink, 0, 100);
            sink.untilCommitted();
        }
        NatsKvSinkConnector connector = new NatsKvSinkConnector();
        TopicPartition unknown = new TopicPartition("no bucket for this.one", 3);
        Map<String, String> settings = settings();
        assertThat(connector.alterOffsets(settings, Map.of(partition, 60L))).isTrue();
        assertThat(stored(partition).next()).isEqualTo(60);
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, partition)) {
            fill(sink, 0, 100);
            sink.untilCommitted();
        }
        assertAccounted(140, partition);

        Map<TopicPartition, Long> reset = new HashMap<>();
        reset.put(partition, null);
        reset.put(unknown, null);
        Map<String, String> byTopic = new HashMap<>(settings);
        byTopic.remove(SinkConfig.BUCKET_TEMPLATE);
        assertThat(connector.alterOffsets(byTopic, reset)).isTrue();
        assertThat(stored(partition).next()).isEqualTo(StoredOffset.NONE);
        assertThatThrownBy(() -> connector.alterOffsets(byTopic, Map.of(unknown, 5L)))
                .isInstanceOf(ConnectException.class);

        connector.alterOffsets(settings, Map.of(partition, 7L));
        // Kafka knows of no offsets: all are reset.
        connector.alterOffsets(settings, Map.of());
        assertThat(stored(partition).next()).isEqualTo(StoredOffset.NONE);
        assertAccounted(140, partition);
    }

    @Test
    void aPurgeBehindAWriteToItsKeyBeginsABatch() {
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, partition)) {
            for (int i = 0; i < 50; i++) {
                sink.append(partition, "a", "v" + i);
                sink.append(partition, "b", "v" + i);
                sink.append(partition, "a", null, operation("PURGE"));
                sink.append(partition, "b", (String) null);
            }
            sink.append(partition, "a", "");
            sink.untilCommitted();
            assertThat(bucket.history("a"))
                    .extracting(KvEntry::operation)
                    .containsExactly(KvOperation.PURGE, KvOperation.PUT);
            assertThat(bucket.history("b")).hasSize(64);
            assertAccounted(201, partition);
        }
    }

    @Test
    void aTaskGoesOnBehindTheStoredOffsetWhateverTheGroupSays() {
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, partition)) {
            fill(sink, 0, 700);
            sink.untilCommitted();
        }
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, partition)) {
            fill(sink, 0, 1_000);
            sink.untilCommitted();
        }
        assertAccounted(1_000, partition);
        assertThat(stored(partition).epoch()).isEqualTo(2);
        assertThat(bucket.get("k1").revision()).isGreaterThan(700);
    }

    @Test
    void aClaimEndsWhatTheOldOwnerMayStore() {
        Map<String, String> slow = settings();
        slow.put(ExactlyOnceConfig.BATCH_MAX_RECORDS, "10");
        try (SinkTaskHarness zombie = SinkTaskHarness.start(slow, false, partition)) {
            fill(zombie, 0, 100);
            zombie.untilCommitted();
            try (SinkTaskHarness owner = SinkTaskHarness.start(settings(), false, partition)) {
                fill(owner, 0, 200);
                owner.untilCommitted();
                fill(zombie, 100, 150);
                Awaitility.await()
                        .atMost(SOON)
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> {
                            zombie.iterate();
                            zombie.commit();
                            return zombie.isPaused();
                        });
                assertAccounted(200, partition);

                // The partition stays with the one that was fenced: it claims it back, and goes on behind the other's
                // work.
                fill(zombie, 150, 260);
                zombie.untilCommitted();
            }
        }
        assertAccounted(260, partition);
    }

    @Test
    void tasksThatFightForAPartitionFail() {
        Map<String, String> settings = settings();
        settings.put(ExactlyOnceConfig.MAX_FENCES, "1");
        try (SinkTaskHarness one = SinkTaskHarness.start(settings, false, partition);
                SinkTaskHarness other = SinkTaskHarness.start(settings, false, partition)) {
            assertThatThrownBy(() -> Awaitility.await()
                            .atMost(SOON)
                            .pollInterval(Duration.ofMillis(5))
                            .until(() -> {
                                one.append(partition, "a", "1");
                                one.iterate();
                                other.append(partition, "a", "1");
                                other.iterate();
                                return false;
                            }))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("eos.id");
        }
    }

    @Test
    void recordsThatAreFilteredOutMoveTheOffset() {
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, partition)) {
            sink.transform(record -> record.kafkaOffset() < 10 ? record : null);
            fill(sink, 0, 500);
            sink.untilCommitted();
            assertThat(stored(partition).next()).isEqualTo(500);
            assertAccounted(10, partition);
        }
    }

    @Test
    void badRecordsGoToTheReporterAndTheOffsetPassesThem() {
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), true, partition)) {
            sink.append(partition, "a", "1");
            SinkRecord bad = sink.append(partition, "bad key", "1");
            SinkRecord large = sink.append(partition, "large", "x".repeat(2 << 20));
            sink.append(partition, "b", "1");
            sink.untilCommitted();
            assertThat(sink.reported()).containsExactly(bad, large);
            assertAccounted(2, partition);
        }
    }

    @Test
    void theOffsetWaitsForTheDeadLetterTopic() {
        CompletableFuture<Void> report = new CompletableFuture<>();
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), true, partition)) {
            sink.reports(report);
            sink.append(partition, "a", "1");
            sink.append(partition, "bad key", "1");
            sink.append(partition, "b", "1");
            Awaitility.await().atMost(SOON).pollInterval(Duration.ofMillis(5)).until(() -> {
                sink.iterate();
                sink.commit();
                return sink.committed(partition) == 1;
            });
            for (int i = 0; i < 10; i++) {
                sink.iterate();
                sink.commit();
            }
            assertThat(sink.reported()).hasSize(1);
            assertThat(stored(partition).next()).isEqualTo(1);
            assertThat(sink.committed(partition)).isEqualTo(1);
            report.complete(null);
            sink.untilCommitted();
            assertAccounted(2, partition);
        }
    }

    @Test
    void aDeadLetterTopicThatTakesNothingFailsTheTask() {
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), true, partition)) {
            sink.reports(CompletableFuture.failedFuture(new ConnectException("topic is gone")));
            sink.append(partition, "a", "1");
            sink.append(partition, "bad key", "1");
            assertThatThrownBy(sink::untilCommitted)
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("dead-letter topic")
                    .hasMessageContaining("topic is gone");
        }
    }

    @Test
    void aFullBucketIsToldBeforeItsFirstClaim() throws Exception {
        bucket.put("large", new byte[5_000]);
        edit(config -> config.maxBytes(5_200));
        Map<String, String> settings = settings();
        settings.put("name", name);
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, partition)) {
            fill(sink, 0, 10);
            Awaitility.await().atMost(SOON).pollInterval(Duration.ofMillis(5)).until(() -> {
                sink.iterate();
                return fullBuckets() == 1;
            });
            edit(config -> config.maxBytes(-1));
            sink.untilCommitted();
            assertThat(fullBuckets()).isZero();
        }
    }

    private long fullBuckets() throws Exception {
        ObjectName mbean = new ObjectName("io.natskv.connect:type=sink-task,connector=" + name + ",task=0");
        return ((Number) ManagementFactory.getPlatformMBeanServer().getAttribute(mbean, "full-buckets")).longValue();
    }

    @Test
    void aRecordThatFitsByNowIsNotReportedByALimitOfBefore() throws Exception {
        edit(config -> config.maximumMessageSize(1_000));
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), true, partition)) {
            sink.append(partition, "large", "x".repeat(2_000));
            sink.untilCommitted();
            assertThat(sink.reported()).hasSize(1);
            edit(config -> config.maximumMessageSize(-1));
            Awaitility.await().atMost(SOON).pollInterval(Duration.ofMillis(500)).until(() -> {
                sink.append(partition, "large", "x".repeat(2_000));
                sink.untilCommitted();
                return bucket.keys().contains("large");
            });
        }
    }

    @Test
    void aWriteIsMarkedWithTheTopicThatTheClaimKnows() throws Exception {
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, partition)) {
            sink.append(partition, "a", "1");
            sink.untilCommitted();
            assertThat(origin("a")).startsWith(name);
        }
        // As if Kafka had told the id at an earlier claim.
        Uuid id = Uuid.randomUuid();
        String subject = "$KV." + name + "=o." + OffsetName.of(CONNECTOR, partition);
        String stored = new String(
                connection.api().lastMessage("KV_" + name, subject).join().getData(), StandardCharsets.UTF_8);
        assertThat(stored).doesNotContain("topic_id");
        server().jetStream()
                .publish(
                        subject,
                        stored.replace("\"owner\":", "\"topic_id\":\"" + id + "\",\"owner\":")
                                .getBytes(StandardCharsets.UTF_8));
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, partition)) {
            sink.append(partition, "a", "1");
            sink.append(partition, "b", "1");
            sink.untilCommitted();
            assertThat(origin("b")).contains(id.toString(), name);
        }
    }

    /** The topic's name in the mark of a key's last write. */
    private String origin(String key) {
        return connection
                .api()
                .lastMessage("KV_" + name, "$KV." + name + "." + key)
                .join()
                .getHeaders()
                .getLast(KvHeaders.ORIGIN);
    }

    @Test
    void aResetTakesWhatTheGroupHasNotCommitted() {
        TopicPartition second = new TopicPartition(name, 1);
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, partition, second)) {
            fill(sink, 0, 10);
            sink.append(second, "a", "1");
            sink.untilCommitted();
        }
        Map<TopicPartition, Long> committed = new HashMap<>();
        committed.put(partition, null);
        new NatsKvSinkConnector().alterOffsets(settings(), committed);
        assertThat(stored(partition).next()).isEqualTo(StoredOffset.NONE);
        assertThat(stored(second).next()).isEqualTo(StoredOffset.NONE);
        // Setting one leaves the other alone.
        new NatsKvSinkConnector().alterOffsets(settings(), Map.of(partition, 3L, second, 1L));
        new NatsKvSinkConnector().alterOffsets(settings(), Map.of(partition, 5L));
        assertThat(stored(second).next()).isEqualTo(1);
    }

    @Test
    void aTaskThatHangsAboutDoesNotUndoAReset() {
        try (SinkTaskHarness zombie = SinkTaskHarness.start(settings(), false, partition)) {
            fill(zombie, 0, 100);
            zombie.untilCommitted();
            Map<TopicPartition, Long> reset = new HashMap<>();
            reset.put(partition, null);
            new NatsKvSinkConnector().alterOffsets(settings(), reset);
            assertThat(stored(partition).epoch()).isEqualTo(2);
            fill(zombie, 100, 110);
            Awaitility.await().atMost(SOON).pollInterval(Duration.ofMillis(5)).until(() -> {
                zombie.iterate();
                return stored(partition).epoch() == 3;
            });
            assertThat(stored(partition).next()).isEqualTo(StoredOffset.NONE);
        }
    }

    @Test
    void aWriteThatTheServerRefusesIsFound() throws Exception {
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), true, partition)) {
            sink.append(partition, "first", "1");
            sink.untilCommitted();
            // Behind the back of the task, which has looked at the limit before.
            edit(config -> config.maximumMessageSize(1_000));
            fill(sink, 1, 20);
            SinkRecord large = sink.append(partition, "large", "x".repeat(2_000));
            fill(sink, 21, 60);
            sink.untilCommitted();
            assertThat(sink.reported()).containsExactly(large);
            assertAccounted(59, partition);
        }
    }

    @Test
    void aFullBucketBlocksUntilThereIsRoom() throws Exception {
        edit(config -> config.maxBytes(60_000));
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, partition)) {
            for (int i = 0; i < 100; i++) {
                sink.append(partition, "k" + i, "x".repeat(900));
            }
            Awaitility.await().atMost(SOON).pollInterval(Duration.ofMillis(5)).until(() -> {
                sink.iterate();
                sink.commit();
                return bucket.status().bytes() > 57_500;
            });
            long before = sink.committed(partition);
            assertThat(before)
                    .as("records that fit were stored, by smaller and smaller batches")
                    .isGreaterThan(30);
            edit(config -> config.maxBytes(-1));
            sink.untilCommitted();
            assertAccounted(100, partition);
        }
    }

    @Test
    void theRoomForOffsetsIsMadeAgain() throws Exception {
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, partition)) {
            fill(sink, 0, 100);
            sink.untilCommitted();
            // As a client does that knows nothing of it.
            StreamConfiguration old = stream().getConfiguration();
            edit(config -> config.subjects("$KV." + name + ".>").allowAtomicPublish(false));
            assertThat(old.getSubjects()).contains("$KV." + name + "=o.>");
            fill(sink, 100, 200);
            sink.untilCommitted();
            assertThat(stream().getConfiguration().getSubjects()).contains("$KV." + name + "=o.>");
            assertAccounted(200, partition);
        }
    }

    @Test
    void aPurgedBucketIsFilledFromWhereTheTaskStands() throws Exception {
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, partition)) {
            fill(sink, 0, 100);
            sink.untilCommitted();
            server().jetStreamManagement().purgeStream("KV_" + name);
            fill(sink, 100, 120);
            sink.untilCommitted();
            assertThat(stored(partition).next()).isEqualTo(120);
            assertThat(bucket.keys()).hasSize(20);
        }
    }

    @Test
    void aDeletedBucketFailsTheTaskOrIsMadeAnew() {
        Map<String, String> settings = settings();
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, partition)) {
            fill(sink, 0, 100);
            sink.untilCommitted();
            buckets.delete(name);
            fill(sink, 100, 120);
            assertThatThrownBy(sink::untilCommitted)
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining(name)
                    .hasMessageContaining("not found");
        }
        settings.put(BucketSettings.CREATE, "true");
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, partition)) {
            fill(sink, 0, 100);
            sink.untilCommitted();
            buckets.delete(name);
            fill(sink, 100, 120);
            sink.untilCommitted();
            assertThat(bucket.keys()).hasSize(20);
            assertThat(stored(partition).next()).isEqualTo(120);
        }
    }

    @Test
    void aRecordBelowTheStoredOffsetFailsOrResets() {
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, partition)) {
            fill(sink, 0, 100);
            sink.untilCommitted();
        }
        // The topic begins anew, and the consumer is sent to its beginning.
        Map<String, String> settings = settings();
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, partition)) {
            sink.beginsAt(0);
            fill(sink, 0, 5);
            assertThatThrownBy(sink::untilCommitted)
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("up to offset 100")
                    .hasMessageContaining(ExactlyOnceConfig.ON_OFFSET_MISMATCH);
        }
        settings.put(ExactlyOnceConfig.ON_OFFSET_MISMATCH, "reset");
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, partition)) {
            sink.beginsAt(0);
            fill(sink, 0, 5);
            sink.untilCommitted();
            assertThat(stored(partition).next()).isEqualTo(5);
        }
        assertAccounted(105, partition);
    }

    @Test
    void batchesOfUnknownFateAreStoredOnce() throws Exception {
        long seed = System.nanoTime();
        System.out.println("links broken with seed " + seed);
        Random random = new Random(seed);
        Map<String, String> settings = settings();
        settings.put(SinkConfig.ACK_TIMEOUT_MS, "500");
        try (TcpProxy proxy = TcpProxy.to(server)) {
            settings.put("nats.servers", proxy.url());
            settings.put("nats.ignore.discovered.servers", "true");
            try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, partition)) {
                for (int fault = 0; fault < 12; fault++) {
                    fill(sink, 300 * fault, 300 * fault + 300);
                    int before = random.nextInt(4);
                    for (int i = 0; i < before; i++) {
                        sink.iterate();
                    }
                    switch (random.nextInt(3)) {
                        case 0 -> proxy.cut();
                        case 1 -> proxy.reset();
                        default -> {
                            proxy.halfOpen();
                            for (int i = 0; i < 3; i++) {
                                sink.iterate();
                            }
                            proxy.heal();
                        }
                    }
                    sink.untilCommitted();
                }
            }
        }
        assertAccounted(3_600, partition);
        assertThat(bucket.history("k7")).extracting(ExactlyOnceTaskTest::text).isSorted();
    }

    @Test
    void aTtlBucketKeepsItsOffsetsOverARestart() {
        String expiring = name + "-expiring";
        buckets.create(BucketConfig.builder(expiring)
                .ttl(Duration.ofSeconds(2))
                .limitMarkerTtl(Duration.ofSeconds(1))
                .build());
        Map<String, String> settings = settings();
        settings.put(SinkConfig.BUCKET_TEMPLATE, expiring);
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, partition)) {
            fill(sink, 0, 100);
            sink.untilCommitted();
        }
        KvBucket target = buckets.open(expiring);
        Awaitility.await().atMost(SOON).until(() -> target.keys().isEmpty());
        server.kill();
        server.restart();
        Awaitility.await()
                .atMost(SOON)
                .ignoreExceptions()
                .until(() -> stored(expiring, partition).next() == 100);
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, partition)) {
            fill(sink, 0, 110);
            sink.untilCommitted();
        }
        assertThat(target.keys()).hasSizeLessThanOrEqualTo(10);
        assertThat(stored(expiring, partition).next()).isEqualTo(110);
    }

    @Test
    void bucketsThatCantHoldOffsetsAreRefusedAndLeftAlone() {
        buckets.create(
                BucketConfig.builder(name + "-ttl").ttl(Duration.ofHours(1)).build());
        buckets.create(BucketConfig.builder(name + "-republish")
                .republish(io.nats.client.api.Republish.builder()
                        .source(">")
                        .destination("copy.>")
                        .build())
                .build());
        assertRefused(name + "-ttl", "limit markers");
        assertRefused(name + "-republish", ExactlyOnceConfig.ALLOW_REPUBLISH);
        assertRefused(name + "-missing", "not found");

        Map<String, String> confirmed = settings();
        confirmed.put(SinkConfig.BUCKET_TEMPLATE, name + "-republish");
        confirmed.put(ExactlyOnceConfig.ALLOW_REPUBLISH, "true");
        try (SinkTaskHarness sink = SinkTaskHarness.start(confirmed, false, partition)) {
            fill(sink, 0, 10);
            sink.untilCommitted();
        }
    }

    @Test
    void anOldServerIsRefused() {
        try (NatsServer old = NatsServer.start(NatsVersion.V2_10);
                KvConnection toOld = KvConnection.open(NatsConnectionConfig.of(old.url()))) {
            new KvBuckets(toOld).create(BucketConfig.of(name));
            Map<String, String> settings = settings();
            settings.put("nats.servers", old.url());
            settings.put(BucketSettings.CREATE, "true");
            settings.put(SinkConfig.BUCKET_TEMPLATE, "missing");
            try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, partition)) {
                fill(sink, 0, 10);
                assertThatThrownBy(sink::untilCommitted)
                        .isInstanceOf(ConnectException.class)
                        .hasMessageContaining("2.12");
            }
            Map<String, String> validated = new HashMap<>(settings);
            validated.put("connector.class", NatsKvSinkConnector.class.getName());
            validated.put("topics", name);
            assertThat(errors(validated).get(SinkConfig.DELIVERY)).contains("2.12");
            assertThat(new KvBuckets(toOld).names())
                    .as("nothing is created in vain")
                    .containsExactly(name);
            settings.put(SinkConfig.BUCKET_TEMPLATE, name);
            try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, partition)) {
                fill(sink, 0, 10);
                assertThatThrownBy(sink::untilCommitted)
                        .isInstanceOf(ConnectException.class)
                        .hasMessageContaining("2.12");
            }
        }
    }

    @Test
    void validationTellsWhatCantBe() {
        buckets.create(
                BucketConfig.builder(name + "-ttl").ttl(Duration.ofHours(1)).build());
        Map<String, String> settings = settings();
        settings.put("connector.class", NatsKvSinkConnector.class.getName());
        settings.put("topics", name);
        assertThat(errors(settings)).isEmpty();
        settings.put(SinkConfig.BUCKET_TEMPLATE, name + "-ttl");
        assertThat(errors(settings).get(SinkConfig.DELIVERY)).contains("limit markers");
        settings.put(SinkConfig.BUCKET_TEMPLATE, "${header.bucket}");
        assertThat(errors(settings).get(SinkConfig.BUCKET_TEMPLATE)).contains("at_least_once");
        settings.put(SinkConfig.BUCKET_TEMPLATE, name);
        settings.put(SinkConfig.WRITE_MODE, "create");
        assertThat(errors(settings).get(SinkConfig.WRITE_MODE)).contains("at_least_once");
        settings.remove(SinkConfig.WRITE_MODE);
        settings.put(BucketSettings.CREATE, "true");
        settings.put(BucketSettings.TTL_MS, "60000");
        settings.put(SinkConfig.BUCKET_TEMPLATE, name + "-missing");
        assertThat(errors(settings).get(BucketSettings.TTL_MS)).contains(BucketSettings.LIMIT_MARKER_TTL_MS);
        settings.put(BucketSettings.LIMIT_MARKER_TTL_MS, "1000");
        assertThat(errors(settings)).isEmpty();
    }

    private static Map<String, String> errors(Map<String, String> settings) {
        Map<String, String> errors = new HashMap<>();
        new NatsKvSinkConnector()
                .validate(settings)
                .configValues()
                .forEach(value -> value.errorMessages().forEach(message -> errors.put(value.name(), message)));
        return errors;
    }

    private void assertRefused(String target, String reason) {
        Map<String, String> settings = settings();
        settings.put(SinkConfig.BUCKET_TEMPLATE, target);
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, partition)) {
            fill(sink, 0, 10);
            assertThatThrownBy(sink::untilCommitted)
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining(target)
                    .hasMessageContaining(reason);
        }
    }

    /** Nothing is in the stream that is not a record, the offset of a batch, or a claim. */
    private void assertAccounted(long records, TopicPartition... partitions) {
        long offsets = 0;
        for (TopicPartition each : partitions) {
            StoredOffset stored = stored(each);
            offsets += stored.batches() + stored.epoch();
        }
        assertThat(stream().getStreamState().getLastSequence()).isEqualTo(records + offsets);
    }

    private StoredOffset stored(TopicPartition of) {
        return stored(name, of);
    }

    private StoredOffset stored(String in, TopicPartition of) {
        String subject = "$KV." + in + "=o." + OffsetName.of(CONNECTOR, of);
        return StoredOffset.parse(
                        connection.api().lastMessage("KV_" + in, subject).join().getData())
                .orElseThrow();
    }

    private StreamInfo stream() {
        return connection.api().streamInfo("KV_" + name).join();
    }

    private io.nats.client.Connection server() {
        return connection.nats();
    }

    private void edit(java.util.function.UnaryOperator<StreamConfiguration.Builder> change) throws Exception {
        server().jetStreamManagement()
                .updateStream(change.apply(StreamConfiguration.builder(stream().getConfiguration()))
                        .build());
    }

    private void fill(SinkTaskHarness sink, int from, int to) {
        for (int i = from; i < to; i++) {
            sink.append(partition, "k" + i % 100, String.format("%08d", i));
        }
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>();
        settings.put("name", CONNECTOR);
        settings.put("nats.servers", server.url());
        settings.put(SinkConfig.BUCKET_TEMPLATE, name);
        settings.put(SinkConfig.DELIVERY, "exactly_once");
        return settings;
    }

    private static ConnectHeaders operation(String operation) {
        ConnectHeaders headers = new ConnectHeaders();
        headers.addString(KvKafkaHeaders.OPERATION, operation);
        return headers;
    }

    private static String text(KvEntry entry) {
        return new String(entry.value(), StandardCharsets.UTF_8);
    }
}
