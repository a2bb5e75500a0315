package io.natskv.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.Ports;
import io.nats.client.api.KeyValueOperation;
import io.natskv.testing.kafka.ConnectRest;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.testcontainers.containers.Container.ExecResult;

/** Bucket, topic, second bucket, with every server in a container. */
@RequiresDocker
@TestInstance(Lifecycle.PER_CLASS)
class RoundTripIT {
    private Containers containers;
    private ConnectRest rest;

    @BeforeAll
    void start(DockerImages images) {
        containers = Containers.start(images);
        rest = new ConnectRest(containers.restUrl());
    }

    @AfterAll
    void stop() {
        if (containers != null) {
            containers.close();
        }
    }

    @Test
    void everyOperationReachesTheSecondBucket() throws Exception {
        try (Orders orders = new Orders(containers.natsUrl())) {
            orders.change("snapshot");
            Orders.connect(rest);
            Map<String, Orders.Entry> expected = new TreeMap<>(Orders.changed("snapshot"));
            assertThat(orders.awaitCopy()).containsExactlyEntriesOf(expected);

            orders.change("live");
            expected.putAll(Orders.changed("live"));
            assertThat(orders.awaitCopy()).containsExactlyEntriesOf(expected);
            assertThat(orders.entries(Orders.BUCKET)).containsExactlyEntriesOf(expected);
            assertThat(lastValues(Orders.TOPIC)).containsExactlyEntriesOf(values(expected));
            assertThat(Orders.topicSettings(containers.bootstrap())).isEqualTo("3 compact");
        }
    }

    @Test
    void theWorkerLoadsThePluginByItsServiceFiles() {
        assertThat(rest.plugins())
                .contains("io.natskv.connect.source.NatsKvSourceConnector")
                .contains("io.natskv.connect.sink.NatsKvSinkConnector")
                .contains("\"version\":\"" + System.getProperty("natskv.version") + "\"");
    }

    @Test
    void theWorkerIsNotRootAndCannotChangeItsPrograms() throws Exception {
        ExecResult result = containers
                .worker()
                .execInContainer(
                        "bash",
                        "-c",
                        "id -u; find /opt/nats-kv /opt/kafka/plugins -writable; stat -c %a /tmp/*.properties");
        assertThat(result.getStdout().lines()).containsExactly("1000", "600");
    }

    @Test
    void portsAreOpenOnTheLoopbackInterfaceAlone() {
        Map<?, Ports.Binding[]> bindings = containers
                .worker()
                .getContainerInfo()
                .getNetworkSettings()
                .getPorts()
                .getBindings();
        assertThat(bindings.values().stream()
                        // Null for a port that the image exposes and nobody asked for.
                        .filter(Objects::nonNull)
                        .flatMap(Arrays::stream))
                .isNotEmpty()
                .allMatch(binding -> binding.getHostIp().equals("127.0.0.1"));
    }

    @Test
    void theImageIsLabelled() {
        assertThat(containers.worker().getContainerInfo().getConfig().getLabels())
                .containsEntry("org.opencontainers.image.title", "nats-kv-connect-worker")
                .containsEntry("org.opencontainers.image.version", System.getProperty("natskv.version"))
                .containsEntry("org.opencontainers.image.licenses", "Apache-2.0");
    }

    /** As a topic has it: null for what is deleted or purged. */
    private static Map<String, String> values(Map<String, Orders.Entry> entries) {
        Map<String, String> values = new TreeMap<>();
        entries.forEach(
                (key, entry) -> values.put(key, entry.operation() == KeyValueOperation.PUT ? entry.value() : null));
        return values;
    }

    private Map<String, String> lastValues(String topic) {
        Map<String, Object> config = Map.of("bootstrap.servers", containers.bootstrap());
        Map<String, String> values = new HashMap<>();
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(p -> new TopicPartition(topic, p.partition()))
                    .toList();
            consumer.assign(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            consumer.seekToBeginning(partitions);
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    values.put(record.key(), record.value() == null ? null : Orders.text(record.value()));
                }
            }
        }
        return new TreeMap<>(values);
    }
}
