package io.natskv.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.DockerClient;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;
import org.testcontainers.containers.startupcheck.StartupCheckStrategy;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;

/** What the image makes of its variables, without servers. */
@RequiresDocker
class WorkerImageIT {
    private static final Duration START = Duration.ofMinutes(1);

    /** In place of Kafka's own script: shows what it would be started with. */
    private static final String SHOW = "#!/bin/sh\ncat \"$1\"\n";

    @Test
    void withoutBrokersItSaysWhatIsMissing(DockerImages images) {
        try (GenericContainer<?> worker = worker(images, Map.of())) {
            worker.withStartupCheckStrategy(new ExitCode(1)).start();
            assertThat(worker.getLogs()).contains("set CONNECT_BOOTSTRAP_SERVERS");
        }
    }

    @Test
    void variablesBecomeProperties(DockerImages images) {
        Map<String, String> variables = Map.of(
                "CONNECT_BOOTSTRAP_SERVERS", "one:9092,two:9092",
                "CONNECT_GROUP_ID", "blue",
                "CONNECT_STATUS_STORAGE_TOPIC", "elsewhere",
                "CONNECT_CONFIG_PROVIDERS_MY___ENV_PARAM_A__B", " C:\\new\nline=2");
        assertThat(properties(images, variables))
                .contains("bootstrap.servers=one:9092,two:9092")
                .contains("group.id=blue")
                .contains("config.storage.topic=blue-configs")
                .contains("offset.storage.topic=blue-offsets")
                .contains("status.storage.topic=elsewhere")
                .contains("config.providers.my-env.param.a_b=\\ C:\\\\new\\nline=2")
                .contains("plugin.path=/opt/kafka/plugins")
                .contains("value.converter=org.apache.kafka.connect.converters.ByteArrayConverter");
    }

    @Test
    void aFileOfPropertiesIsTakenAndVariablesWin(DockerImages images) {
        try (GenericContainer<?> worker = worker(
                images,
                Map.of("WORKER_PROPERTIES_FILE", "/mnt/worker.properties", "CONNECT_STATUS_STORAGE_TOPIC", "mine"))) {
            worker.withCopyToContainer(
                    Transferable.of("bootstrap.servers=three:9092\ngroup.id = green\nstatus.storage.topic=yours\n"),
                    "/mnt/worker.properties");
            worker.withStartupCheckStrategy(new OneShotStartupCheckStrategy().withTimeout(START))
                    .start();
            assertThat(worker.getLogs())
                    .contains("bootstrap.servers=three:9092")
                    .contains("config.storage.topic=green-configs")
                    .containsSubsequence("status.storage.topic=yours", "status.storage.topic=mine");
        }
    }

    private static String properties(DockerImages images, Map<String, String> variables) {
        try (GenericContainer<?> worker = worker(images, variables)) {
            worker.withStartupCheckStrategy(new OneShotStartupCheckStrategy().withTimeout(START))
                    .start();
            return worker.getLogs();
        }
    }

    private static GenericContainer<?> worker(DockerImages images, Map<String, String> variables) {
        return new GenericContainer<>(DockerImageName.parse(images.worker()))
                .withNetworkMode("none")
                .withEnv(variables)
                .withCopyToContainer(Transferable.of(SHOW, 0755), "/opt/kafka/bin/connect-distributed.sh");
    }

    /** A container that is meant to end with a given code. */
    private static final class ExitCode extends StartupCheckStrategy {
        private final long wanted;

        ExitCode(long wanted) {
            this.wanted = wanted;
            withTimeout(START);
        }

        @Override
        public StartupStatus checkStartupState(DockerClient engine, String containerId) {
            var state = engine.inspectContainerCmd(containerId).exec().getState();
            if (!"exited".equals(state.getStatus())) {
                return StartupStatus.NOT_YET_KNOWN;
            }
            return state.getExitCodeLong() == wanted ? StartupStatus.SUCCESSFUL : StartupStatus.FAILED;
        }
    }
}
