package io.natskv.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.api.KeyValueConfiguration;
import io.natskv.testing.kafka.ConnectorStatus;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.process.FreePorts;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Exactly-once delivery on a real worker, where something around it is not as usual. */
class SinkExactlyOnceIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int PARTITIONS = 2;

    @RegisterExtension
    static final ConnectStack STACK =
            new ConnectStack(NatsServer.builder(), Map.of()).workerSession(Duration.ofSeconds(10));

    private static Admin admin;
    private static KafkaProducer<String, byte[]> producer;

    private Connection connection;
    private String name;

    @BeforeAll
    static void connectToKafka() {
        String bootstrap = STACK.broker().bootstrap();
        admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap));
        producer = new KafkaProducer<>(
                STACK.broker().producerSettings(), new StringSerializer(), new ByteArraySerializer());
    }

    @AfterAll
    static void disconnectFromKafka() {
        producer.close();
        admin.close();
    }

    @BeforeEach
    void createTopic(TestInfo test) throws Exception {
        name = test.getTestMethod().orElseThrow().getName();
        if (!STACK.nats().alive()) {
            STACK.nats().restart(); // the test before failed in the middle
        }
        connection = STACK.nats().connect();
        admin.createTopics(List.of(new NewTopic(name, PARTITIONS, (short) 1)))
                .all()
                .get();
    }

    @AfterEach
    void disconnect() throws InterruptedException {
        connection.close();
    }

    @Test
    void aTopicThatWasMadeAgainIsRefusedOrReset() throws Exception {
        Bucket.create(connection, name, 64);
        Map<String, String> settings = new HashMap<>(
                Map.of("kafka.admin.bootstrap.servers", STACK.broker().bootstrap()));
        send(0, 100);
        start(settings);
        awaitStored(100);
        STACK.rest().stop(name);
        STACK.rest().awaitState(name, "STOPPED", SOON);
        admin.deleteTopics(List.of(name)).all().get();
        await().atMost(SOON)
                .ignoreExceptionsInstanceOf(ExecutionException.class)
                .until(() -> {
                    admin.createTopics(List.of(new NewTopic(name, PARTITIONS, (short) 1)))
                            .all()
                            .get();
                    return true;
                });
        // More than before: by the offsets alone nobody could tell.
        send(1_000, 1_300);
        STACK.rest().resume(name);
        await().atMost(SOON).until(() -> STACK.rest().status(name).failed());
        ConnectorStatus status = STACK.rest().status(name);
        assertThat(status.describe()).contains("the topic was deleted and made again", "on.offset.mismatch");
        assertThat(StoredOffsets.of(connection, name).records()).isEqualTo(100);

        settings.put("on.offset.mismatch", "reset");
        start(settings);
        awaitStored(300);
        assertThat(Revision.all(connection, name)).hasSize(400);
    }

    @Test
    void offsetsAreSetAndResetOverRest() throws Exception {
        Bucket.create(connection, name, 64);
        send(0, 50);
        start(Map.of());
        awaitStored(50);
        STACK.rest().stop(name);
        STACK.rest().awaitState(name, "STOPPED", SOON);
        STACK.rest().resetOffsets(name);
        assertThat(StoredOffsets.of(connection, name).records()).isZero();
        STACK.rest().resume(name);
        awaitStored(50);
        assertThat(Revision.all(connection, name)).hasSize(100);

        STACK.rest().stop(name);
        STACK.rest().awaitState(name, "STOPPED", SOON);
        long before = nextOf(0);
        STACK.rest()
                .alterOffsets(
                        name,
                        "{\"offsets\":[{\"partition\":{\"kafka_topic\":\"" + name
                                + "\",\"kafka_partition\":0},\"offset\":{\"kafka_offset\":" + (before - 3) + "}}]}");
        STACK.rest().resume(name);
        awaitStored(50);
        assertThat(Revision.all(connection, name)).hasSize(103);
        assertAccounted(103);
    }

    @Test
    void offsetsOutliveTheValuesOfATtlBucketOverARestart() throws Exception {
        connection
                .keyValueManagement()
                .create(KeyValueConfiguration.builder()
                        .name(name)
                        .ttl(Duration.ofSeconds(2))
                        .limitMarker(Duration.ofSeconds(1))
                        .build());
        send(0, 100);
        start(Map.of());
        awaitStored(100);
        await().atMost(SOON).until(() -> connection.keyValue(name).keys().isEmpty());
        STACK.worker().kill();
        STACK.nats().kill();
        STACK.nats().restart();
        send(100, 120);
        STACK.worker().restart();
        awaitStored(120);
        assertThat(connection.keyValue(name).keys()).hasSizeLessThanOrEqualTo(20);
        assertThat(StoredOffsets.of(connection, name).claims()).isEqualTo(2 * PARTITIONS);
    }

    @Test
    void aHubIsWrittenThroughALeafnodeWithABucketOfTheSameName() throws Exception {
        int port = FreePorts.next();
        try (NatsServer hub = NatsServer.builder()
                        .jetStreamConfig("domain: hub")
                        .config("leafnodes { host: 127.0.0.1, port: " + port + " }")
                        .start();
                NatsServer leaf = NatsServer.builder()
                        .jetStreamConfig("domain: leaf")
                        .config("leafnodes { remotes: [ { url: \"nats-leaf://127.0.0.1:" + port + "\" } ] }")
                        .start();
                ConnectionTo toHub = new ConnectionTo(hub);
                ConnectionTo toLeaf = new ConnectionTo(leaf)) {
            Bucket.create(toHub.connection(), name, 64);
            Bucket.create(toLeaf.connection(), name, 64);
            send(0, 100);
            start(Map.of("nats.servers", leaf.url(), "nats.jetstream.domain", "hub"));
            await().atMost(SOON)
                    .ignoreExceptions()
                    .until(() -> StoredOffsets.of(toHub.connection(), name).records() == 100);
            assertThat(Revision.all(toHub.connection(), name)).hasSize(100);
            StoredOffsets offsets = StoredOffsets.of(toHub.connection(), name);
            assertThat(offsets.lastSequence()).isEqualTo(100 + offsets.messages());
            assertThat(StoredOffsets.of(toLeaf.connection(), name).lastSequence())
                    .as("messages in the leafnode's own bucket")
                    .isZero();

            // The same offsets for the leafnode's own bucket would be its own affair.
            start(Map.of("nats.servers", leaf.url()));
            await().atMost(SOON)
                    .ignoreExceptions()
                    .until(() -> !StoredOffsets.of(toLeaf.connection(), name)
                            .offsets()
                            .isEmpty());
            send(100, 130);
            await().atMost(SOON)
                    .ignoreExceptions()
                    .until(() -> StoredOffsets.of(toLeaf.connection(), name).records() == 130);
            assertThat(StoredOffsets.of(toHub.connection(), name).records()).isEqualTo(100);

            String other = name + "-at-least-once";
            Bucket.create(toHub.connection(), other, 64);
            Bucket.create(toLeaf.connection(), other, 64);
            Map<String, String> atLeastOnce = Map.of(
                    "nats.servers",
                    leaf.url(),
                    "nats.jetstream.domain",
                    "hub",
                    "delivery",
                    "at_least_once",
                    "bucket.template",
                    other);
            STACK.rest().put(other, config(atLeastOnce));
            await().atMost(SOON)
                    .ignoreExceptions()
                    .until(() -> Revision.all(toHub.connection(), other).size() == 130);
            assertThat(StoredOffsets.of(toLeaf.connection(), other).lastSequence())
                    .as("messages in the leafnode's own bucket")
                    .isZero();
            STACK.rest().delete(other);
            STACK.rest().delete(name);
        }
    }

    /** A connection that is closed without a word. */
    private record ConnectionTo(Connection connection) implements AutoCloseable {
        private ConnectionTo(NatsServer server) {
            this(server.connect());
        }

        @Override
        public void close() {
            try {
                connection.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void start(Map<String, String> settings) throws Exception {
        STACK.rest().put(name, config(settings));
        STACK.rest().awaitRunning(name, SOON);
    }

    private Map<String, String> config(Map<String, String> settings) throws Exception {
        Map<String, String> config = new HashMap<>(STACK.config("nats-kv-sink"));
        config.put("topics", name);
        config.put("bucket.template", name);
        config.put("delivery", "exactly_once");
        config.put("consumer.override.session.timeout.ms", "10000");
        config.putAll(settings);
        return config;
    }

    private void send(int from, int to) throws Exception {
        List<Future<?>> sent = new ArrayList<>();
        for (int i = from; i < to; i++) {
            sent.add(producer.send(new ProducerRecord<>(
                    name, i % PARTITIONS, "k" + i % 20, ("value " + i).getBytes(StandardCharsets.UTF_8))));
        }
        for (Future<?> each : sent) {
            each.get();
        }
    }

    private void awaitStored(long records) {
        await().atMost(SOON)
                .ignoreExceptions()
                .until(() -> StoredOffsets.of(connection, name).records() == records);
    }

    private long nextOf(int partition) throws Exception {
        return StoredOffsets.of(connection, name).offsets().stream()
                .filter(offset -> offset.get("partition").asInt() == partition)
                .findFirst()
                .orElseThrow()
                .get("next")
                .asLong();
    }

    /** Nothing else was ever stored. */
    private void assertAccounted(long records) throws Exception {
        StoredOffsets offsets = StoredOffsets.of(connection, name);
        assertThat(offsets.lastSequence()).isEqualTo(records + offsets.messages());
    }
}
