package io.natskv.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.KeyValue;
import io.natskv.testing.nats.NatsServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two buckets that mirror each other over two topics: a change goes to the other side, and not round and round. */
class RingIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int KEYS = 200;

    @RegisterExtension
    static final ConnectStack STACK = new ConnectStack(NatsServer.builder(), Map.of());

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
    void aRingSettles() throws Exception {
        Bucket left = Bucket.create(connection, "left", 64);
        Bucket right = Bucket.create(connection, "right", 64);
        // Of each side alone, and of both.
        write(left.kv(), "left", 0, KEYS);
        write(right.kv(), "right", 0, KEYS);
        STACK.startSource("left-source", "left", Map.of("topic.template", "from-left", "loop.prevention", "true"));
        STACK.startSource("right-source", "right", Map.of("topic.template", "from-right", "loop.prevention", "true"));
        STACK.startSink("to-right", "from-left", "right", Map.of());
        STACK.startSink("to-left", "from-right", "left", Map.of());
        awaitSame(left, right, 2 * KEYS);

        // With all four at work: puts, deletes and purges on both sides.
        write(left.kv(), "left", 0, KEYS);
        for (int i = 0; i < 10; i++) {
            left.kv().delete("left." + i);
            right.kv().purge("right." + i);
        }
        awaitSame(left, right, 2 * KEYS);
        // Keys that came from the other side, once they are there: who changes a key on both sides at once gets both
        // orders.
        write(right.kv(), "left", 10, 20);
        awaitSame(left, right, 2 * KEYS);

        // What the last change brings about is over when the last one of each side has come round.
        left.kv().put("left.last", "1");
        right.kv().put("right.last", "1");
        awaitSame(left, right, 2 * KEYS + 2);

        // Each change of a side is one record, and one write on the other side: nothing has gone round.
        int leftChanges = KEYS + KEYS + 10 + 1;
        int rightChanges = KEYS + 10 + 10 + 1;
        try (Topic fromLeft = new Topic(STACK.broker().bootstrap(), "from-left");
                Topic fromRight = new Topic(STACK.broker().bootstrap(), "from-right")) {
            assertThat(fromLeft.read()).hasSize(leftChanges);
            assertThat(fromRight.read()).hasSize(rightChanges);
        }
        assertThat(lastRevision("left")).isEqualTo(leftChanges + rightChanges);
        assertThat(lastRevision("right")).isEqualTo(leftChanges + rightChanges);
    }

    private static long lastRevision(String bucket) throws Exception {
        return connection
                .jetStreamManagement()
                .getStreamInfo("KV_" + bucket)
                .getStreamState()
                .getLastSequence();
    }

    private static void write(KeyValue kv, String prefix, int from, int to) throws Exception {
        for (int i = from; i < to; i++) {
            kv.put(prefix + "." + i, "value " + i);
        }
    }

    private static void awaitSame(Bucket left, Bucket right, int keys) {
        List<Map<String, Entry>> last = new ArrayList<>();
        await().atMost(SOON).pollInterval(Duration.ofMillis(200)).until(() -> {
            Map<String, Entry> entries = left.entries();
            last.add(entries);
            return entries.size() == keys && entries.equals(right.entries());
        });
    }
}
