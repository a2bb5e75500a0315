package io.natskv.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.natskv.plugin.Topic.Item;
import io.natskv.testing.nats.NatsServer;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A source in Connect's exactly-once mode, while worker, NATS server and broker are killed at random moments, also while they recover from the last
 * time: who reads committed records sees the record of every revision once, in order within each key.
 *
 * <p>{@code -Dnatskv.chaos.disturbances=n} sets how often, {@code -Dnatskv.chaos.seed=n} repeats a choice of disturbances and of what ends a
 * transaction; the profile {@code chaos} sets 30.
 */
class ExactlyOnceChaosIT {
    private static final Duration SOON = Duration.ofSeconds(120);
    private static final int HISTORY = 64;
    private static final int DISTURBANCES = Integer.getInteger("natskv.chaos.disturbances", 10);
    /** Of a key fewer revisions are written than the bucket keeps, however long it takes. */
    private static final int KEYS = 200 * Math.max(10, DISTURBANCES);

    @RegisterExtension
    static final ConnectStack STACK = new ConnectStack(NatsServer.builder(), Map.of(), true)
            .workerSession(Duration.ofSeconds(6))
            .brokerIsKilled();

    private static Connection connection;

    private enum Disturbance {
        WORKER_KILLED,
        NATS_KILLED,
        BROKER_RESTARTED
    }

    @BeforeAll
    static void connect() {
        connection = STACK.nats().connect();
    }

    @AfterAll
    static void disconnect() throws InterruptedException {
        connection.close();
    }

    @Test
    void everyRevisionIsDeliveredOnceWhateverIsKilled() throws Exception {
        long seed =
                Long.getLong("natskv.chaos.seed", ThreadLocalRandom.current().nextLong());
        Random random = new Random(seed);
        Map<String, String> transactions = random.nextBoolean()
                // Many small transactions: what is killed dies within one, or between two.
                ? Map.of("batch.max.records", "20")
                // Of several polls each.
                : Map.of("transaction.boundary", "interval", "transaction.boundary.interval.ms", "200");
        System.out.println(DISTURBANCES + " disturbances with seed " + seed + ", " + transactions);
        Bucket bucket = Bucket.create(connection, "chaos", HISTORY);
        Map<String, String> settings = new HashMap<>(transactions);
        settings.putAll(Map.of(
                "exactly.once.support", "required",
                "start.mode", "history",
                // Other than of all keys, it is noted in source partitions of its own.
                "kv.key.filters", "k.*",
                // The next worker waits until the broker gives up what the killed one has left open: 60 s by default.
                "producer.override.transaction.timeout.ms", "10000"));
        STACK.startSource("chaos-source", "chaos", settings);
        try (Topic topic = new Topic(STACK.broker().bootstrap(), "kv.chaos")) {
            try (SteadyTraffic traffic = new SteadyTraffic(bucket.givingUpSoon(), KEYS)) {
                await().atMost(SOON).ignoreExceptions().until(() -> topic.read().size() > 20);
                for (int i = 1; i <= DISTURBANCES; i++) {
                    // A moment that neither the worker nor the brokers know of.
                    int moment = traffic.count() + random.nextInt(300);
                    await().atMost(SOON).pollInterval(Duration.ofMillis(2)).until(() -> traffic.count() >= moment);
                    // Else the next one comes while this one's recovery is under way.
                    boolean recovers = random.nextBoolean();
                    Disturbance disturbance = Disturbance.values()[random.nextInt(Disturbance.values().length)];
                    int before = topic.size();
                    long start = System.nanoTime();
                    disturb(disturbance, random.nextBoolean());
                    if (recovers || i == DISTURBANCES) {
                        await().atMost(SOON)
                                .ignoreExceptions()
                                .until(() -> topic.read().size() > before);
                    }
                    System.out.printf(
                            "disturbance %d: %s, %d puts, %d records, %d ms%n",
                            i,
                            disturbance,
                            traffic.count(),
                            topic.size(),
                            Duration.ofNanos(System.nanoTime() - start).toMillis());
                }
            }
            long last = connection
                    .jetStreamManagement()
                    .getStreamInfo("KV_chaos")
                    .getStreamState()
                    .getLastSequence();
            await().atMost(SOON).ignoreExceptions().until(() -> lastRevision(topic.read()) >= last);
            assertOnceAndInOrder(topic.read(), last);
        }
    }

    /** @param hard whether the broker is killed, too, rather than stopped in order */
    private static void disturb(Disturbance disturbance, boolean hard) {
        switch (disturbance) {
            case WORKER_KILLED -> {
                STACK.worker().kill();
                STACK.worker().restart();
            }
            case NATS_KILLED -> {
                STACK.nats().kill();
                STACK.nats().restart();
            }
            case BROKER_RESTARTED -> {
                if (hard) {
                    STACK.broker().kill();
                }
                STACK.broker().restart();
            }
        }
    }

    private static long lastRevision(List<Item> items) {
        return items.stream().mapToLong(Item::revision).max().orElse(0);
    }

    private static void assertOnceAndInOrder(List<Item> items, long last) {
        BitSet seen = new BitSet();
        Map<String, Long> lastOfKey = new HashMap<>();
        for (Item item : items) {
            assertThat(seen.get((int) item.revision()))
                    .as("revision %d of key %s is there twice", item.revision(), item.key())
                    .isFalse();
            seen.set((int) item.revision());
            assertThat(item.revision())
                    .as("revisions of key %s", item.key())
                    .isGreaterThan(lastOfKey.getOrDefault(item.key(), 0L));
            lastOfKey.put(item.key(), item.revision());
        }
        System.out.printf("%d revisions, %d records%n", last, items.size());
        assertThat(seen.nextClearBit(1)).as("first revision without a record").isEqualTo((int) last + 1);
        assertThat(items).hasSize((int) last);
    }
}
