package io.natskv.connect.sink.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.connect.sink.config.SinkConfig;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;

class TopicIdsTest {
    @Test
    void nobodyIsAskedUnlessItIsSet() {
        assertThat(TopicIds.of(new SinkConfig(Map.of("nats.servers", "nats://unused"))))
                .isEmpty();
    }

    @Test
    void settingsThatMakeNoClientAreTold() {
        SinkConfig config = new SinkConfig(
                Map.of("nats.servers", "nats://unused", SinkConfig.KAFKA_ADMIN_SERVERS, "no such host:port"));
        assertThatThrownBy(() -> TopicIds.of(config))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining(SinkConfig.KAFKA_ADMIN_PREFIX);
    }
}
