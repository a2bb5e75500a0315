package io.natskv.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.exactlyonce.ExactlyOnceConfig;
import io.natskv.connect.sink.exactlyonce.OffsetName;
import io.natskv.core.KvEntry;
import io.natskv.core.KvHeaders;
import io.natskv.core.KvOperation;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import io.natskv.testing.nats.TcpProxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ExactlyOnceTaskTest extends ExactlyOnceFixture {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.V2_15);

    @Override
    NatsServerExtension nats() {
        return NATS;
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
        jnats().jetStream()
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
    void aWriteThatTheServerRefusesIsFound() throws Exception {
        assertRefusedWriteIsFound(20, 60);
    }

    @Test
    void batchesOfUnknownFateAreStoredOnce() throws Exception {
        long seed = System.nanoTime();
        System.out.println("links broken with seed " + seed);
        Random random = new Random(seed);
        Map<String, String> settings = settings();
        settings.put(SinkConfig.ACK_TIMEOUT_MS, "500");
        // So that others are with the server before they can be stored.
        settings.put(ExactlyOnceConfig.BATCH_MAX_RECORDS, "50");
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
        assertThat(bucket.history("k7")).extracting(SinkTaskFixture::text).isSorted();
    }
}
