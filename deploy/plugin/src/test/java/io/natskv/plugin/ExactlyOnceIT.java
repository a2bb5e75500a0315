package io.natskv.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.KeyValue;
import io.nats.client.PurgeOptions;
import io.natskv.plugin.Topic.Item;
import io.natskv.testing.nats.NatsServer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A source in Connect's exactly-once mode: a worker is killed in the middle, and no revision is repeated or missing. */
class ExactlyOnceIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int KEYS = 40;
    private static final int CHANGES = 600;

    @RegisterExtension
    static final ConnectStack STACK =
            new ConnectStack(NatsServer.builder(), Map.of(), true).workerSession(Duration.ofSeconds(6));

    private static Connection connection;

    @BeforeAll
    static void connect() {
        connection = STACK.nats().connect();
    }

    @AfterAll
    static void disconnect() throws InterruptedException {
        connection.close();
    }

    /** @param filter another one than of all keys is noted in source partitions of its own, in the same transactions */
    @ParameterizedTest
    @CsvSource({"poll, >", "interval, k.*"})
    void aKilledWorkerRepeatsNothing(String boundary, String filter) throws Exception {
        String name = "once-" + boundary;
        KeyValue bucket = Bucket.create(connection, name, 64).kv();
        change(bucket, 0, CHANGES / 3);
        Map<String, String> settings = new HashMap<>(Map.of(
                "exactly.once.support", "required",
                "start.mode", "history",
                "kv.key.filters", filter,
                "transaction.boundary", boundary,
                // The next worker waits until the broker gives up what the killed one has left open: 60 s by default.
                "producer.override.transaction.timeout.ms", "10000",
                // Many small transactions, or many polls in one: the worker dies within one, or between two.
                "batch.max.records", "5"));
        if (boundary.equals("interval")) {
            settings.put("transaction.boundary.interval.ms", "100");
        }
        STACK.startSource(name, name, settings);
        try (Topic topic = new Topic(STACK.broker().bootstrap(), "kv." + name)) {
            await().atMost(SOON).ignoreExceptions().until(() -> topic.read().size() > 20);
            change(bucket, CHANGES / 3, 2 * CHANGES / 3);
            STACK.worker().kill();
            int atKill = topic.read().size();
            STACK.worker().restart();
            change(bucket, 2 * CHANGES / 3, CHANGES);
            await().atMost(SOON).until(() -> last(topic.read()) == CHANGES);
            System.out.printf("%d of %d records before the kill%n", atKill, CHANGES);
            assertThat(topic.read())
                    .extracting(Item::revision)
                    .containsExactlyInAnyOrderElementsOf(
                            LongStream.rangeClosed(1, CHANGES).boxed().toList());
        }
    }

    /** Where a run waits for the transaction that it has itself a part in. */
    @ParameterizedTest
    @ValueSource(strings = {"poll", "interval"})
    void whatVanishedGetsOneTombstoneInATransaction(String boundary) throws Exception {
        String name = "vanished-" + boundary;
        KeyValue bucket = Bucket.create(connection, name, 1).kv();
        for (int i = 0; i < 300; i++) {
            bucket.put("gone." + i, "v");
        }
        bucket.put("kept", "v");
        Map<String, String> settings = new HashMap<>(Map.of(
                "exactly.once.support",
                "required",
                "reconcile",
                "on_gap",
                "reconcile.consumer.bootstrap.servers",
                STACK.broker().bootstrap(),
                "transaction.boundary",
                boundary));
        if (boundary.equals("interval")) {
            settings.put("transaction.boundary.interval.ms", "1000");
        }
        STACK.startSource(name, name, settings);
        awaitReconciled(name, 1);
        STACK.rest().stop(name);
        STACK.rest().awaitState(name, "STOPPED", SOON);
        connection.jetStreamManagement().purgeStream("KV_" + name, PurgeOptions.subject("$KV." + name + ".gone.*"));
        STACK.rest().resume(name);
        awaitReconciled(name, 2);
        try (Topic topic = new Topic(STACK.broker().bootstrap(), "kv." + name)) {
            await().atMost(SOON).until(() -> topic.read().size() >= 601);
            assertThat(topic.read()).hasSize(601);
            assertThat(topic.read())
                    .filteredOn(item -> item.value() == null)
                    .extracting(Item::key)
                    .hasSize(300)
                    .doesNotHaveDuplicates()
                    .allMatch(key -> key.startsWith("gone."));
        }
    }

    @Test
    void whatCantBeExactlyOnceIsRefusedWithTheReason() throws Exception {
        Bucket.create(connection, "refused", 1);
        Map<String, String> config = STACK.config("nats-kv-source");
        config.putAll(
                Map.of("kv.buckets", "refused", "start.mode", "updates_only", "exactly.once.support", "required"));
        assertThatThrownBy(() -> STACK.rest().put("refused", config))
                .hasMessageContaining("updates_only has no offset to return to")
                .hasMessageContaining("heartbeat.topic");
        config.put("heartbeat.topic", "refused-beats");
        STACK.rest().put("refused", config);
        STACK.rest().awaitRunning("refused", SOON);
    }

    private static void awaitReconciled(String bucket, int times) {
        String line = "Topic \"kv." + bucket + "\" is reconciled";
        await().atMost(SOON).until(() -> STACK.worker().logTail(5_000).split(line, -1).length - 1 >= times);
    }

    private static void change(KeyValue bucket, int from, int to) throws Exception {
        for (int i = from; i < to; i++) {
            bucket.put("k." + i % KEYS, "v" + i);
        }
    }

    private static long last(List<Item> items) {
        return items.stream().mapToLong(Item::revision).max().orElse(0);
    }
}
