package io.natskv.camel.sample;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The sample runs as the README says. */
class SampleRouteTest {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

    private static final List<String> TIMEOUTS =
            List.of("camel.component.nats-kv.connection-timeout", "camel.component.nats-kv.request-timeout");

    @Test
    void writesAndReceives() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        // Longer than the defaults: a machine that stalls for some seconds is no reason to fail.
        for (String option : TIMEOUTS) {
            System.setProperty(option, "20000");
        }
        try {
            SampleRoute.run(NATS.url(), 12, new PrintStream(out, true, StandardCharsets.UTF_8));
        } finally {
            TIMEOUTS.forEach(System::clearProperty);
        }
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .anyMatch(line -> line.matches("wrote    weather\\.lima as revision \\d+"))
                .anyMatch(line -> line.matches("received weather\\.lima = -?\\d+\\.\\d °C.*"));
    }
}
