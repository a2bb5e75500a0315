package io.natskv.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.Test;

class MistypedSettingsTest {
    private final NatsKvSinkConnector connector = new NatsKvSinkConnector();

    @Test
    void aMissingSettingIsExplainedByTheOneThatWasMistyped() {
        Map<String, String> settings = Map.of(
                "name", "test",
                "connector.class", NatsKvSinkConnector.class.getName(),
                "topics", "orders",
                "nats.server", "nats://127.0.0.1:1");

        List<String> messages = connector.validate(settings).configValues().stream()
                .filter(value -> value.name().equals("nats.servers"))
                .map(ConfigValue::errorMessages)
                .findFirst()
                .orElseThrow();

        assertThat(messages)
                .anyMatch(message -> message.contains("\"nats.server\" is unknown")
                        && message.contains("did you mean \"nats.servers\"?"));
    }
}
