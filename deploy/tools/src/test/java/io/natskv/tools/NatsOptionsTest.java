package io.natskv.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class NatsOptionsTest {
    @TempDir
    Path folder;

    @Test
    void theEnvironmentCountsWhereNothingElseIsSaid() {
        Map<String, String> settings = parse().settings(
                        Map.of(), Map.of("NATS_URL", "nats://a:1", "NATS_USER", "u", "NATS_PASSWORD", "p")::get);
        assertThat(settings)
                .containsOnly(
                        Map.entry("nats.servers", "nats://a:1"),
                        Map.entry("nats.username", "u"),
                        Map.entry("nats.password", "p"));
        assertThat(parse().settings(Map.of(), name -> null))
                .containsOnly(Map.entry("nats.servers", "nats://127.0.0.1:4222"));
    }

    @Test
    void whatIsTypedGoesBeforeFileConnectorAndEnvironment() throws IOException {
        Path file = folder.resolve("nats.properties");
        Files.writeString(file, "nats.servers=nats://file:1\nnats.jetstream.domain=hub\n");
        Map<String, String> connector =
                Map.of("nats.servers", "nats://connector:1", "nats.token", "t", "topics", "none of ours");
        assertThat(parse("--nats-config", file.toString())
                        .settings(connector, Map.of("NATS_URL", "nats://env:1", "NATS_CREDS", "env.creds")::get))
                .containsOnly(
                        Map.entry("nats.servers", "nats://file:1"),
                        Map.entry("nats.jetstream.domain", "hub"),
                        Map.entry("nats.token", "t"));
        assertThat(parse("--nats-config", file.toString(), "-s", "nats://typed:1", "--creds", "my.creds")
                        .settings(connector, name -> null))
                .containsEntry("nats.servers", "nats://typed:1")
                .containsEntry("nats.credentials.file", "my.creds")
                .doesNotContainKey("nats.token");
    }

    private static NatsOptions parse(String... arguments) {
        return CommandLine.populateCommand(new NatsOptions(), arguments);
    }
}
