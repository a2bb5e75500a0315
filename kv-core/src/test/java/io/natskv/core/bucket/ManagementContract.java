package io.natskv.core.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.Mirror;
import io.nats.client.api.Republish;
import io.nats.client.api.Source;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import io.natskv.core.KvEntry;
import io.natskv.core.KvHeaders;
import io.natskv.core.KvOperation;
import io.natskv.core.PatientConnections;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.FeatureUnsupportedException;
import io.natskv.core.error.HistoryTooLargeException;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.error.KvServerException;
import io.natskv.core.error.WrongRevisionException;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.write.AtomicBatchWriter;
import io.natskv.core.write.BatchWrite;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriterOptions;
import io.natskv.testing.nats.NatsServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Buckets and what newer servers add to them, to be run against each supported server: what it lacks is refused by name. */
abstract class ManagementContract {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private KvConnection connection;
    private KvBuckets buckets;

    abstract NatsServer server();

    /** How many servers hold each bucket. */
    int replicas() {
        return 1;
    }

    @BeforeEach
    void open() {
        connection = PatientConnections.open(server().url());
        buckets = new KvBuckets(connection);
    }

    @AfterEach
    void close() {
        connection.close();
    }

    private boolean atLeast(String version) {
        return connection.nats().getServerInfo().isSameOrNewerThanVersion(version);
    }

    private static String name() {
        return "b" + UUID.randomUUID().toString().replace("-", "");
    }

