package io.natskv.connect.source.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.KvException;
import io.natskv.core.error.UnavailableException;
import io.natskv.core.key.KeyFilter;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.watch.WatchPosition;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import io.natskv.testing.process.TempFolder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A comparison that began with one bucket meets another one of the same name, whose revisions are other changes. Each test has a server of its own,
 * whose store it may replace.
 */
class AnotherBucketTest {
    /** Many times as many as are asked for at once. */
    private static final int KEYS = 200;

    @RegisterExtension
    static final KafkaExtension KAFKA = new KafkaExtension();

    private final List<Correction> corrections = new ArrayList<>();
    private NatsServer server;
    private KvConnection connection;
    private KvBuckets buckets;
    private KvBucket bucket;
    private TestTopic topic;

    @BeforeEach
    void start(TestInfo test) {
        server = NatsServer.start(NatsVersion.latest());
        connect();
        String name = test.getTestMethod().orElseThrow().getName() + "-" + System.nanoTime();
        bucket = buckets.create(BucketConfig.of(name));
        topic = TestTopic.create(KAFKA.broker(), name);
    }

    @AfterEach
    void stop() {
        topic.close();
        connection.close();
        server.close();
    }

    private void connect() {
        connection = KvConnection.open(NatsConnectionConfig.of(server.url()));
        buckets = new KvBuckets(connection);
    }

    @Test
    void oneThatWasMadeAnewBeforeItIsReadTellsNothing() {
        putAll("old");
        WatchPosition position = position();
        topic.send("stray", bytes("x"), 1L, Map.of());
        topic.flush();
        recreate();
        putAll("new");
        assertThatThrownBy(() -> compare(position, () -> {}))
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("was created anew");
        assertThat(corrections).isEmpty();
    }

    /** Nothing is missing and nothing has vanished: but that was found in another bucket. */
    @Test
    void oneThatIsEqualIsAnotherOneNevertheless() {
        bucket.put("k0", "old");
        bucket.delete("k0");
        WatchPosition position = position();
        recreate();
        bucket.put("k0", "new");
        bucket.delete("k0");
        assertThatThrownBy(() -> compare(position, () -> {}))
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("was created anew");
    }

    @Test
    void oneThatIsGoneTellsNothing() {
        putAll("old");
        WatchPosition position = position();
        assertThatThrownBy(() -> compare(position, () -> buckets.delete(bucket.name())))
                .isInstanceOf(BucketNotFoundException.class);
        assertThat(corrections).isNotEmpty().allMatch(correction -> isOf(correction, "old"));
    }

    /** @param missing whether the topic lacks the keys of the old bucket, or the old bucket those of the topic */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void oneThatIsMadeAnewWhileItIsReadTellsNothing(boolean missing) {
        if (missing) {
            putAll("old");
        } else {
            for (int i = 0; i < KEYS; i++) {
                topic.send("k" + i, bytes("old"), 1L, Map.of());
                bucket.put("other", "o" + i);
            }
            topic.send("other", bytes("any"), 1L, Map.of());
            topic.flush();
        }
        WatchPosition position = position();
        assertThatThrownBy(() -> compare(position, () -> {
                    recreate();
                    putAll("new"); // at revisions that the old bucket had too
                }))
                .isInstanceOf(KvException.class);
        assertThat(corrections)
                .isNotEmpty()
                .hasSizeLessThan(KEYS)
                .allMatch(correction -> missing ? isOf(correction, "old") : isOf(correction, ""));
    }

    /** The time of creation is the same one. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void oneThatIsRestoredFromABackupTellsNothing(boolean writtenSince) {
        bucket.put("a", "1");
        bucket.put("b", "2");
        WatchPosition position;
        connection.close();
        server.stop();
        try (TempFolder backup = TempFolder.create("backup")) {
            TempFolder.replace(backup.path(), server.storeDir());
            server.restart();
            connect();
            bucket = buckets.open(bucket.name());
            bucket.put("a", "3");
            bucket.put("b", "4");
            position = position();
            connection.close();
            server.stop();
            TempFolder.replace(server.storeDir(), backup.path());
        }
        server.restart();
        connect();
        bucket = buckets.open(bucket.name());
        if (writtenSince) {
            bucket.put("a", "3 of another history");
            bucket.put("b", "4 of another history");
        }
        assertThatThrownBy(() -> compare(position, () -> {}))
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("restored from a backup");
        assertThat(corrections).isEmpty();
    }

    /** What is given up is not lost: it is found again behind the position in the new bucket. */
    @Test
    void theNextRunComparesWithTheNewOne() {
        putAll("old");
        WatchPosition before = position();
        ReconcileTurn turn = new ReconcileTurn();
        try (Reconciliation reconciliation = new Reconciliation(
                bucket, KeyFilter.ALL, topic.name(), KeyMapping.SAME, settings(), "test", topic.name(), turn)) {
            reconciliation.request("test");
            // Pinned, and nothing read yet: one record is not committed.
            ReconciliationModelTest.await().until(() -> {
                reconciliation.step(new Reconciliation.Progress(before, 1, 0, System.nanoTime()));
                return reconciliation.pinned() != null;
            });
            recreate();
            putAll("new");
            // The watch has not noticed yet.
            ReconciliationModelTest.await().until(() -> {
                reconciliation.step(new Reconciliation.Progress(before, 1, 1, System.nanoTime()));
                assertThat(reconciliation.poll()).isNull();
                return !reconciliation.isRunning();
            });
            assertThat(reconciliation.isPending()).isTrue();
            reconciliation.abort("lost position");
            WatchPosition after = position();
            ReconciliationModelTest.await().until(() -> {
                reconciliation.step(new Reconciliation.Progress(after, 1, 1, System.nanoTime()));
                Correction correction = reconciliation.poll();
                if (correction != null) {
                    corrections.add(correction);
                }
                return !reconciliation.isPending();
            });
        }
        assertThat(corrections).hasSize(KEYS).allMatch(correction -> isOf(correction, "new"));
    }

    private void putAll(String value) {
        for (int i = 0; i < KEYS; i++) {
            bucket.put("k" + i, value);
        }
    }

    private void recreate() {
        String name = bucket.name();
        buckets.delete(name);
        bucket = buckets.create(BucketConfig.of(name));
    }

    /** Where a watch is that has read all. */
    private WatchPosition position() {
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT)) {
            WatchEvent event = watch.next(Duration.ofSeconds(30));
            while (event instanceof WatchEvent.Change) {
                event = watch.next(Duration.ofSeconds(30));
            }
            assertThat(event).isInstanceOf(WatchEvent.SnapshotEnd.class);
            return watch.position();
        }
    }

    /** @param meanwhile happens when the first correction is found */
    private void compare(WatchPosition position, Runnable meanwhile) {
        Comparison comparison =
                new Comparison(bucket, KeyFilter.ALL, topic.name(), KeyMapping.SAME, position, correction -> {
                    corrections.add(correction);
                    if (corrections.size() == 1) {
                        meanwhile.run();
                    }
                });
        comparison.run(Map.of("bootstrap.servers", KAFKA.broker().bootstrap()));
    }

    private static ReconcileSettings settings() {
        return ReconciliationModelTest.settings(KAFKA.broker().bootstrap());
    }

    private static boolean isOf(Correction correction, String value) {
        return value.equals(new String(correction.entry().value(), StandardCharsets.UTF_8));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
