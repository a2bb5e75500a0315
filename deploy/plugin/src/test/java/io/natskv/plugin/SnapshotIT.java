package io.natskv.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.natskv.plugin.Topic.Item;
import io.natskv.testing.nats.NatsServer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Snapshots of buckets that are larger than the worker's heap, and that last long enough to be killed in the middle. */
class SnapshotIT {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final int KEYS = 100_000;

    @RegisterExtension
    static final ConnectStack STACK =
            new ConnectStack(NatsServer.builder(), Map.of()).workerHeap("128m").workerSession(Duration.ofSeconds(10));

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
    void aWorkerKilledInTheMiddleRepeatsOnlyWhatWasNotCommitted() throws Exception {
        fill("killed", 100);
        // Small requests, one at a time: it lasts for some seconds.
        STACK.startSource(
                "killed-source",
                "killed",
                Map.of("producer.override.batch.size", "3000", "producer.override.buffer.memory", "2000000"));
        AtomicLong committed = new AtomicLong();
        await().atMost(SOON).pollInterval(Duration.ofMillis(20)).until(() -> {
            committed.set(committed("killed-source"));
            return committed.get() > KEYS / 5;
        });
        STACK.worker().kill();
        try (Topic topic = new Topic(STACK.broker().bootstrap(), "kv.killed")) {
            int atKill = topic.read().size();
            assertThat(atKill)
                    .as("records at the kill, in the middle of the snapshot")
                    .isLessThan(KEYS);

            STACK.worker().restart();
            // What the next run goes on from, before it commits anything itself.
            await().atMost(SOON).until(() -> topic.read().size() > atKill);
            long goneOnAfter = topic.read().get(atKill).revision() - 1;

            await().atMost(SOON).until(() -> revisions(topic.read()).size() == KEYS);
            List<Item> items = topic.read();
            System.out.printf(
                    "%d records at the kill, gone on after revision %d, %d repeated%n",
                    atKill, goneOnAfter, items.size() - KEYS);
            assertThat(goneOnAfter)
                    .as("what was committed before the kill, at least")
                    .isGreaterThanOrEqualTo(committed.get());
            assertThat(revisions(items))
                    .containsExactlyInAnyOrderElementsOf(
                            LongStream.rangeClosed(1, KEYS).boxed().toList());
            // Each record of the first run at most once more, and none that was committed.
            assertThat(items.subList(atKill, items.size()))
                    .extracting(Item::revision)
                    .doesNotHaveDuplicates()
                    .allMatch(revision -> revision > goneOnAfter);
            assertThat(items.size() - KEYS).isLessThanOrEqualTo((int) (atKill - goneOnAfter));
        }
    }

    @Test
    void aBucketMayBeLargerThanTheHeap() throws Exception {
        fill("large", 2_000);
        STACK.startSource("large-source", "large", Map.of());

        try (Topic topic = new Topic(STACK.broker().bootstrap(), "kv.large").withoutValues()) {
            await().atMost(SOON).ignoreExceptions().until(() -> topic.read().size() >= KEYS);
            assertThat(revisions(topic.read())).hasSize(KEYS);
        }
        assertThat(STACK.worker().alive()).isTrue();
        assertThat(STACK.rest().status("large-source").running()).isTrue();
    }

    /** The revision that is committed; 0 for none. */
    private static long committed(String connector) throws Exception {
        JsonNode offset = Plugin.JSON.readTree(STACK.rest().offsets(connector)).at("/offsets/0/offset");
        return offset.path("revision").asLong();
    }

    private static Set<Long> revisions(List<Item> items) {
        return items.stream().map(Item::revision).collect(Collectors.toCollection(HashSet::new));
    }

    private static void fill(String bucket, int valueBytes) throws Exception {
        Bucket.create(connection, bucket, 1);
        JetStream jetStream = connection.jetStream();
        byte[] value = new byte[valueBytes];
        CompletableFuture<?>[] acks = new CompletableFuture<?>[1_000];
        for (int i = 0; i < KEYS; i += acks.length) {
            for (int j = 0; j < acks.length; j++) {
                acks[j] = jetStream.publishAsync("$KV." + bucket + ".key." + (i + j), value);
            }
            CompletableFuture.allOf(acks).get(SOON.toSeconds(), TimeUnit.SECONDS);
        }
    }
}
