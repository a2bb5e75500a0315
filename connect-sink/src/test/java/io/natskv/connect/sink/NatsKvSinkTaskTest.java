package io.natskv.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.core.KvEntry;
import io.natskv.core.KvOperation;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.sink.SinkRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class NatsKvSinkTaskTest extends SinkTaskFixture {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.V2_15);

    @Override
    NatsServerExtension nats() {
        return NATS;
    }

    @Test
    void putsDeletesAndPurges() {
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, partition)) {
            sink.append(partition, "a", "1");
            sink.append(partition, "a", "2");
            sink.append(partition, "a", (String) null);
            sink.append(partition, "empty", "");
            sink.append(partition, "purged", "x");
            sink.append(partition, "purged", null, operation("PURGE"));
            sink.append(partition, "deleted", null, operation("DELETE"));
            sink.untilCommitted();
            assertThat(bucket.history("a"))
                    .extracting(KvEntry::operation)
                    .containsExactly(KvOperation.PUT, KvOperation.PUT, KvOperation.DELETE);
            assertThat(bucket.get("empty").value()).isEmpty();
            assertThat(bucket.history("purged")).extracting(KvEntry::operation).containsExactly(KvOperation.PURGE);
            assertThat(bucket.history("deleted")).extracting(KvEntry::operation).containsExactly(KvOperation.DELETE);
        }
    }

    @Test
    void keepsTheOrderOfEachKeyAcrossManyInFlight() {
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
        }
    }

    @Test
    void smallBoundsHoldBackAndLoseNothing() {
        Map<String, String> settings = settings();
        settings.put(SinkConfig.MAX_IN_FLIGHT, "3");
        settings.put(SinkConfig.MAX_IN_FLIGHT_BYTES, "250");
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, partition)) {
            for (int i = 0; i < 600; i++) {
                sink.append(partition, "k" + i % 20, "v" + i);
            }
            sink.append(partition, "k0", "larger than all that may be in flight ".repeat(10));
            sink.untilCommitted();
            for (int key = 1; key < 20; key++) {
                assertThat(bucket.history("k" + key)).hasSize(30);
            }
            assertThat(bucket.get("k0").value()).hasSize(380);
        }
    }

    @Test
    void coalescingKeepsTheLastState() {
        Map<String, String> settings = settings();
        settings.put(SinkConfig.COALESCE, "true");
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, partition)) {
            for (int i = 0; i < 1_000; i++) {
                sink.append(partition, "k" + i % 3, i == 998 ? null : "v" + i);
            }
            sink.untilCommitted();
            assertThat(text(bucket.get("k0"))).isEqualTo("v999");
            assertThat(text(bucket.get("k1"))).isEqualTo("v997");
            assertThat(bucket.lastAsync("k2").join().operation()).isEqualTo(KvOperation.DELETE);
            assertThat(bucket.status().lastRevision()).as("writes left out").isLessThan(1_000);
        }
    }

    @Test
    void transformsRouteRecordsAndOffsetsStayWithWhatWasRead() {
        KvBucket other = buckets.create(BucketConfig.of(name + "-other"));
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, partition)) {
            sink.transform(record -> record.newRecord(
                    name + "-other",
                    7,
                    record.keySchema(),
                    "routed." + record.key(),
                    record.valueSchema(),
                    record.value(),
                    record.timestamp()));
            sink.append(partition, "a", "1");
            sink.append(partition, "b", "2");
            sink.untilCommitted();
            assertThat(text(other.get("routed.b"))).isEqualTo("2");
            assertThat(sink.committed(partition)).isEqualTo(2);
        }
    }

    @Test
    void eachTopicHasItsBucket() {
        KvBucket other = buckets.create(BucketConfig.of(name + "-other"));
        TopicPartition second = new TopicPartition(name + "-other", 0);
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, partition, second)) {
            sink.append(partition, "a", "1");
            sink.append(second, "a", "2");
            sink.untilCommitted();
            assertThat(text(bucket.get("a"))).isEqualTo("1");
            assertThat(text(other.get("a"))).isEqualTo("2");
        }
    }

    @Test
    void aRejectedRecordGoesToTheReporterAndTheRestGoesOn() {
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), true, partition)) {
            sink.append(partition, "good", "1");
            SinkRecord illegalKey = sink.append(partition, "not legal", "2");
            SinkRecord noKey = sink.append(partition, null, "3".getBytes(StandardCharsets.UTF_8), new ConnectHeaders());
            SinkRecord tooLarge = sink.append(partition, "large", new byte[2 << 20], new ConnectHeaders());
            sink.append(partition, "good", "4");
            sink.untilCommitted();
            assertThat(sink.reported()).containsExactlyInAnyOrder(illegalKey, noKey, tooLarge);
            assertThat(text(bucket.get("good"))).isEqualTo("4");
        }
    }

    @Test
    void withoutReporterARejectedRecordFailsTheTaskByName() {
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, partition)) {
            sink.append(partition, "good", "1");
            sink.append(partition, "not legal", "2");
            assertThatThrownBy(sink::iterate)
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining(partition + "-1")
                    .hasMessageContaining("not legal")
                    .hasMessageContaining("errors.tolerance");
        }
    }

    @Test
    void aMissingBucketFailsTheTaskWithAdvice() {
        TopicPartition nowhere = new TopicPartition("nowhere", 0);
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, nowhere)) {
            sink.append(nowhere, "a", "1");
            assertThatThrownBy(sink::untilCommitted)
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("Bucket \"nowhere\" not found")
                    .hasMessageContaining("create it");
        }
    }

    @Test
    void aKilledServerLosesNothing() {
        long seed = System.nanoTime();
        System.out.println("aKilledServerLosesNothing seed=" + seed);
        Random random = new Random(seed);
        Map<String, String> settings = settings();
        settings.put(SinkConfig.ACK_TIMEOUT_MS, "300");
        settings.put(SinkConfig.DELIVERY_DEADLINE_MS, "1000");
        Map<String, String> model = new HashMap<>();
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, partition)) {
            for (int round = 0; round < 4; round++) {
                for (int i = 0; i < 2_000; i++) {
                    String key = "k" + random.nextInt(50);
                    String value = random.nextInt(10) == 0 ? null : round + "-" + i;
                    sink.append(partition, key, value);
                    model.put(key, value);
                }
                sink.iterate();
                server.kill();
                boolean beyondTheDeadline = round % 2 == 0;
                int before = sink.rewinds();
                Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
                    sink.iterate();
                    sink.commit();
                    return !beyondTheDeadline || sink.rewinds() > before;
                });
                restartServer();
                sink.untilCommitted();
            }
        }
        Awaitility.await().ignoreExceptions().until(() -> bucket.status() != null);
        model.forEach((key, value) -> {
            KvEntry entry = bucket.lastAsync(key).join();
            assertThat(entry.operation().isMarker() ? null : text(entry))
                    .as(key)
                    .isEqualTo(value);
        });
    }

    @Test
    void startsCommitsAndStopsWhileTheServerIsDown() {
        server.kill();
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, partition)) {
            sink.append(partition, "a", "1");
            sink.iterate();
            sink.iterate();
            assertThat(sink.isPaused()).as("no more records while these wait").isTrue();
            sink.commit();
            assertThat(sink.committed(partition)).isZero();
            restartServer();
            sink.untilCommitted();
            assertThat(sink.isPaused()).isFalse();
            server.kill();
            sink.append(partition, "a", "2");
            sink.iterate();
            sink.revoke(partition);
            assertThat(sink.committed(partition)).isEqualTo(1);
        }
    }

    @Test
    void asksToBeCalledBackWhileWritesAreInFlight() {
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, partition)) {
            sink.append(partition, "a", "1");
            sink.untilCommitted();
            sink.iterate();
            assertThat(sink.isCalledBackSoon()).as("when idle").isFalse();
            server.pause();
            try {
                sink.append(partition, "a", "2");
                sink.iterate();
                assertThat(sink.isCalledBackSoon()).as("in flight").isTrue();
                assertThat(sink.isPaused()).isFalse();
                sink.commit();
                assertThat(sink.committed(partition)).isEqualTo(1);
            } finally {
                server.resume();
            }
            sink.untilCommitted();
        }
    }

    @Test
    void failsAfterTheLastRetry() {
        Map<String, String> settings = settings();
        settings.put(SinkConfig.ACK_TIMEOUT_MS, "100");
        settings.put(SinkConfig.DELIVERY_DEADLINE_MS, "3000");
        settings.put(SinkConfig.MAX_RETRIES, "1");
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, partition)) {
            sink.append(partition, "a", "1");
            sink.untilCommitted();
            server.kill();
            sink.append(partition, "a", "2");
            assertThatThrownBy(sink::untilCommitted)
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining(partition + "-1")
                    .hasMessageContaining(SinkConfig.MAX_RETRIES);
            assertThat(sink.rewinds()).isEqualTo(1);
        }
    }

    @Test
    void aPartitionThatComesBackGoesOnFromItsCommittedOffset() {
        TopicPartition second = new TopicPartition(name, 1);
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, partition, second)) {
            for (int i = 0; i < 1_000; i++) {
                sink.append(partition, "a" + i % 10, "" + i);
                sink.append(second, "b" + i % 10, "" + i);
            }
            sink.iterate();
            sink.revoke(second);
            sink.iterate();
            sink.assign(second);
            sink.untilCommitted();
            assertThat(text(bucket.get("a9"))).isEqualTo("999");
            assertThat(text(bucket.get("b9"))).isEqualTo("999");
        }
    }

    @Test
    void aReplayLeavesTheLastStateAlone() {
        for (int run = 0; run < 2; run++) {
            try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, partition)) {
                for (int i = 0; i < 100; i++) {
                    sink.append(partition, "k" + i % 10, "v" + i);
                }
                sink.untilCommitted();
            }
        }
        for (int key = 0; key < 10; key++) {
            assertThat(bucket.history("k" + key))
                    .as("the second run wrote nothing")
                    .hasSize(10);
        }
    }

    @Test
    void anotherOriginMakesOffsetsOfAnotherLogCount() {
        for (String origin : List.of("", "second", "third", "third")) {
            Map<String, String> settings = settings();
            settings.put(SinkConfig.ORIGIN_ID, origin);
            try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, partition)) {
                sink.append(partition, "k", origin + "0");
                sink.append(partition, "k", origin + "1");
                sink.untilCommitted();
            }
        }
        assertThat(bucket.history("k"))
                .as("each origin once")
                .extracting(SinkTaskFixture::text)
                .containsExactly("0", "1", "second0", "second1", "third0", "third1");
    }

    @Test
    void aPartitionThatWasTakenAwayIsNotWrittenAnyMore() {
        TopicPartition second = new TopicPartition(name, 1);
        for (boolean lost : List.of(false, true)) {
            String key = lost ? "lost" : "revoked";
            try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, partition, second)) {
                sink.append(second, "ready", key);
                sink.untilCommitted();
                server.kill();
                sink.append(partition, key, "of the old owner");
                sink.append(second, "kept." + key, "stays here");
                sink.iterate();
                if (lost) {
                    sink.lose(partition);
                } else {
                    sink.revoke(partition);
                }
                restartServer();
                sink.untilCommitted();
                Awaitility.await()
                        .ignoreExceptions()
                        .untilAsserted(() ->
                                assertThat(text(bucket.get("kept." + key))).isEqualTo("stays here"));
                assertThat(bucket.lastAsync(key).join()).isNull();
            }
        }
    }

    @Test
    void retriesCountAnewForAPartitionThatCameBack() {
        Map<String, String> settings = settings();
        settings.put(SinkConfig.ACK_TIMEOUT_MS, "100");
        settings.put(SinkConfig.DELIVERY_DEADLINE_MS, "3000");
        settings.put(SinkConfig.MAX_RETRIES, "1");
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, partition)) {
            sink.append(partition, "a", "1");
            sink.untilCommitted();
            server.kill();
            sink.append(partition, "a", "2");
            for (int owned = 1; owned <= 2; owned++) {
                int rewinds = owned;
                Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
                    sink.iterate();
                    return sink.rewinds() >= rewinds;
                });
                sink.revoke(partition);
                sink.assign(partition);
            }
            restartServer();
            sink.untilCommitted();
            assertThat(text(bucket.get("a"))).isEqualTo("2");
        }
    }

    @Test
    void stopsWithoutStart() {
        new NatsKvSinkTask().stop();
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>();
        settings.put("name", "test");
        settings.put("nats.servers", server.url());
        return settings;
    }
}
