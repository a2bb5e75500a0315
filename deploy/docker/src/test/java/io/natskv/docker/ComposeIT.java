package io.natskv.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.natskv.testing.kafka.ConnectRest;
import io.natskv.testing.process.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The compose file, and the configurations beside it, as the README says. */
@RequiresDocker
class ComposeIT {
    private static final Duration START = Duration.ofMinutes(3);

    private final Map<String, String> environment = new HashMap<>();
    private final Thread lastResort = new Thread(this::down, "compose-down");
    private Compose compose;

    @BeforeEach
    void prepare(DockerImages images) throws IOException {
        environment.put("COMPOSE_PROJECT_NAME", "natskv-test-" + UUID.randomUUID());
        environment.put("NATS_IMAGE", images.nats());
        environment.put("KAFKA_IMAGE", images.kafka());
        environment.put("WORKER_IMAGE", images.worker());
        for (String port : new String[] {"NATS_PORT", "KAFKA_PORT", "CONNECT_PORT"}) {
            environment.put(port, String.valueOf(FreePorts.next()));
        }
        Optional<Compose> found = Compose.find(WorkerImage.folder(), environment);
        if (found.isEmpty()) {
            System.out.println("ComposeIT is SKIPPED: neither \"docker compose\" nor \"docker-compose\" is there");
        }
        Assumptions.assumeTrue(found.isPresent(), "neither \"docker compose\" nor \"docker-compose\" is there");
        compose = found.get();
        Runtime.getRuntime().addShutdownHook(lastResort);
    }

    @AfterEach
    void remove() throws IOException {
        if (compose != null) {
            Files.writeString(Containers.freshLog("compose"), compose.run("logs", "--no-color"));
            Runtime.getRuntime().removeShutdownHook(lastResort);
            down();
        }
    }

    @Test
    void theServicesCarryABucketIntoAnother() throws Exception {
        compose.run("up", "--detach", "--no-build");
        ConnectRest rest = new ConnectRest("http://127.0.0.1:" + environment.get("CONNECT_PORT"));
        await("healthy worker").atMost(START).ignoreExceptions().until(rest::healthy);

        try (Orders orders = new Orders("nats://127.0.0.1:" + environment.get("NATS_PORT"))) {
            Orders.connect(rest);
            orders.change("compose");
            assertThat(orders.awaitCopy()).containsExactlyInAnyOrderEntriesOf(Orders.changed("compose"));
            assertThat(Orders.topicSettings("127.0.0.1:" + environment.get("KAFKA_PORT")))
                    .isEqualTo("3 compact");
        }
    }

    private void down() {
        try {
            compose.run("down", "--volumes", "--timeout", "5");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
