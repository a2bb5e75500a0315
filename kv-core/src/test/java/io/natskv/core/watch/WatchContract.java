package io.natskv.core.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.JetStreamManagement;
import io.nats.client.PurgeOptions;
import io.natskv.core.KvEntry;
import io.natskv.core.KvOperation;
import io.natskv.core.PatientConnections;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.FeatureUnsupportedException;
import io.natskv.core.key.KeyFilter;
import io.natskv.core.watch.WatchEvent.PositionLost.Reason;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a watch promises, to be run against each supported server. */
abstract class WatchContract {
    private KvConnection connection;
    private KvBuckets buckets;
    private KvBucket bucket;

    abstract NatsServer server();

    /** How many servers hold each bucket. */
    int replicas() {
        return 1;
    }

    @BeforeEach
    void open() {
        connection = PatientConnections.open(server().url());
        buckets = new KvBuckets(connection);
        bucket = create(1);
    }

    @AfterEach
    void close() {
        connection.close();
    }

    private BucketConfig.Builder config(String name) {
        return BucketConfig.builder(name).replicas(replicas());
    }

    private KvBucket create(int history) {
        return buckets.create(config("b" + UUID.randomUUID().toString().replace("-", ""))
                .history(history)
                .build());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static List<Long> revisions(List<KvEntry> entries) {
        return entries.stream().map(KvEntry::revision).toList();
    }

    private static List<String> keys(List<KvEntry> entries) {
        return entries.stream().map(KvEntry::key).toList();
    }

    @Test
    void deliversTheLastOfEachKeyThenWhatChanges() {
        bucket.put("a", "1");
        bucket.put("b.c", "2");
        bucket.put("a", "3");
        bucket.put("gone", "4");
        bucket.delete("gone");
        bucket.put("empty", new byte[0]);
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT)) {
            List<WatchEvent> events = Watches.readUntil(watch, WatchEvent.SnapshotEnd.class::isInstance);
            List<KvEntry> entries = Watches.entries(events);
            assertThat(keys(entries)).containsExactly("b.c", "a", "gone", "empty");
            assertThat(revisions(entries)).containsExactly(2L, 3L, 5L, 6L);
            assertThat(entries)
                    .extracting(KvEntry::operation)
                    .containsExactly(KvOperation.PUT, KvOperation.PUT, KvOperation.DELETE, KvOperation.PUT);
            assertThat(entries.get(1).value()).isEqualTo(bytes("3"));
            assertThat(entries.get(3).value()).isEmpty();
            assertThat(entries.get(3).delta()).isZero();
            assertThat(entries.get(0).created())
                    .isBeforeOrEqualTo(entries.get(1).created());
            assertThat(events).last().isEqualTo(new WatchEvent.SnapshotEnd(6));

            long purged = bucket.purge("a");
            WatchEvent live = Watches.readUntil(watch, event -> true).get(0);
            assertThat(live).isInstanceOfSatisfying(WatchEvent.Change.class, change -> {
                assertThat(change.snapshot()).isFalse();
                assertThat(change.entry().revision()).isEqualTo(purged);
                assertThat(change.entry().operation()).isEqualTo(KvOperation.PURGE);
            });
            assertThat(watch.position().revision()).isEqualTo(purged);
            assertThat(watch.stats().state()).isEqualTo(WatchStats.State.WATCHING);
        }
    }

    @Test
    void endsTheSnapshotOfAnEmptyBucketAtOnce() {
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT)) {
            assertThat(Watches.readUntil(watch, event -> true)).containsExactly(new WatchEvent.SnapshotEnd(0));
        }
    }

    @Test
    void endsTheSnapshotWhenTheLastRevisionBelongsToNoKeyOfTheFilter() {
        bucket.put("a.1", "x");
        bucket.put("b.1", "x");
        bucket.put("b.2", "x");
        WatchOptions options = WatchOptions.DEFAULT.withFilters(List.of(new KeyFilter("a.*")));
        try (KvWatch watch = bucket.watch(options)) {
            assertThat(keys(Watches.snapshot(watch))).containsExactly("a.1");
            bucket.put("b.3", "x");
            bucket.put("a.2", "x");
            assertThat(keys(Watches.take(watch, 1))).containsExactly("a.2");
        }
        try (KvWatch none = bucket.watch(WatchOptions.DEFAULT.withFilters(List.of(new KeyFilter("nothing.>"))))) {
            assertThat(Watches.snapshot(none)).isEmpty();
        }
    }

    @Test
    void endsTheSnapshotUnderSustainedWrites() throws InterruptedException {
        for (int i = 0; i < 500; i++) {
            bucket.put("k" + i, "x");
        }
        Thread writer = new Thread(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                bucket.putAsync("k" + System.nanoTime() % 500, bytes("y"))
                        .handle((r, e) -> null)
                        .join();
            }
        });
        writer.start();
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT)) {
            List<WatchEvent> events = Watches.readUntil(watch, WatchEvent.SnapshotEnd.class::isInstance);
            long end = ((WatchEvent.SnapshotEnd) events.get(events.size() - 1)).revision();
            assertThat(revisions(Watches.entries(events))).isSorted().allMatch(revision -> revision <= end);
            List<KvEntry> live = Watches.take(watch, 100);
            assertThat(live.get(0).revision()).isGreaterThan(end);
        } finally {
            writer.interrupt();
            writer.join();
        }
    }

    @Test
    void updatesOnlyBeginsBehindTheRevisionThatItFound() {
        bucket.put("a", "1");
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT.withStart(WatchStart.updatesOnly()))) {
            assertThat(Watches.readUntil(watch, event -> true)).containsExactly(new WatchEvent.SnapshotEnd(1));
            bucket.put("a", "2");
            assertThat(revisions(Watches.take(watch, 1))).containsExactly(2L);
        }
    }

    @Test
    void historyDeliversEveryRevisionThatIsKept() {
        KvBucket deep = create(3);
        for (int i = 1; i <= 5; i++) {
            deep.put("a", "v" + i);
        }
        deep.put("b", "x");
        try (KvWatch watch = deep.watch(WatchOptions.DEFAULT.withStart(WatchStart.history()))) {
            assertThat(revisions(Watches.snapshot(watch))).containsExactly(3L, 4L, 5L, 6L);
        }
        assertThat(revisions(deep.history("a"))).containsExactly(3L, 4L, 5L);
        assertThat(deep.history("none")).isEmpty();
    }

    @Test
    void startsFromARevisionAndFromATime() {
        KvBucket deep = create(10);
        for (int i = 1; i <= 4; i++) {
            deep.put("a", "v" + i);
        }
        try (KvWatch watch = deep.watch(WatchOptions.DEFAULT.withStart(new WatchStart.FromRevision(3)))) {
            assertThat(revisions(Watches.snapshot(watch))).containsExactly(3L, 4L);
        }
        try (KvWatch beyond = deep.watch(WatchOptions.DEFAULT.withStart(new WatchStart.FromRevision(7)))) {
            assertThat(Watches.snapshot(beyond)).isEmpty();
            for (int i = 5; i <= 8; i++) {
                deep.put("a", "v" + i);
            }
            assertThat(revisions(Watches.take(beyond, 2))).containsExactly(7L, 8L);
        }
        KvEntry third = deep.get("a", 3);
        try (KvWatch watch = deep.watch(WatchOptions.DEFAULT.withStart(new WatchStart.FromTime(third.created())))) {
            assertThat(revisions(Watches.snapshot(watch)).get(0)).isEqualTo(3L);
        }
    }

    @Test
    void leavesOutMarkersAndValues() {
        bucket.put("a", "12345");
        bucket.put("b", "1");
        bucket.delete("b");
        WatchOptions options = WatchOptions.DEFAULT.withIgnoreDeletes(true).withMetaOnly(true);
        try (KvWatch watch = bucket.watch(options)) {
            List<KvEntry> entries = Watches.snapshot(watch);
            assertThat(keys(entries)).containsExactly("a");
            assertThat(entries.get(0).value()).isEmpty();
            assertThat(entries.get(0).valueLength()).isEqualTo(5);
            assertThat(watch.position().revision()).isEqualTo(3);
        }
    }

    @Test
    void severalFiltersNeed2_10() {
        bucket.put("a.1", "x");
        bucket.put("b.1", "x");
        bucket.put("c.1", "x");
        WatchOptions options = WatchOptions.DEFAULT.withFilters(List.of(new KeyFilter("a.*"), new KeyFilter("c.>")));
        try (KvWatch watch = bucket.watch(options)) {
            if (connection.nats().getServerInfo().isSameOrNewerThanVersion("2.10.0")) {
                assertThat(keys(Watches.snapshot(watch))).containsExactly("a.1", "c.1");
            } else {
                assertThatThrownBy(() -> watch.next(Watches.DEADLINE))
                        .isInstanceOf(FeatureUnsupportedException.class)
                        .hasMessageContaining("2.10");
            }
        }
    }

    @Test
    void goesOnBehindAPositionWithoutRepeating() {
        IntStream.range(0, 50).forEach(i -> bucket.put("k" + i, "x"));
        WatchPosition position;
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT)) {
            Watches.take(watch, 20);
            position = watch.position();
        }
        assertThat(position.inSnapshot()).isTrue();
        assertThat(position.anchors()).hasSize(WatchPosition.MAX_ANCHORS);
        bucket.put("k3", "y");
        bucket.put("k30", "y");
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT.withStart(WatchStart.after(position)))) {
            List<KvEntry> rest = Watches.snapshot(watch);
            List<KvEntry> live = Watches.take(watch, 2);
            List<Long> all = new ArrayList<>(revisions(rest));
            all.addAll(revisions(live));
            assertThat(all)
                    .containsExactlyElementsOf(IntStream.rangeClosed(21, 52)
                            .filter(revision -> revision != 31)
                            .mapToObj(revision -> (long) revision)
                            .toList());
        }
    }

    @Test
    void goesOnInTheMiddleOfASnapshotOfABucketWithHistory() {
        KvBucket deep = create(5);
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < 20; i++) {
                deep.put("k" + i, "v" + round);
            }
        }
        WatchPosition position;
        try (KvWatch watch = deep.watch(WatchOptions.DEFAULT)) {
            Watches.take(watch, 5);
            position = watch.position();
        }
        assertThat(position.revision()).isEqualTo(85);
        try (KvWatch watch = deep.watch(WatchOptions.DEFAULT.withStart(WatchStart.after(position)))) {
            assertThat(revisions(Watches.snapshot(watch)))
                    .containsExactlyElementsOf(IntStream.rangeClosed(86, 100)
                            .mapToObj(i -> (long) i)
                            .toList());
        }
    }

    @Test
    void whatChangesBehindAnInterruptedSnapshotComesRevisionByRevision() {
        KvBucket deep = create(5);
        for (int i = 1; i <= 10; i++) {
            deep.put("k" + i, "x");
        }
        WatchPosition position;
        try (KvWatch watch = deep.watch(WatchOptions.DEFAULT)) {
            Watches.take(watch, 5);
            position = watch.position();
        }
        for (int i = 0; i < 3; i++) {
            deep.put("k8", "y" + i);
        }
        try (KvWatch watch = deep.watch(WatchOptions.DEFAULT.withStart(WatchStart.after(position)))) {
            List<WatchEvent> events = Watches.readUntil(
                    watch,
                    event -> event instanceof WatchEvent.Change change
                            && change.entry().revision() == 13);
            List<Long> read = new ArrayList<>(revisions(Watches.entries(events)));
            if (replicas() > 1 && read.size() == 8) {
                // The consumer is with a replica that did not have the later ones of this key yet.
                assertThat(read.remove(2)).isEqualTo(8L);
            }
            assertThat(read).containsExactly(6L, 7L, 9L, 10L, 11L, 12L, 13L);
            assertThat(events)
                    .filteredOn(WatchEvent.SnapshotEnd.class::isInstance)
                    .containsExactly(new WatchEvent.SnapshotEnd(10));
            deep.put("k1", "z");
            assertThat(revisions(Watches.take(watch, 1))).containsExactly(14L);
        }
    }

    @Test
    void thePositionIsBehindTheEndOfTheSnapshotOnlyWhenTheEndWasHandedOut() {
        bucket.put("a", "1");
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT)) {
            Watches.take(watch, 1);
            assertThat(watch.position().inSnapshot()).isTrue();
            assertThat(Watches.readUntil(watch, event -> true)).containsExactly(new WatchEvent.SnapshotEnd(1));
            assertThat(watch.position().inSnapshot()).isFalse();
        }
    }

    @Test
    void aStartTimeBehindEverythingThatIsThereEndsTheSnapshot() {
        bucket.put("a", "1");
        Instant later = bucket.get("a").created().plusSeconds(1);
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT.withStart(new WatchStart.FromTime(later)))) {
            assertThat(Watches.snapshot(watch)).isEmpty();
        }
    }

    @Test
    void closingAtAnyMomentLeavesNoConsumerBehind() throws Exception {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        IntStream.range(0, 50).forEach(i -> bucket.put("k" + i, "x"));
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        for (int round = 0; round < 60; round++) {
            KvWatch watch = bucket.watch(WatchOptions.DEFAULT);
            Thread reader = new Thread(() -> {
                try {
                    while (watch.stats().state() != WatchStats.State.CLOSED) {
                        watch.next(Duration.ofSeconds(1));
                    }
                    watch.next(Duration.ofSeconds(1));
                } catch (Throwable e) {
                    failures.add(e);
                }
            });
            reader.start();
            long nanos = random.nextInt(5_000_000);
            for (long from = System.nanoTime(); System.nanoTime() - from < nanos; ) {
                Thread.onSpinWait();
            }
            watch.close();
            reader.join(Watches.DEADLINE.toMillis());
            assertThat(reader.isAlive()).isFalse();
        }
        assertThat(failures).isEmpty();
        JetStreamManagement management = connection.nats().jetStreamManagement();
        Awaitility.await()
                .untilAsserted(() -> assertThat(management.getConsumerNames(bucket.subjects().stream()))
                        .isEmpty());
    }

    @Test
    void aWatchThatHasReadNothingLosesNothingWhenTheTimeOfCreationChanges() {
        bucket.put("a", "1");
        Instant created = bucket.status().created();
        if (replicas() == 1) {
            restartServer();
        }
        WatchOptions updates = WatchOptions.DEFAULT.withStart(WatchStart.updatesOnly());
        WatchOptions none = WatchOptions.DEFAULT.withFilters(List.of(new KeyFilter("none.>")));
        try (KvWatch first = bucket.watch(updates);
                KvWatch second = bucket.watch(none)) {
            Watches.snapshot(first);
            Watches.snapshot(second);
            // Below 2.15 an update between two restarts changes what the server calls the time of creation.
            buckets.update(config(bucket.name()).description("changed").build());
            restartServer();
            assertThat(bucket.status().created().equals(created))
                    .isEqualTo(server().version().atLeast(NatsVersion.V2_15));
            Awaitility.await().ignoreExceptions().until(() -> bucket.put("b", "2") > 0);
            Awaitility.await().ignoreExceptions().until(() -> bucket.put("none.1", "3") > 0);
            assertThat(Watches.readUntil(first, WatchEvent.Change.class::isInstance))
                    .noneMatch(WatchEvent.PositionLost.class::isInstance);
            assertThat(Watches.readUntil(second, WatchEvent.Change.class::isInstance))
                    .noneMatch(WatchEvent.PositionLost.class::isInstance);
        }
    }

    private void restartServer() {
        server().kill();
        server().restart();
        Awaitility.await().atMost(Watches.DEADLINE).until(connection::isConnected);
        Awaitility.await().atMost(Watches.DEADLINE).ignoreExceptions().until(() -> bucket.status() != null);
    }

    @Test
    void overwrittenHistoryIsNoLostPosition() {
        IntStream.range(0, 10).forEach(i -> bucket.put("k" + i, "x"));
        WatchPosition position;
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT)) {
            Watches.snapshot(watch);
            position = watch.position();
        }
        for (int round = 0; round < 20; round++) {
            IntStream.range(0, 10).forEach(i -> bucket.put("k" + i, "y"));
        }
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT.withStart(WatchStart.after(position)))) {
            List<WatchEvent> events = Watches.readUntil(
                    watch,
                    event -> event instanceof WatchEvent.Change change
                            && change.entry().revision() == 210);
            assertThat(events).hasSize(10).allMatch(WatchEvent.Change.class::isInstance);
        }
    }

    @Test
    void noticesABucketThatWasCreatedAnew() {
        IntStream.range(0, 5).forEach(i -> bucket.put("k" + i, "x"));
        WatchPosition position;
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT)) {
            Watches.snapshot(watch);
            position = watch.position();
        }
        buckets.delete(bucket.name());
        buckets.create(config(bucket.name()).build());
        IntStream.range(0, 9).forEach(i -> bucket.put("k" + i, "y"));
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT.withStart(WatchStart.after(position)))) {
            WatchEvent event = Watches.readUntil(watch, e -> true).get(0);
            assertThat(event).isInstanceOfSatisfying(WatchEvent.PositionLost.class, lost -> {
                assertThat(lost.reason()).isEqualTo(Reason.RECREATED);
                assertThat(lost.message()).contains(bucket.name());
            });
            assertThat(watch.next(Duration.ofMillis(50))).isNull();
            watch.restart(WatchStart.snapshot());
            assertThat(Watches.snapshot(watch)).hasSize(9);
        }
    }

    @Test
    void reportsADeletedBucketAndTheOneThatTookItsPlace() {
        bucket.put("a", "1");
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT)) {
            Watches.snapshot(watch);
            buckets.delete(bucket.name());
            Watches.readUntil(watch, WatchEvent.BucketDeleted.class::isInstance);
            buckets.create(config(bucket.name()).build());
            bucket.put("a", "2");
            bucket.put("b", "2");
            List<WatchEvent> events = Watches.readUntil(watch, WatchEvent.PositionLost.class::isInstance);
            assertThat(Watches.entries(events)).isEmpty();
            watch.restart(WatchStart.snapshot());
            assertThat(keys(Watches.snapshot(watch))).containsExactly("a", "b");
        }
    }

    @Test
    void getsThroughWhatIsLargerThanTheBuffer() {
        bucket.put("small", "x");
        bucket.put("large", new byte[300_000]);
        bucket.put("after", "x");
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT.withBuffer(10, 64 * 1024))) {
            List<KvEntry> entries = Watches.snapshot(watch);
            assertThat(keys(entries)).containsExactly("small", "large", "after");
            assertThat(entries.get(1).value()).hasSize(300_000);
        }
    }

    @Test
    void staysWithinItsBoundsWhileNobodyReads() {
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT.withBuffer(100, 1 << 20))) {
            Watches.snapshot(watch);
            IntStream.range(0, 1_000).forEach(i -> bucket.put("k" + i, "x"));
            assertThat(watch.stats().bufferedEntries()).isLessThanOrEqualTo(100);
            assertThat(revisions(Watches.take(watch, 1_000))).isSorted().doesNotHaveDuplicates();
        }
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT.withBuffer(10_000, 256 * 1024))) {
            Watches.snapshot(watch);
            IntStream.range(0, 100).forEach(i -> bucket.put("big" + i, new byte[20_000]));
            // Below 2.10 the bound is kept by the number of messages, judged by the largest so far: here none.
            boolean bounded = connection.nats().getServerInfo().isSameOrNewerThanVersion("2.10.0");
            assertThat(watch.stats().bufferedBytes())
                    .isLessThanOrEqualTo(bounded ? 256 * 1024 : 256 * 1024 / 2 / 4_096 * 21_000 * 2);
            assertThat(keys(Watches.take(watch, 100)))
                    .containsExactlyElementsOf(
                            IntStream.range(0, 100).mapToObj(i -> "big" + i).toList());
        }
    }

    /** A server before 2.9.12 moves the consumer on to the purged key, over what it has not delivered of others. */
    @Test
    void deliversWhatAPurgeOfAnotherKeyMeetsOnTheWay() {
        try (KvWatch watch = bucket.watch(fewAtATime())) {
            Watches.snapshot(watch);
            putTen();
            bucket.purge("k.9");
            bucket.put("k.10", "x");
            assertThat(revisions(Watches.take(watch, 11)))
                    .containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 11L, 12L);
        }
    }

    /** To the end of the stream, if nothing of the purged key is left. */
    @Test
    void deliversWhatAPurgeOfTheStreamMeetsOnTheWay() throws Exception {
        try (KvWatch watch = bucket.watch(fewAtATime())) {
            Watches.snapshot(watch);
            putTen();
            purgeByApi("k.9");
            bucket.put("k.10", "x");
            assertThat(revisions(Watches.take(watch, 10))).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 11L);
            putTen();
            purgeByApi("k.9");
            assertThat(revisions(Watches.take(watch, 9))).containsExactly(12L, 13L, 14L, 15L, 16L, 17L, 18L, 19L, 20L);
        }
    }

    @Test
    void deliversWhatAPurgeMeetsInTheMiddleOfTheHistory() throws Exception {
        putTen();
        try (KvWatch watch = bucket.watch(fewAtATime().withStart(new WatchStart.History()))) {
            List<WatchEvent> events = new ArrayList<>(Watches.readUntil(watch, event -> true));
            purgeByApi("k.0");
            events.addAll(Watches.readUntil(watch, WatchEvent.SnapshotEnd.class::isInstance));
            assertThat(revisions(Watches.entries(events)))
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(1, 10).boxed().toList());
            assertThat(events).last().isEqualTo(new WatchEvent.SnapshotEnd(10));
        }
    }

    private static WatchOptions fewAtATime() {
        return WatchOptions.DEFAULT.withFilters(List.of(new KeyFilter("k.*"))).withBuffer(3, 1 << 20);
    }

    private void putTen() {
        IntStream.range(0, 10).forEach(i -> bucket.put("k." + i, "x"));
    }

    private void purgeByApi(String key) throws Exception {
        connection
                .nats()
                .jetStreamManagement()
                .purgeStream(
                        bucket.subjects().stream(),
                        PurgeOptions.subject(bucket.subjects().readSubject(key)));
    }

    @Test
    void survivesAReaderThatPausesLongerThanItsConsumerLives() throws Exception {
        bucket.put("a", "1");
        WatchOptions options = WatchOptions.DEFAULT.withHeartbeat(Duration.ofMillis(200));
        JetStreamManagement management = connection.nats().jetStreamManagement();
        String stream = bucket.subjects().stream();
        try (KvWatch watch = bucket.watch(options)) {
            Watches.snapshot(watch);
            // What the server does when the threshold has passed, and what an administrator may do at any time.
            String name = management.getConsumerNames(stream).get(0);
            assertThat(name).startsWith("kvwatch-");
            management.deleteConsumer(stream, name);
            bucket.put("a", "2");
            bucket.put("b", "3");
            assertThat(revisions(Watches.take(watch, 2))).containsExactly(2L, 3L);
            assertThat(watch.stats().recreations()).isPositive();
        }
        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(management.getConsumerNames(stream)).isEmpty());
    }

    @Test
    void closingEndsAWaitingReader() throws InterruptedException {
        KvWatch watch = bucket.watch(WatchOptions.DEFAULT);
        Watches.snapshot(watch);
        List<Optional<WatchEvent>> read = new CopyOnWriteArrayList<>();
        Thread reader = new Thread(() -> read.add(Optional.ofNullable(watch.next(Duration.ofHours(1)))));
        reader.start();
        watch.close();
        reader.join(Watches.DEADLINE.toMillis());
        assertThat(read).containsExactly(Optional.empty());
        assertThat(reader.isAlive()).isFalse();
        assertThat(watch.next(Duration.ofHours(1))).isNull();
        assertThat(watch.stats().state()).isEqualTo(WatchStats.State.CLOSED);
    }
}
