package io.natskv.connect.sink;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.testing.docs.GeneratedPage;
import io.natskv.testing.docs.SettingsReference;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class SinkReferenceTest {
    @Test
    void thePageIsWhatTheCodeSays() throws IOException {
        String introduction = """
                Every setting of `io.natskv.connect.sink.NatsKvSinkConnector`. What they are for is told in the
                [connector's own page](../connect-sink/README.md). Connect's own settings (`topics`, `tasks.max`, converters, transforms,
                `errors.*`, `consumer.override.*`) stand beside them.
                """;
        GeneratedPage.check(
                "sink-configuration.md",
                SettingsReference.of("Sink connector: settings", introduction, SinkConfig.DEF),
                SinkReferenceTest.class);
    }
}
