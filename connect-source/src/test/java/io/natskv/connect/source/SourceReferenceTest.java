package io.natskv.connect.source;

import io.natskv.testing.docs.GeneratedPage;
import io.natskv.testing.docs.SettingsReference;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class SourceReferenceTest {
    @Test
    void thePageIsWhatTheCodeSays() throws IOException {
        String introduction = """
                Every setting of `io.natskv.connect.source.NatsKvSourceConnector`. What they are for is told in the
                [connector's own page](../connect-source/README.md). Connect's own settings (`tasks.max`, converters, transforms,
                `errors.*`, `producer.override.*`, `topic.creation.*`) stand beside them.
                """;
        GeneratedPage.check(
                "source-configuration.md",
                SettingsReference.of("Source connector: settings", introduction, SourceConfig.DEF),
                SourceReferenceTest.class);
    }
}
