package io.natskv.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.exactlyonce.ExactlyOnceConfig;
import io.natskv.connect.sink.exactlyonce.StoredOffset;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Where a task goes on, and who may set that. */
class ExactlyOnceOffsetsTest extends ExactlyOnceFixture {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.V2_15);

    @Override
    NatsServerExtension nats() {
        return NATS;
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
}
