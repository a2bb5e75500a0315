package io.natskv.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.natskv.plugin.Topic.Item;
import io.natskv.testing.nats.NatsServer;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Processes are killed in the middle of random traffic: nothing is lost, and each key keeps its order. */
class OutageIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int HISTORY = 64;

    @RegisterExtension
    static final ConnectStack STACK =
            new ConnectStack(NatsServer.builder(), Map.of()).workerSession(Duration.ofSeconds(6));

    private static Connection connection;

    @BeforeAll
    static void connect() {
        connection = STACK.nats().connect();
    }

    @AfterAll
    static void disconnect() throws InterruptedException {
        connection.close();
    }

    @Test
    void aKilledWorkerLosesNothing() throws Exception {
        Mirror mirror = new Mirror("worker-killed");
        try (Topic topic = mirror.topic()) {
            try (RandomTraffic traffic = new RandomTraffic(
                    mirror.source.givingUpSoon(), ThreadLocalRandom.current().nextLong())) {
                await().atMost(SOON).until(() -> topic.read().size() > 500);
                await().atMost(SOON)
                        .until(() -> STACK.rest().offsets(mirror.connector()).contains("revision"));

                for (int kill = 1; kill <= 2; kill++) {
                    STACK.worker().kill();
                    int atKill = traffic.count();
                    await().atMost(SOON).until(() -> traffic.count() > atKill + 200);
                    STACK.worker().restart();

                    int atRestart = topic.read().size();
                    await().atMost(SOON).until(() -> topic.read().size() > atRestart + 500);
                }
                traffic.stop();
                mirror.awaitEnd(topic);
                assertNothingLost(topic.read(), traffic);
            }
            mirror.assertSame(topic);
        }
    }

    @Test
    void aKilledNatsServerLosesNothing() throws Exception {
        Mirror mirror = new Mirror("nats-killed");
        try (Topic topic = mirror.topic()) {
            try (RandomTraffic traffic = new RandomTraffic(
                    mirror.source.givingUpSoon(), ThreadLocalRandom.current().nextLong())) {
                for (int kill = 1; kill <= 3; kill++) {
                    int before = topic.read().size();
                    await().atMost(SOON).until(() -> topic.read().size() > before + 300);

                    STACK.nats().kill();
                    STACK.nats().restart();

                    System.out.printf(
                            "kill %d: a change was delivered %d ms after the NATS server was back%n",
                            kill, mirror.millisToDelivery(topic, "k.probe" + kill));
                }
                traffic.stop();
                mirror.awaitEnd(topic);
                assertNothingLost(topic.read(), traffic);
            }
            mirror.assertSame(topic);
            // Also what comes from a thread of the NATS client is told apart.
            assertThat(STACK.worker().logTail(2_000))
                    .contains("[nats-killed-source|task-0] Disconnected from NATS at")
                    .contains("[nats-killed-sink|task-0] Disconnected from NATS at");
        }
    }

    /** Every acknowledged put of a key that keeps its history is in the topic; at least once, and for the first time in order. */
    private static void assertNothingLost(List<Item> items, RandomTraffic traffic) {
        Set<Long> delivered = new HashSet<>();
        Map<String, Long> last = new HashMap<>();
        for (Item item : items) {
            if (delivered.add(item.revision())) {
                assertThat(item.revision())
                        .as("first delivery of a revision of " + item.key())
                        .isGreaterThan(last.getOrDefault(item.key(), 0L));
                last.put(item.key(), item.revision());
            }
        }
        System.out.printf(
                "%d changes acknowledged, %d records, %d of them repeated%n",
                traffic.count(), items.size(), items.size() - delivered.size());
        assertThat(traffic.count()).isPositive();
        assertThat(delivered).containsAll(traffic.acknowledged().keySet());
    }

    /** Source, topic, sink and second bucket under one name. */
    private static final class Mirror {
        private final String name;
        private final Bucket source;
        private final Bucket copy;

        Mirror(String name) throws Exception {
            this.name = name;
            this.source = Bucket.create(connection, name, HISTORY);
            this.copy = Bucket.create(connection, name + "-copy", 1);
            source.kv().put("k.first", "value");
            STACK.startSource(connector(), name, Map.of());
            // Else the group waits 45 s for the consumer of a killed worker.
            Map<String, String> sessions = Map.of("consumer.override.session.timeout.ms", "6000");
            STACK.startSink(name + "-sink", "kv." + name, name + "-copy", sessions);
        }

        String connector() {
            return name + "-source";
        }

        /** The topic, once it is there. */
        Topic topic() {
            Topic topic = new Topic(STACK.broker().bootstrap(), "kv." + name);
            await().atMost(SOON).until(() -> !topic.read().isEmpty());
            return topic;
        }

        /** Makes a change by a new connection, and measures how long it takes to the topic. */
        @SuppressWarnings("try") // closing a connection may be interrupted
        long millisToDelivery(Topic topic, String key) throws Exception {
            long start = System.nanoTime();
            try (Connection fresh = STACK.nats().connect()) {
                fresh.keyValue(name).put(key, "probe");
            }
            await().pollInterval(Duration.ofMillis(5))
                    .atMost(SOON)
                    .until(() -> topic.entries().containsKey(key));
            return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        }

        /** Waits until the last entry of each key of the bucket is the last in the topic and in the copy. */
        void awaitEnd(Topic topic) throws Exception {
            Map<String, Entry> entries = source.entries();
            await().atMost(SOON)
                    .ignoreExceptions()
                    .pollInterval(Duration.ofMillis(300))
                    .until(() ->
                            topic.entries().equals(entries) && copy.entries().equals(entries));
        }

        void assertSame(Topic topic) throws Exception {
            Map<String, Entry> entries = source.entries();
            assertThat(entries).hasSizeGreaterThan(100);
            assertThat(topic.entries()).isEqualTo(entries);
            assertThat(copy.entries()).isEqualTo(entries);
        }
    }
}