    private BucketConfig.Builder config(String name) {
        return BucketConfig.builder(name).replicas(replicas());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(KvEntry entry) {
        return new String(entry.value(), StandardCharsets.UTF_8);
    }

    @Test
    void createsWithEverySetting() {
        String name = name();
        BucketConfig.Builder config = config(name)
                .description("all settings")
                .history(5)
                .ttl(Duration.ofSeconds(90))
                .maxBytes(1 << 20)
                .maxValueSize(1_000)
                .storage(StorageType.Memory)
                .republish(Republish.builder()
                        .source("$KV." + name + ".>")
                        .destination("again." + name + ".>")
                        .build());
        if (atLeast("2.10.0")) {
            config.compression(true).metadata(Map.of("owner", "tests"));
        }
        KvBucket bucket = buckets.create(config.build());
        BucketStatus status = bucket.status();
        StreamConfiguration stream = status.stream().getConfiguration();
        assertThat(status.bucket()).isEqualTo(name);
        assertThat(status.history()).isEqualTo(5);
        assertThat(status.ttl()).isEqualTo(Duration.ofSeconds(90));
        assertThat(status.backingStore()).isEqualTo("JetStream");
        assertThat(status.compressed()).isEqualTo(atLeast("2.10.0"));
        assertThat(stream.getDescription()).isEqualTo("all settings");
        assertThat(stream.getMaxBytes()).isEqualTo(1 << 20);
        assertThat(stream.getMaximumMessageSize()).isEqualTo(1_000);
        assertThat(stream.getStorageType()).isEqualTo(StorageType.Memory);
        assertThat(stream.getDuplicateWindow()).isEqualTo(Duration.ofSeconds(90));
        assertThat(stream.getDiscardPolicy()).isEqualTo(DiscardPolicy.New);
        assertThat(stream.getAllowRollup()).isTrue();
        assertThat(stream.getDenyDelete()).isTrue();
        assertThat(stream.getAllowDirect()).isTrue();
        assertThat(stream.getMaxMsgs()).isEqualTo(-1);
        assertThat(stream.getRepublish()).isNotNull();
        if (atLeast("2.10.0")) {
            assertThat(stream.getMetadata()).containsEntry("owner", "tests");
        }
        bucket.put("a", "1");
        assertThat(bucket.status().values()).isEqualTo(1);
        assertThat(bucket.status().bytes()).isPositive();
    }

    @Test
    void refusesByNameWhatTheServerLacks() {
        BucketConfig compressed = config(name()).compression(true).build();
        BucketConfig marked =
                config(name()).limitMarkerTtl(Duration.ofSeconds(5)).build();
        BucketConfig sourced = config(name())
                .sources(List.of(Source.builder().name("other").build()))
                .build();
        if (!atLeast("2.10.0")) {
            for (BucketConfig config : List.of(compressed, sourced)) {
                assertThatThrownBy(() -> buckets.create(config))
                        .isInstanceOf(FeatureUnsupportedException.class)
                        .hasMessageContaining("2.10");
            }
        }
        if (!atLeast("2.11.0")) {
            assertThatThrownBy(() -> buckets.create(marked))
                    .isInstanceOf(FeatureUnsupportedException.class)
                    .hasMessageContaining("2.11");
            assertThatThrownBy(() -> buckets.open(marked.bucket())).isInstanceOf(BucketNotFoundException.class);
        } else {
            assertThat(buckets.create(marked).status().stream()
                            .getConfiguration()
                            .getSubjectDeleteMarkerTtl())
                    .isEqualTo(Duration.ofSeconds(5));
        }
    }

    @Test
    void creatingAgainOpensUnlessTheSettingsDiffer() {
        BucketConfig config = config(name()).history(3).build();
        buckets.create(config).put("a", "1");
        assertThat(text(buckets.create(config).get("a"))).isEqualTo("1");
        assertThatThrownBy(() -> buckets.create(config.toBuilder().history(4).build()))
                .isInstanceOfSatisfying(
                        KvServerException.class, e -> assertThat(e.code()).isEqualTo(KvErrors.STREAM_EXISTS));
    }

    @Test
    void bringsABucketOfAnOldClientUpToDate() throws Exception {
        BucketConfig config = config(name()).build();
        connection
                .nats()
                .jetStreamManagement()
                .addStream(StreamConfiguration.builder(BucketStreams.configuration(config))
                        .discardPolicy(DiscardPolicy.Old)
                        .allowDirect(false)
                        .build());
        KvBucket bucket = buckets.create(config);
        StreamConfiguration stream = bucket.status().stream().getConfiguration();
        assertThat(stream.getDiscardPolicy()).isEqualTo(DiscardPolicy.New);
        assertThat(stream.getAllowDirect()).isTrue();
    }

    @Test
    void updatesAndKeepsWhatOthersHaveSet() throws Exception {
        BucketConfig config = config(name())
                .history(3)
                .ttl(Duration.ofHours(1))
                .description("first")
                .build();
        assertThatThrownBy(() -> buckets.update(config)).isInstanceOf(BucketNotFoundException.class);
        buckets.createOrUpdate(config).put("a", "1");
        StreamConfiguration made =
                buckets.open(config.bucket()).status().stream().getConfiguration();
        connection
                .nats()
                .jetStreamManagement()
                .updateStream(StreamConfiguration.builder(made)
                        .addSubjects("extra." + config.bucket())
                        .build());
        KvBucket updated = buckets.createOrUpdate(
                config.toBuilder().history(7).ttl(null).description("second").build());
        StreamConfiguration stream = updated.status().stream().getConfiguration();
        assertThat(updated.status().history()).isEqualTo(7);
        assertThat(updated.status().ttl()).isZero();
        assertThat(stream.getDescription()).isEqualTo("second");
        assertThat(stream.getSubjects()).contains("extra." + config.bucket());
        assertThat(text(updated.get("a"))).isEqualTo("1");
    }

    @Test
    void validatesOnThisSide() {
        assertThatThrownBy(() -> BucketConfig.builder("b").history(65).build())
                .isInstanceOf(HistoryTooLargeException.class);
        assertThatThrownBy(() -> BucketConfig.builder("b").history(0).build())
                .isInstanceOf(HistoryTooLargeException.class);
        assertThatThrownBy(() -> BucketConfig.builder("b")
                        .limitMarkerTtl(Duration.ofMillis(500))
                        .build())
                .hasMessageContaining("second");
        assertThatThrownBy(() -> BucketConfig.builder("b")
                        .mirror(Mirror.builder().name("a").build())
                        .sources(List.of(Source.builder().name("a").build()))
                        .build())
                .hasMessageContaining("mirror");
    }

    @Test
    void listsBucketsButNoMirrorsAndNoOtherStreams() throws Exception {
        List<String> names = IntStream.range(0, 5).mapToObj(i -> name()).toList();
        names.forEach(name -> buckets.create(config(name).build()));
        String mirror = name();
        buckets.create(config(mirror)
                .mirror(Mirror.builder().name(names.get(0)).build())
                .build());
        connection
                .nats()
                .jetStreamManagement()
                .addStream(StreamConfiguration.builder()
                        .name("other" + mirror)
                        .subjects("other." + mirror)
                        .build());
        assertThat(buckets.names()).containsAll(names).doesNotContain(mirror);
        assertThat(buckets.statuses().map(BucketStatus::bucket))
                .containsAll(names)
                .doesNotContain(mirror);
        buckets.delete(names.get(0));
        assertThat(buckets.names()).doesNotContain(names.get(0));
        assertThatThrownBy(() -> buckets.delete(names.get(0))).isInstanceOf(BucketNotFoundException.class);
    }

    @Test
    void readsAndWritesThroughAMirrorOfAnotherName() {
        KvBucket origin = buckets.create(config(name()).build());
        origin.put("a", "1");
        String name = name();
        buckets.create(config(name)
                .mirror(Mirror.builder().name(origin.name()).build())
                .build());
        KvBucket mirror = buckets.open(name);
        Awaitility.await().atMost(DEADLINE).until(() -> mirror.status().values() == 1);
        assertThat(text(mirror.get("a"))).isEqualTo("1");
        assertThat(mirror.get("a").bucket()).isEqualTo(name);
        mirror.put("b", "2");
        assertThat(text(origin.get("b"))).isEqualTo("2");
        Awaitility.await().atMost(DEADLINE).until(() -> mirror.keys().size() == 2);
        try (KvWatch watch = mirror.watch(WatchOptions.DEFAULT)) {
            WatchEvent first = watch.next(DEADLINE);
            assertThat(first)
                    .isInstanceOfSatisfying(
                            WatchEvent.Change.class,
                            change -> assertThat(change.entry().key()).isEqualTo("a"));
        }
    }

    @Test
    void gathersSourcesUnderItsOwnName() {
        if (!atLeast("2.10.0")) {
            return; // refused: see refusesByNameWhatTheServerLacks
        }
        KvBucket one = buckets.create(config(name()).build());
        KvBucket two = buckets.create(config(name()).build());
        KvBucket both = buckets.create(config(name())
                .sources(List.of(
                        Source.builder().name(one.name()).build(),
                        Source.builder().name("KV_" + two.name()).build()))
                .build());
        one.put("a", "1");
        two.put("b", "2");
        Awaitility.await().atMost(DEADLINE).until(() -> both.keys().size() == 2);
        assertThat(text(both.get("a"))).isEqualTo("1");
        both.put("c", "3");
        assertThat(both.keys()).containsExactlyInAnyOrder("a", "b", "c");
    }

    @Test
    void readsManyKeysAtOnce() {
        KvBucket bucket = buckets.create(config(name()).build());
        List<String> keys = new ArrayList<>();
        try (KvWriter writer = bucket.writer(WriterOptions.DEFAULT)) {
            for (int i = 0; i < 2_500; i++) {
                keys.add("k." + i);
                writer.submit(KvWrite.put("k." + i, bytes("v" + i)));
            }
            assertThat(writer.flush(DEADLINE)).isTrue();
        }
        bucket.delete("k.7");
        keys.add("missing");
        Map<String, KvEntry> found = bucket.getAll(keys);
        assertThat(found).hasSize(2_499).doesNotContainKeys("k.7", "missing");
        assertThat(text(found.get("k.2499"))).isEqualTo("v2499");
        assertThat(found.get("k.3")).isEqualTo(bucket.get("k.3"));
        assertThat(bucket.getAll(List.of())).isEmpty();
        assertThat(bucket.getAll(List.of("missing"))).isEmpty();
    }

    @Test
    void keysLeavesOutNoneThatIsWrittenMeanwhile() throws Exception {
        KvBucket bucket = buckets.create(config(name()).build());
        int count = 3_000;
        try (KvWriter writer = bucket.writer(WriterOptions.DEFAULT)) {
            for (int i = 0; i < count; i++) {
                writer.submit(KvWrite.put("k" + i, bytes("x")));
            }
            assertThat(writer.flush(DEADLINE)).isTrue();
            Thread updates = new Thread(() -> {
                for (int i = 0; i < 3 * count && !Thread.currentThread().isInterrupted(); i++) {
                    writer.submit(KvWrite.put("k" + i % count, bytes("y")));
                }
            });
            updates.start();
            for (int round = 0; round < 3; round++) {
                assertThat(bucket.keys()).hasSize(count);
            }
            updates.interrupt();
            updates.join();
        }
    }

    @Test
    void purgesMarkersButNoNewerValues() {
        KvBucket bucket = buckets.create(config(name()).history(5).build());
        bucket.put("deleted", "1");
        bucket.delete("deleted");
        bucket.put("purged", "1");
        bucket.purge("purged");
        bucket.put("kept", "1");
        bucket.put("again", "1");
        bucket.delete("again");
        bucket.put("again", "2");
        // All markers are young: what lies behind them goes, they stay.
        assertThat(bucket.purgeDeletes()).isEqualTo(1);
        assertThat(bucket.history("deleted")).extracting(KvEntry::operation).containsExactly(KvOperation.DELETE);
        assertThat(bucket.purgeDeletes(Duration.ZERO)).isEqualTo(2);
        assertThat(bucket.history("deleted")).isEmpty();
        assertThat(bucket.history("purged")).isEmpty();
        assertThat(bucket.history("again")).hasSize(3);
        assertThat(bucket.keys()).containsExactlyInAnyOrder("kept", "again");
    }

    @Test
    void keysExpireWhereTheServerCan() {
        if (!atLeast("2.11.0")) {
            KvBucket plain = buckets.create(config(name()).build());
            assertThatThrownBy(() -> plain.create("a", bytes("1"), Duration.ofSeconds(1)))
                    .isInstanceOf(FeatureUnsupportedException.class)
                    .hasMessageContaining("2.11");
            assertThat(plain.keys()).isEmpty();
            return;
        }
        KvBucket bucket = buckets.create(
                config(name()).limitMarkerTtl(Duration.ofSeconds(60)).build());
        bucket.create("a", bytes("1"), Duration.ofSeconds(1));
        bucket.put("b", "2");
        bucket.purgeAsync("b", OptionalLong.empty(), Duration.ofSeconds(1)).join();
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT)) {
            Awaitility.await().atMost(DEADLINE).untilAsserted(() -> {
                WatchEvent event = watch.next(Duration.ofMillis(200));
                assertThat(event).isInstanceOfSatisfying(WatchEvent.Change.class, change -> {
                    assertThat(change.entry().key()).isEqualTo("a");
                    assertThat(change.entry().operation()).isEqualTo(KvOperation.PURGE);
                    assertThat(change.entry().headers().getLast("Nats-Marker-Reason"))
                            .isEqualTo("MaxAge");
                });
            });
        }
        Awaitility.await().atMost(DEADLINE).until(() -> bucket.history("b").isEmpty());
        assertThat(bucket.keys()).isEmpty();
        bucket.create("a", bytes("2"));
        KvBucket plain = buckets.create(config(name()).build());
        assertThatThrownBy(() -> plain.create("a", bytes("1"), Duration.ofSeconds(1)))
                .isInstanceOf(KvException.class);
    }

    @Test
    void batchesAreStoredWholeOrNotAtAll() throws Exception {
        KvBucket bucket = buckets.create(config(name()).history(5).build());
        if (!atLeast("2.12.0")) {
            assertThatThrownBy(() -> bucket.batchWriter().get(DEADLINE.toSeconds(), TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(FeatureUnsupportedException.class);
            assertThatThrownBy(() -> buckets.allowBatches(bucket.name()))
                    .isInstanceOf(FeatureUnsupportedException.class);
            return;
        }
        assertThatThrownBy(() -> bucket.batchWriter().get(DEADLINE.toSeconds(), TimeUnit.SECONDS))
                .hasMessageContaining("allow_atomic");
        buckets.allowBatches(bucket.name());
        buckets.allowBatches(bucket.name());
        AtomicBatchWriter batches = bucket.batchWriter().get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
        AtomicBatchWriter.Committed committed = batches.write(List.of(
                        KvWrite.put("a", bytes("1")),
                        KvWrite.put("b", bytes("1")),
                        KvWrite.delete("a"),
                        KvWrite.purge("c")))
                .get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
        assertThat(committed).isEqualTo(new AtomicBatchWriter.Committed(1, 4));
        assertThat(bucket.history("a")).extracting(KvEntry::revision).containsExactly(1L, 3L);

        assertThatThrownBy(() -> batches.write(
                                List.of(KvWrite.put("d", bytes("1")), KvWrite.update("b", bytes("2"), 1)))
                        .get(DEADLINE.toSeconds(), TimeUnit.SECONDS))
                .cause()
                .isInstanceOfSatisfying(
                        WrongRevisionException.class,
                        e -> assertThat(e.actual()).isEqualTo(2));
        assertThat(bucket.status().lastRevision()).isEqualTo(4);
        assertThat(bucket.keys()).containsExactly("b");

        List<KvWrite> full = IntStream.range(0, AtomicBatchWriter.MAX_WRITES)
                .mapToObj(i -> KvWrite.put("f" + i, bytes("x")))
                .toList();
        assertThat(batches.write(full).get(DEADLINE.toSeconds(), TimeUnit.SECONDS))
                .isEqualTo(new AtomicBatchWriter.Committed(5, 1_004));
        List<KvWrite> tooMany = new ArrayList<>(full);
        tooMany.add(KvWrite.put("one", bytes("too many")));
        assertThatThrownBy(() -> batches.write(tooMany)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> batches.write(List.of(KvWrite.put("a", bytes("1")), KvWrite.purge("a"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"a\"");
    }

    @Test
    void aBatchClosesWithAnOffsetBesideTheKeys() throws Exception {
        KvBucket bucket = buckets.create(config(name()).history(5).build());
        if (!atLeast("2.12.0")) {
            assertThatThrownBy(() -> OffsetSpace.prepare(connection, bucket.name(), config -> {})
                            .get(DEADLINE.toSeconds(), TimeUnit.SECONDS))
                    .hasCauseInstanceOf(FeatureUnsupportedException.class);
            return;
        }
        assertThat(prepared(bucket).changed()).isTrue();
        OffsetSpace.Prepared prepared = prepared(bucket);
        assertThat(prepared.changed()).isFalse();
        AtomicBatchWriter batches =
                AtomicBatchWriter.of(connection, bucket.subjects(), prepared.info(), Duration.ofSeconds(10));
        AtomicBatchWriter.Committed first = batches.write(
                        BatchWrite.of(List.of(KvWrite.put("a", bytes("1")), KvWrite.put("b", bytes("1")))),
                        closing(bucket, 0))
                .get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
        assertThat(first).isEqualTo(new AtomicBatchWriter.Committed(1, 3));
        assertThatThrownBy(() -> batches.write(
                                BatchWrite.of(List.of(KvWrite.put("a", bytes("late")))), closing(bucket, 0))
                        .get(DEADLINE.toSeconds(), TimeUnit.SECONDS))
                .cause()
                .isInstanceOfSatisfying(
                        WrongRevisionException.class,
                        e -> assertThat(e.actual()).isEqualTo(3));
        BatchWrite third = BatchWrite.of(
                KvWrite.put("c", bytes("1")).withOrigin(new KvWrite.Origin("id:topic", 1 << 30, Long.MAX_VALUE)));
        assertThat(batches.writeAsking(third, closing(bucket, 3)).get(DEADLINE.toSeconds(), TimeUnit.SECONDS))
                .isEqualTo(new AtomicBatchWriter.Committed(4, 5));
        assertThat(batches.write(List.of(), closing(bucket, 5)).get(DEADLINE.toSeconds(), TimeUnit.SECONDS))
                .isEqualTo(new AtomicBatchWriter.Committed(6, 6));
        MessageInfo stored = connection
                .api()
                .lastMessage(bucket.subjects().stream(), bucket.subjects().readSubject("c"))
                .get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
        assertThat(stored.getHeaders().getLast(KvHeaders.ORIGIN)).isEqualTo("id:topic/1073741824/" + Long.MAX_VALUE);
        assertThat(third.size())
                .as("no less than what is stored")
                .isGreaterThanOrEqualTo(stored.getHeaders().serializedLength() + stored.getData().length);
        assertThat(bucket.keys()).containsExactlyInAnyOrder("a", "b", "c");
        assertThat(bucket.status().values()).as("without the offset").isEqualTo(3);
        assertThat(bucket.status().lastRevision()).isEqualTo(6);
        assertThat(connection
                        .api()
                        .subjects(bucket.subjects().stream(), bucket.subjects().offsetsFilter())
                        .get(DEADLINE.toSeconds(), TimeUnit.SECONDS))
                .containsExactly(Map.entry("$KV." + bucket.name() + "=o.x", 1L));
    }

    private OffsetSpace.Prepared prepared(KvBucket bucket) throws Exception {
        return OffsetSpace.prepare(connection, bucket.name(), config -> {}).get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
    }

    private static AtomicBatchWriter.Closing closing(KvBucket bucket, long lastRevision) {
        Headers headers = new Headers();
        headers.put(KvHeaders.ROLLUP, "sub");
        return new AtomicBatchWriter.Closing(
                bucket.subjects().offsetsReadSubject("x"),
                bucket.subjects().offsetsWriteSubject("x"),
                bytes("offset"),
                headers,
                lastRevision);
    }
}
