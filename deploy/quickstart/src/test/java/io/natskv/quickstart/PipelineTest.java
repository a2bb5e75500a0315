package io.natskv.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.testing.kafka.ConnectRest;
import io.natskv.testing.process.FreePorts;
import java.util.List;
import org.junit.jupiter.api.Test;

class PipelineTest {
    private final Pipeline pipeline = new Pipeline(
            new ConnectRest("http://127.0.0.1:" + FreePorts.next()),
            Options.parse(List.of()).orElseThrow(),
            NatsConnectionConfig.of("nats://127.0.0.1:4222"));

    @Test
    void aWorkerThatIsNotThereIsTheUsersProblem() {
        assertThatThrownBy(pipeline::start)
                .isInstanceOf(UserProblem.class)
                .hasMessageContaining("The Connect worker does not answer any more");
    }

    @Test
    void theSinkLeavesTheTopicToTheSource() {
        assertThat(pipeline.sinkConfig()).containsEntry("consumer.override.allow.auto.create.topics", "false");
    }
}
