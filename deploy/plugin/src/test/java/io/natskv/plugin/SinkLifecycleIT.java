package io.natskv.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.api.KeyValueConfiguration;
import io.nats.client.api.StreamConfiguration;
import io.natskv.testing.nats.NatsServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A sink that is paused, stopped, rebalanced and reset on a real worker, with its server away and its bucket full or gone; both guarantees. */
class SinkLifecycleIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String EAGER = "org.apache.kafka.clients.consumer.RangeAssignor";
    private static final String COOPERATIVE = "org.apache.kafka.clients.consumer.CooperativeStickyAssignor";
    private static final int PARTITIONS = 4;
    private static final int KEYS = 20;

    @RegisterExtension
    static final ConnectStack STACK = new ConnectStack(NatsServer.builder(), Map.of());

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
        name = (test.getTestMethod().orElseThrow().getName() + "-" + test.getDisplayName())
                .replaceAll("[^A-Za-z0-9_]+", "-");
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

    @ParameterizedTest
    @CsvSource({
        "at_least_once, " + EAGER,
        "at_least_once, " + COOPERATIVE,
        "exactly_once, " + EAGER,
        "exactly_once, " + COOPERATIVE
    })
    void natsMayBeAwayDuringARebalance(String delivery, String assignor) throws Exception {
        Bucket.create(connection, name, 64);
        send(0, 100);
        start(delivery, Map.of("tasks.max", "2", "consumer.override.partition.assignment.strategy", assignor));
        awaitLastStates(100);
        await().atMost(SOON).until(() -> !members().isEmpty());
        List<String> before = members();
        STACK.nats().kill();
        send(100, 200);
        // Its partitions move to the other task and back, while nobody can be asked for anything.
        STACK.rest().call("POST", "/connectors/" + name + "/tasks/0/restart", null);
        await().atMost(SOON).until(() -> !members().isEmpty() && !members().equals(before));
        assertThat(STACK.rest().status(name).failed()).isFalse();
        STACK.nats().restart();
        awaitLastStates(200);
        STACK.rest().awaitRunning(name, SOON);
        assertOnce(delivery, 200);
    }

    /** The members of an eager rebalance wait for the slowest; the worker goes on to call a task that has nothing meanwhile. */
    @ParameterizedTest
    @ValueSource(strings = {"at_least_once", "exactly_once"})
    void aRebalanceMayTakeLongWhileRecordsWait(String delivery) throws Exception {
        Bucket.create(connection, name, 64);
        admin.createTopics(List.of(new NewTopic(name + "-other", PARTITIONS, (short) 1)))
                .all()
                .get();
        start(delivery, Map.of("tasks.max", "1", "consumer.override.partition.assignment.strategy", EAGER));
        STACK.rest().awaitRunning(name, SOON);
        try (Consumer<byte[], byte[]> slow = neighbour();
                Consumer<byte[], byte[]> late = neighbour()) {
            await().atMost(SOON).until(() -> isAssigned(slow));
            STACK.nats().kill();
            send(0, 100);
            await().atMost(SOON).until(() -> isAssigned(slow) && recordsWait(delivery));
            // From here on the slow one does not answer, until its heartbeat gives it up.
            await().atMost(SOON).until(() -> isAssigned(late));
            STACK.nats().restart();
            awaitLastStates(100);
        }
        assertOnce(delivery, 100);
    }

    /** A member of the sink's group that reads another topic: it has the group share out anew, and the sink keeps what it has. */
    private Consumer<byte[], byte[]> neighbour() {
        Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        STACK.broker().bootstrap(),
                        ConsumerConfig.GROUP_ID_CONFIG,
                        "connect-" + name,
                        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
                        EAGER,
                        ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG,
                        3_000,
                        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                        false),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        consumer.subscribe(List.of(name + "-other"));
        return consumer;
    }

    private static boolean isAssigned(Consumer<byte[], byte[]> consumer) {
        consumer.poll(Duration.ofMillis(100));
        return !consumer.assignment().isEmpty();
    }

    private boolean recordsWait(String delivery) {
        return delivery.equals("exactly_once") // which holds partitions until they are claimed
                || STACK.worker().logTail(400).contains("Bucket \"" + name + "\" can't be opened");
    }

    @ParameterizedTest
    @ValueSource(strings = {"at_least_once", "exactly_once"})
    void aPausedConnectorTakesNothingAndThenGoesOn(String delivery) throws Exception {
        Bucket.create(connection, name, 64);
        send(0, 100);
        start(delivery, Map.of("tasks.max", "2"));
        awaitLastStates(100);
        // Paused while its server is away: what it had taken over before is kept for the time after.
        STACK.nats().kill();
        send(100, 200);
        STACK.rest().pause(name);
        STACK.rest().awaitState(name, "PAUSED", SOON);
        STACK.nats().restart();
        send(200, 300);
        STACK.rest().resume(name);
        awaitLastStates(300);
        STACK.rest().pause(name);
        STACK.rest().awaitState(name, "PAUSED", SOON);
        long paused = lastSequence();
        send(300, 400);
        // The other connector reads on: had the paused one wanted these records, it would have had them too.
        STACK.startSink(name + "-other", name, name + "-other", Map.of("bucket.create", "true"));
        await().atMost(SOON)
                .ignoreExceptions()
                .until(() -> connection.keyValue(name + "-other").keys().size() == KEYS);
        assertThat(lastSequence()).isEqualTo(paused);
        STACK.rest().resume(name);
        awaitLastStates(400);
        assertOnce(delivery, 400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"at_least_once", "exactly_once"})
    void aFullBucketWaitsForRoomAndSaysSo(String delivery) throws Exception {
        connection
                .keyValueManagement()
                .create(KeyValueConfiguration.builder()
                        .name(name)
                        .maxHistoryPerKey(64)
                        .maxBucketSize(40_000)
                        .build());
        send(0, 600);
        start(delivery, Map.of());
        await().atMost(SOON)
                .until(() -> STACK.worker()
                        .logTail(400)
                        .lines()
                        .anyMatch(line -> line.contains(name)
                                && line.contains(
                                        delivery.equals("exactly_once")
                                                ? "BLOCKED: bucket " + name + " is full"
                                                : "The bucket is full")));
        assertThat(STACK.rest().status(name).failed()).isFalse();
        StreamConfiguration full =
                connection.jetStreamManagement().getStreamInfo("KV_" + name).getConfiguration();
        connection
                .jetStreamManagement()
                .updateStream(StreamConfiguration.builder(full).maxBytes(-1).build());
        awaitLastStates(600);
        assertOnce(delivery, 600);
    }

    @ParameterizedTest
    @ValueSource(strings = {"at_least_once", "exactly_once"})
    void aBucketThatIsDeletedFailsTheTaskByName(String delivery) throws Exception {
        Bucket.create(connection, name, 1);
        send(0, 100);
        start(delivery, Map.of());
        awaitLastStates(100);
        connection.keyValueManagement().delete(name);
        send(100, 200);
        await().atMost(SOON).until(() -> STACK.rest().status(name).failed());
        assertThat(STACK.rest().status(name).describe()).contains("Bucket \"" + name + "\" not found");
        Bucket.create(connection, name, 1);
        STACK.rest().call("POST", "/connectors/" + name + "/restart?includeTasks=true&onlyFailed=true", null);
        STACK.rest().awaitRunning(name, SOON);
        awaitLastStates(200);
    }

    @Test
    void offsetsOfAtLeastOnceAreResetOverRest() throws Exception {
        Bucket.create(connection, name, 64);
        send(0, 100);
        start("at_least_once", Map.of());
        awaitLastStates(100);
        awaitCommitted(100);
        reset();
        STACK.rest().resume(name);
        awaitCommitted(100);
        assertThat(lastSequence())
                .as("all are late, but for the last of each key")
                .isEqualTo(100);
        assertThat(STACK.worker().logTail(400)).contains("was left out, because its key already holds a later record");
        reset();
        start("at_least_once", Map.of("origin.id", "anew"));
        STACK.rest().resume(name);
        awaitCommitted(100);
        await().atMost(SOON).until(() -> lastSequence() == 200);
        awaitLastStates(100);
    }

    private void reset() {
        STACK.rest().stop(name);
        STACK.rest().awaitState(name, "STOPPED", SOON);
        STACK.rest().resetOffsets(name);
    }

    private void start(String delivery, Map<String, String> settings) throws Exception {
        Map<String, String> config = new HashMap<>(STACK.config("nats-kv-sink"));
        config.put("topics", name);
        config.put("bucket.template", name);
        config.put("delivery", delivery);
        config.put("ack.timeout.ms", "2000");
        config.put("consumer.override.session.timeout.ms", "6000");
        config.putAll(settings);
        STACK.rest().put(name, config);
    }

    private void send(int from, int to) throws Exception {
        List<Future<?>> sent = new ArrayList<>();
        for (int i = from; i < to; i++) {
            sent.add(producer.send(new ProducerRecord<>(name, i % PARTITIONS, "k" + i % KEYS, bytes(i))));
        }
        for (Future<?> each : sent) {
            each.get();
        }
    }

    /** Waits until each key has the value that was sent last of so many. */
    private void awaitLastStates(int count) {
        Map<String, String> expected = new TreeMap<>();
        for (int i = count - KEYS; i < count; i++) {
            expected.put("k" + i % KEYS, "value " + i);
        }
        await().atMost(SOON)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(lastStates()).isEqualTo(expected));
    }

    private Map<String, String> lastStates() throws Exception {
        Map<String, String> found = new TreeMap<>();
        for (String key : connection.keyValue(name).keys()) {
            found.put(key, connection.keyValue(name).get(key).getValueAsString());
        }
        return found;
    }

    private void awaitCommitted(long count) {
        await().atMost(SOON)
                .until(
                        () -> admin
                                        .listConsumerGroupOffsets("connect-" + name)
                                        .partitionsToOffsetAndMetadata()
                                        .get()
                                        .values()
                                        .stream()
                                        .mapToLong(offset -> offset == null ? 0 : offset.offset())
                                        .sum()
                                == count);
    }

    /** Exactly once, nothing else was ever stored; at least once, nothing is missing. */
    private void assertOnce(String delivery, int count) throws Exception {
        List<String> values = Revision.all(connection, name).stream()
                .map(revision -> new String(revision.entry().value(), StandardCharsets.UTF_8))
                .collect(Collectors.toList());
        for (int i = 0; i < count; i++) {
            assertThat(values).contains(new String(bytes(i), StandardCharsets.UTF_8));
        }
        if (delivery.equals("exactly_once")) {
            assertThat(values).hasSize(count);
            assertThat(lastSequence())
                    .isEqualTo(count + StoredOffsets.of(connection, name).messages());
        }
    }

    private long lastSequence() throws Exception {
        return connection
                .jetStreamManagement()
                .getStreamInfo("KV_" + name)
                .getStreamState()
                .getLastSequence();
    }

    /** The consumers of the group while all have their partitions; empty while they are being shared out. */
    private List<String> members() throws Exception {
        String group = "connect-" + name;
        ConsumerGroupDescription found =
                admin.describeConsumerGroups(List.of(group)).all().get().get(group);
        boolean shared = found.groupState() == GroupState.STABLE
                && found.members().size() == 2
                && found.members().stream()
                        .allMatch(
                                member -> member.assignment().topicPartitions().size() == PARTITIONS / 2);
        return shared
                ? found.members().stream()
                        .map(member -> member.consumerId())
                        .sorted()
                        .toList()
                : List.of();
    }

    private static byte[] bytes(int number) {
        return ("value " + number).getBytes(StandardCharsets.UTF_8);
    }
}
