package io.natskv.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.connect.sink.config.BucketSettings;
import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connect.ConnectionSettings;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Buckets that go away or can't be opened, and tasks that can't be started. */
class SinkTroubleTest {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.V2_15);

    private KvConnection connection;
    private KvBuckets buckets;

    @BeforeEach
    void connect() {
        connection = KvConnection.open(NatsConnectionConfig.of(NATS.url()));
        buckets = new KvBuckets(connection);
    }

    @AfterEach
    void close() {
        connection.close();
    }

    @Test
    void aBucketThatIsDeletedUnderTheTaskIsMadeAnewIfItMayMakeBuckets() {
        TopicPartition partition = new TopicPartition("made-anew", 0);
        try (SinkTaskHarness sink = start(partition, Map.of(BucketSettings.CREATE, "true"))) {
            sink.append(partition, "a", "1");
            sink.untilCommitted();
            buckets.delete(partition.topic());
            sink.append(partition, "a", "2");
            sink.append(partition, "b", "3");
            sink.untilCommitted();
            KvBucket made = buckets.open(partition.topic());
            assertThat(made.get("a").value()).asString().isEqualTo("2");
            assertThat(made.get("b").value()).asString().isEqualTo("3");
        }
    }

    @Test
    void aBucketThatIsDeletedUnderTheTaskFailsItElse() {
        TopicPartition partition = new TopicPartition("deleted", 0);
        buckets.create(BucketConfig.of(partition.topic()));
        try (SinkTaskHarness sink = start(partition, Map.of())) {
            sink.append(partition, "a", "1");
            sink.untilCommitted();
            buckets.delete(partition.topic());
            sink.append(partition, "a", "2");
            assertThatThrownBy(sink::untilCommitted)
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("Bucket \"deleted\" not found");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"at_least_once", "exactly_once"})
    void whatKeptABucketFromBeingOpenedIsToldWhenTheTaskFails(String delivery) {
        TopicPartition partition = new TopicPartition("no-room-" + delivery, 0);
        Map<String, String> settings = Map.of(
                SinkConfig.DELIVERY,
                delivery,
                BucketSettings.CREATE,
                "true",
                // No server has so much room.
                BucketSettings.MAX_BYTES,
                "" + (1L << 60),
                SinkConfig.ACK_TIMEOUT_MS,
                "500",
                SinkConfig.DELIVERY_DEADLINE_MS,
                "4000",
                SinkConfig.MAX_RETRIES,
                "0");
        try (SinkTaskHarness sink = start(partition, settings)) {
            sink.append(partition, "a", "1");
            assertThatThrownBy(sink::untilCommitted)
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("[10047]");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"at_least_once", "exactly_once"})
    void aStartThatFailsLeavesNothingOpen(String delivery) {
        String name = "failed-start-" + delivery;
        for (Map<String, String> wrong : List.of(
                Map.of(SinkConfig.KAFKA_ADMIN_SERVERS, "nowhere"),
                Map.of(
                        SinkConfig.KAFKA_ADMIN_SERVERS,
                        "127.0.0.1:1",
                        ConnectionSettings.USERNAME,
                        "without-password"))) {
            Map<String, String> settings = new HashMap<>(wrong);
            settings.put("name", name);
            settings.put("kafka.admin.client.id", name);
            settings.put("nats.servers", NATS.url());
            settings.put(SinkConfig.DELIVERY, delivery);
            assertThatThrownBy(() -> SinkTaskHarness.start(settings, false, new TopicPartition(name, 0)))
                    .as("%s", wrong)
                    .isInstanceOf(RuntimeException.class);
            Awaitility.await()
                    .untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                            .extracting(Thread::getName)
                            .noneMatch(thread -> thread.contains(name)));
        }
    }

    private SinkTaskHarness start(TopicPartition partition, Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(more);
        settings.put("name", partition.topic());
        settings.put("nats.servers", NATS.url());
        return SinkTaskHarness.start(settings, false, partition);
    }
}
