package io.natskv.connect.source.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.connect.source.reconcile.Correction.Reason;
import io.natskv.core.KvEntry;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.key.KeyFilter;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.watch.WatchPosition;
import io.natskv.core.watch.WatchStart;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Keys vanish without markers while the topic is not written; then it is reconciled, while others write. */
class ReconciliationModelTest {
    private static final int KEYS = 400;

    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

    @RegisterExtension
    static final KafkaExtension KAFKA = new KafkaExtension();

    private final List<Thread> writers = new ArrayList<>();
    private final AtomicBoolean writing = new AtomicBoolean(true);
    private KvConnection connection;
    private KvBucket bucket;
    private TestTopic topic;

    @BeforeEach
    void create(TestInfo test) {
        connection = KvConnection.open(NatsConnectionConfig.of(NATS.server().url()));
        String name = test.getTestMethod().orElseThrow().getName() + "-" + System.nanoTime();
        bucket = new KvBuckets(connection)
                .create(BucketConfig.builder(name).history(3).build());
        topic = TestTopic.create(KAFKA.broker(), name);
    }

    @AfterEach
    void close() throws InterruptedException {
        stopWriters();
        topic.close();
        connection.close();
    }

    @RepeatedTest(3)
    void theTopicIsTheBucketAfterwards() throws InterruptedException {
        long seed = System.nanoTime();
        System.out.println("ReconciliationModelTest seed=" + seed);
        Random random = new Random(seed);
        prepare(random);

        write(new Random(random.nextLong()));
        write(new Random(random.nextLong()));
        List<Correction> corrections = new ArrayList<>();
        try (Task task = new Task()) {
            task.reconciliation.request("test");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> {
                        task.poll(corrections);
                        return !task.reconciliation.isPending();
                    });
            stopWriters();
            bucket.put("end", "end");
            task.pollUntil("end", corrections);
        }
        assertThat(corrections)
                .as("what was written into the topic for keys that are never deleted")
                .filteredOn(correction -> isAlwaysThere(correction.entry().key()))
                .extracting(Correction::reason)
                .doesNotContain(Reason.VANISHED);
        assertThat(corrections).extracting(Correction::reason).contains(Reason.VANISHED, Reason.MISSING);
        assertThat(topic.state()).isEqualTo(bucketState());
    }

    /** What the protocol is there for: without it, keys are deleted that were there all the time. */
    @Test
    void theNaiveFormDeletesLiveKeys() throws InterruptedException {
        long seed = System.nanoTime();
        System.out.println("ReconciliationModelTest seed=" + seed);
        Random random = new Random(seed);
        prepare(random);
        write(new Random(random.nextLong()));
        write(new Random(random.nextLong()));
        try (Task task = new Task()) {
            List<Correction> none = new ArrayList<>();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> {
                        task.poll(none);
                        return naiveDeletes().stream().anyMatch(ReconciliationModelTest::isAlwaysThere);
                    });
        }
    }

    @Test
    void afterAnOutageItRunsIfAnythingHasChanged() {
        for (int i = 0; i < 5; i++) {
            bucket.put(key(i), "v" + i);
        }
        List<Correction> corrections = new ArrayList<>();
        try (Task task = new Task()) {
            task.pollUntil(key(4), corrections);
            task.reconciliation.request("test");
            task.reconcile(corrections);
            topic.send("stray", bytes("x"), 1L, Map.of());
            topic.flush();

            task.reconciliation.requestUnlessUnchanged("outage");
            assertThat(task.reconciliation.isPending()).isTrue();
            task.reconcile(corrections);
            assertThat(corrections).as("nothing to look for").isEmpty();

            vanish(key(1));
            task.reconciliation.requestUnlessUnchanged("outage");
            task.reconcile(corrections);
            assertThat(corrections)
                    .extracting(correction -> correction.entry().key())
                    .containsExactlyInAnyOrder("stray", key(1));
        }
    }

    /** The worker does not poll a connector that is paused, nor while the brokers take nothing. */
    @Test
    void runsIfItWasNotAskedForALongTime() {
        for (int i = 0; i < 5; i++) {
            bucket.put(key(i), "v" + i);
        }
        List<Correction> corrections = new ArrayList<>();
        try (Task task = new Task()) {
            task.pollUntil(key(4), corrections);
            task.reconciliation.request("test");
            task.reconcile(corrections);
            vanish(key(1));
            task.poll(corrections);
            assertThat(task.reconciliation.isPending()).isFalse();
            task.paused = Duration.ofMinutes(2);
            task.poll(corrections);
            task.reconcile(corrections);
            assertThat(corrections)
                    .extracting(correction -> correction.entry().key())
                    .containsExactly(key(1));
        }
    }

    @Test
    void oneOfATaskComparesAtATime() {
        for (int i = 0; i < 100; i++) {
            bucket.put("k" + i, "v"); // more than are found before somebody takes them
        }
        ReconcileTurn turn = new ReconcileTurn();
        Reconciliation.Progress progress =
                new Reconciliation.Progress(new WatchPosition(null, 100, 0, false, List.of()), 0, 0, 0);
        try (Reconciliation first = reconciliation("first", turn);
                Reconciliation second = reconciliation("second", turn)) {
            first.request("test");
            second.request("test");
            await().until(() -> {
                first.step(progress);
                return first.poll() != null;
            });
            second.step(progress);
            assertThat(second.isRunning()).isFalse();
            first.abort("test");
            await().until(() -> {
                second.step(progress);
                return second.poll() != null;
            });
            first.step(progress);
            assertThat(first.isRunning()).isFalse();
            assertThat(first.isPending()).isTrue();
        }
    }

    private Reconciliation reconciliation(String clientId, ReconcileTurn turn) {
        return new Reconciliation(
                bucket, KeyFilter.ALL, topic.name(), KeyMapping.SAME, settings(), clientId, clientId, turn);
    }

    static ConditionFactory await() {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1));
    }

    /** The keys that the topic has and that a scan as of one revision does not. */
    private Set<String> naiveDeletes() {
        Set<String> inBucket = new HashSet<>();
        long end = bucket.status().lastRevision();
        try (KvWatch scan = bucket.watch(WatchOptions.DEFAULT.withMetaOnly(true))) {
            WatchEvent event = scan.next(Duration.ofSeconds(10));
            while (event instanceof WatchEvent.Change change && change.entry().revision() <= end) {
                if (!change.entry().operation().isMarker()) {
                    inBucket.add(change.entry().key());
                }
                event = scan.next(Duration.ofSeconds(10));
            }
        }
        Set<String> deletes = new HashSet<>(topic.state().keySet());
        deletes.removeAll(inBucket);
        return deletes;
    }

    /** The topic is a copy; then keys vanish from the bucket, and from the topic, and values in it grow old. */
    private void prepare(Random random) {
        for (int i = 0; i < KEYS; i++) {
            bucket.putAsync(key(i), bytes("first" + i)).join();
        }
        try (Task task = new Task()) {
            task.pollUntil(key(KEYS - 1), new ArrayList<>());
        }
        for (int i = 0; i < KEYS / 4; i++) {
            String key = key(random.nextInt(KEYS));
            if (!isAlwaysThere(key)) {
                bucket.delete(key);
                vanish(key);
            }
        }
        for (int i = 0; i < KEYS / 8; i++) {
            // written while nobody read, and then the position was put behind it
            bucket.put(key(random.nextInt(KEYS)), "unseen" + i);
        }
        topic.send("deleted.long.ago", bytes("x"), 1L, Map.of());
        topic.send("foreign", bytes("y"), 1L, Map.of("nats.kv.bucket", "other"));
    }

    private void vanish(String key) {
        String subject = bucket.subjects().readSubject(key);
        connection
                .api()
                .purge(bucket.subjects().stream(), subject, Long.MAX_VALUE >> 1)
                .join();
    }

    private void write(Random random) {
        Thread writer = new Thread(() -> {
            while (writing.get()) {
                String key = key(random.nextInt(KEYS));
                if (random.nextInt(3) > 0 || isAlwaysThere(key)) {
                    bucket.put(key, "v" + random.nextInt());
                } else if (random.nextBoolean()) {
                    bucket.delete(key);
                } else {
                    bucket.purge(key);
                }
                LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(200));
            }
        });
        writer.start();
        writers.add(writer);
    }

    private void stopWriters() throws InterruptedException {
        writing.set(false);
        for (Thread writer : writers) {
            writer.join();
        }
    }

    private Map<String, String> bucketState() {
        Map<String, String> state = new TreeMap<>();
        bucket.keys().forEach(key -> state.put(key, new String(bucket.get(key).value(), StandardCharsets.UTF_8)));
        state.put("foreign", "y"); // not ours to delete
        return state;
    }

    private static String key(int number) {
        return (number % 2 == 0 ? "always." : "sometimes.") + number;
    }

    private static boolean isAlwaysThere(String key) {
        return key.startsWith("always.");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** What a source task does with a watch and a reconciliation: from the bucket's end on, as after a position that was put there. */
    private final class Task implements AutoCloseable {
        private final KvWatch watch = bucket.watch(WatchOptions.DEFAULT.withStart(
                topic.records().isEmpty() ? WatchStart.snapshot() : WatchStart.updatesOnly()));
        private final Reconciliation reconciliation = new Reconciliation(
                bucket,
                KeyFilter.ALL,
                topic.name(),
                KeyMapping.SAME,
                settings(),
                "test",
                "test-" + bucket.name(),
                new ReconcileTurn());
        private final long before = topic.committed();
        private long emitted;
        private Duration paused = Duration.ZERO;
        private final Map<String, Long> revisions = new HashMap<>();

        /** As a poll: some changes, then what reconciliation found. */
        private void poll(List<Correction> corrections) {
            for (int i = 0; i < 50; i++) {
                WatchEvent event = watch.next(i == 0 ? Duration.ofMillis(1) : Duration.ZERO);
                if (event == null) {
                    break;
                }
                if (event instanceof WatchEvent.Change change) {
                    emit(change.entry());
                }
            }
            if (watch.position() == null) {
                return;
            }
            reconciliation.step(new Reconciliation.Progress(
                    watch.position(), emitted, topic.committed() - before, System.nanoTime() + paused.toNanos()));
            for (Correction correction = reconciliation.poll();
                    correction != null;
                    correction = reconciliation.poll()) {
                corrections.add(correction);
                topic.send(correction.entry());
                emitted++;
            }
        }

        private void emit(KvEntry entry) {
            assertThat(entry.revision()).isGreaterThan(revisions.getOrDefault(entry.key(), 0L));
            revisions.put(entry.key(), entry.revision());
            topic.send(entry);
            emitted++;
            reconciliation.emitted(entry.key());
        }

        private void reconcile(List<Correction> corrections) {
            await().until(() -> {
                poll(corrections);
                return !reconciliation.isPending();
            });
        }

        private void pollUntil(String key, List<Correction> corrections) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> {
                        poll(corrections);
                        return revisions.containsKey(key);
                    });
        }

        @Override
        public void close() {
            reconciliation.close();
            watch.close();
        }
    }

    private static ReconcileSettings settings() {
        return settings(KAFKA.broker().bootstrap());
    }

    static ReconcileSettings settings(String brokers) {
        return new ReconcileSettings(new AbstractConfig(
                ReconcileSettings.define(new ConfigDef()),
                Map.of(ReconcileSettings.RECONCILE, "on_gap", ReconcileSettings.BOOTSTRAP_SERVERS, brokers),
                false));
    }
}
