package io.natskv.connect.sink.delivery;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.delivery.PartitionWatermarks.Tracked;
import io.natskv.core.error.UnavailableException;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;

class RetriesTest {
    private static final TopicPartition ONE = new TopicPartition("t", 0);
    private static final TopicPartition OTHER = new TopicPartition("t", 1);

    private final PartitionWatermarks watermarks = new PartitionWatermarks();
    private final Retries retries =
            new Retries(new SinkConfig(Map.of("nats.servers", "nats://127.0.0.1:1", SinkConfig.MAX_RETRIES, "2")));

    @Test
    void partitionsThatFailInTurnAndGoOnDontAddUp() {
        for (int i = 0; i < 10; i++) {
            Tracked one = watermarks.track(ONE, i);
            Tracked other = watermarks.track(OTHER, i);
            assertThatCode(() -> {
                        fail(one);
                        fail(other);
                        retries.done(one);
                        retries.done(other);
                    })
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void whicheverRecordOfAPartitionFailsFirstItsAttemptsCount() {
        Tracked first = watermarks.track(ONE, 1);
        Tracked second = watermarks.track(ONE, 2);
        fail(second);
        fail(first);
        retries.done(second);
        assertThatThrownBy(() -> fail(first)).isInstanceOf(ConnectException.class);
    }

    @Test
    void aPartitionThatComesBackBeginsAnew() {
        Tracked first = watermarks.track(ONE, 1);
        fail(first);
        fail(first);
        retries.forget(List.of(ONE));
        assertThatCode(() -> fail(first)).doesNotThrowAnyException();
    }

    private void fail(Tracked place) {
        retries.count(place, new UnavailableException("away", null));
    }
}
