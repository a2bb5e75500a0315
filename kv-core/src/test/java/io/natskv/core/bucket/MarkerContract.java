package io.natskv.core.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.Connection;
import io.nats.client.JetStreamManagement;
import io.nats.client.PurgeOptions;
import io.nats.client.impl.Headers;
import io.natskv.core.KvEntry;
import io.natskv.core.KvHeaders;
import io.natskv.core.KvOperation;
import io.natskv.core.PatientConnections;
import io.natskv.core.TappedConnection;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.FeatureUnsupportedException;
import io.natskv.core.error.KeyNotFoundException;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Markers: how they are cleared away, and those that a server writes itself. */
abstract class MarkerContract {
    private static final Duration DEADLINE = Duration.ofSeconds(30);

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

    private BucketConfig.Builder config() {
        return BucketConfig.builder("b" + UUID.randomUUID()).replicas(replicas());
    }

    private boolean writesMarkers() {
        return server().version().atLeast(NatsVersion.V2_15); // the only one here from 2.11 on
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static List<KvOperation> operations(KvBucket bucket, String key) {
        return bucket.history(key).stream().map(KvEntry::operation).toList();
    }

    private static long purgeAt(KvConnection connection, KvBucket bucket, Duration age, Instant now) {
        return new MarkerPurge(
                        connection.api(),
                        bucket,
                        new BucketReads(connection, bucket.subjects()),
                        Clock.fixed(now, ZoneOffset.UTC))
                .run(age, DEADLINE);
    }

    /** Just when the first purge is on its way, all keys are written once more. */
    @Test
    @SuppressWarnings("try") // closing a connection may be interrupted
    void whatIsWrittenBetweenScanAndPurgeStays() throws Exception {
        KvBucket bucket = buckets.create(config().history(5).build());
        for (String key : List.of("deleted", "purged", "again", "untouched")) {
            bucket.put(key, "old");
            bucket.delete(key);
        }
        bucket.purge("purged");
        AtomicBoolean first = new AtomicBoolean(true);
        try (Connection nats = server().connect();
                KvConnection tapped = KvConnection.using(
                        TappedConnection.of(nats, sent -> {
                            if (sent.subject().startsWith("$JS.API.STREAM.PURGE.") && first.getAndSet(false)) {
                                bucket.put("deleted", "new");
                                bucket.create("purged", bytes("new"));
                                bucket.put("again", "new");
                                bucket.delete("again");
                            }
                            return true;
                        }),
                        "$JS.API.",
                        DEADLINE)) {
            // Both revisions of three keys, and the marker of "purged".
            assertThat(new KvBuckets(tapped).open(bucket.name()).purgeDeletes(Duration.ZERO))
                    .isEqualTo(7);
        }
        assertThat(first).isFalse();
        assertThat(bucket.get("deleted").value()).isEqualTo(bytes("new"));
        assertThat(bucket.get("purged").value()).isEqualTo(bytes("new"));
        assertThat(operations(bucket, "deleted")).containsExactly(KvOperation.PUT);
        assertThat(operations(bucket, "purged")).containsExactly(KvOperation.PUT);
        assertThat(operations(bucket, "again")).containsExactly(KvOperation.PUT, KvOperation.DELETE);
        assertThat(operations(bucket, "untouched")).isEmpty();
    }

    @Test
    void markersOfHalfAnHourStayAndOlderOnesGo() {
        KvBucket bucket = buckets.create(config().history(5).build());
        bucket.put("a", "1");
        bucket.delete("a");
        bucket.put("b", "1");
        bucket.purge("b");
        bucket.put("b", "2");
        bucket.delete("b");
        Instant a = bucket.lastAsync("a").join().created();
        Instant b = bucket.lastAsync("b").join().created();
        assertThat(a).isBefore(b);
        assertThat(KvBucket.DEFAULT_MARKER_AGE).isEqualTo(Duration.ofMinutes(30));

        // Just half an hour old: what lies behind goes, the marker stays.
        assertThat(purgeAt(connection, bucket, Duration.ofMinutes(30), a.plusSeconds(1_800)))
                .isEqualTo(3);
        assertThat(operations(bucket, "a")).containsExactly(KvOperation.DELETE);
        assertThat(operations(bucket, "b")).containsExactly(KvOperation.DELETE);
        assertThat(purgeAt(
                        connection,
                        bucket,
                        Duration.ofMinutes(30),
                        a.plusSeconds(1_800).plusNanos(1)))
                .isEqualTo(1);
        assertThat(operations(bucket, "a")).isEmpty();
        assertThat(operations(bucket, "b")).containsExactly(KvOperation.DELETE);
        // A clock of ours that is slow keeps them, whatever the age.
        assertThat(purgeAt(connection, bucket, Duration.ofNanos(1), b.minusSeconds(60)))
                .isZero();
        assertThat(bucket.purgeDeletes()).isZero();
        // No age is all, whatever the clock says.
        assertThat(purgeAt(connection, bucket, Duration.ZERO, b.minusSeconds(60)))
                .isEqualTo(1);
        assertThat(operations(bucket, "b")).isEmpty();
        bucket.delete("c");
        assertThat(bucket.purgeDeletes(Duration.ofSeconds(-1))).isEqualTo(1);
        assertThat(bucket.status().values()).isZero();
    }

    /** Headers that a server may write (ADR-43): no server up to 2.15 writes Purge and Remove, so another client does. */
    @Test
    void theReasonOfAMarkerDecidesTheOperation() {
        KvBucket bucket = buckets.create(config().history(5).build());
        for (String[] row : new String[][] {
            {"MaxAge", "PURGE"},
            {"Purge", "PURGE"},
            {"Remove", "DELETE"},
            {"SomethingNew", "PURGE"}
        }) {
            String key = row[0];
            KvOperation operation = KvOperation.valueOf(row[1]);
            bucket.put(key, "1");
            connection
                    .nats()
                    .publish(
                            bucket.subjects().writeSubject(key), new Headers().add(KvHeaders.MARKER_REASON, key), null);
            Awaitility.await().atMost(DEADLINE).until(() -> bucket.history(key).size() == 2);
            KvEntry marker = bucket.lastAsync(key).join();
            assertThat(marker.operation()).isEqualTo(operation);
            assertThat(marker.headers().getLast(KvHeaders.MARKER_REASON)).isEqualTo(key);
            looksDeleted(bucket, key, operation);
        }
    }

    /** To every way of reading, a marker is one, whoever wrote it. */
    private void looksDeleted(KvBucket bucket, String key, KvOperation operation) {
        assertThatThrownBy(() -> bucket.get(key)).isInstanceOf(KeyNotFoundException.class);
        KvEntry marker = bucket.lastAsync(key).join();
        assertThat(bucket.get(key, marker.revision()).operation()).isEqualTo(operation);
        assertThat(bucket.keys()).doesNotContain(key);
        assertThat(bucket.getAll(List.of(key))).isEmpty();
        assertThat(bucket.history(key)).last().satisfies(last -> {
            assertThat(last.operation()).isEqualTo(operation);
            assertThat(last.operation().isMarker()).isTrue();
            assertThat(last.value()).isEmpty();
        });
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT.withIgnoreDeletes(true))) {
            assertThat(watch.next(DEADLINE)).isInstanceOf(WatchEvent.SnapshotEnd.class);
        }
        assertThat(bucket.create(key, bytes("2"))).isGreaterThan(marker.revision());
        bucket.delete(key);
        assertThat(bucket.purgeDeletes(Duration.ZERO)).isPositive();
        assertThat(bucket.history(key)).isEmpty();
    }

    @Test
    void aValueThatExpiresLeavesAMarkerWhereTheServerWritesThem() {
        BucketConfig.Builder config = config().ttl(Duration.ofSeconds(1));
        if (!writesMarkers()) {
            BucketConfig marked = config.limitMarkerTtl(Duration.ofSeconds(60)).build();
            assertThatThrownBy(() -> buckets.create(marked)).isInstanceOf(FeatureUnsupportedException.class);
        }
        KvBucket bucket = buckets.create(
                writesMarkers()
                        ? config.limitMarkerTtl(Duration.ofSeconds(60)).build()
                        : config.limitMarkerTtl(null).build());
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT)) {
            assertThat(watch.next(DEADLINE)).isEqualTo(new WatchEvent.SnapshotEnd(0));
            bucket.put("a", "1");
            assertThat(change(watch).operation()).isEqualTo(KvOperation.PUT);
            if (writesMarkers()) {
                KvEntry marker = change(watch);
                assertThat(marker.key()).isEqualTo("a");
                assertThat(marker.operation()).isEqualTo(KvOperation.PURGE);
                assertThat(marker.value()).isEmpty();
                assertThat(marker.headers().getLast(KvHeaders.MARKER_REASON)).isEqualTo("MaxAge");
            }
            // A marker of a bucket with a TTL goes with the TTL, and nothing tells of that.
            Awaitility.await().atMost(DEADLINE).until(() -> bucket.history("a").isEmpty());
            assertThatThrownBy(() -> bucket.get("a")).isInstanceOf(KeyNotFoundException.class);
            bucket.put("b", "1");
            assertThat(change(watch).key()).isEqualTo("b");
        }
    }

    @Test
    void aKeyThatExpiresLeavesAMarkerThatLooksLikeOne() {
        KvBucket bucket = buckets.create(
                writesMarkers()
                        ? config().limitMarkerTtl(Duration.ofSeconds(60)).build()
                        : config().build());
        if (!writesMarkers()) {
            assertThatThrownBy(() -> bucket.create("a", bytes("1"), Duration.ofSeconds(1)))
                    .isInstanceOf(FeatureUnsupportedException.class)
                    .hasMessageContaining("2.11");
            return;
        }
        bucket.create("a", bytes("1"), Duration.ofMillis(1));
        Awaitility.await()
                .atMost(DEADLINE)
                .until(() -> bucket.lastAsync("a").join().operation().isMarker());
        KvEntry marker = bucket.lastAsync("a").join();
        assertThat(marker.headers().getLast(KvHeaders.MARKER_REASON)).isEqualTo("MaxAge");
        assertThat(marker.headers().getLast(KvHeaders.TTL)).isIn("60", "60s", "1m0s");
        looksDeleted(bucket, "a", KvOperation.PURGE);
    }

    /** No server up to 2.15 leaves a marker for what an administrator removes. */
    @Test
    void whatAnAdministratorRemovesLeavesNoMarker() throws Exception {
        KvBucket bucket = buckets.create(
                writesMarkers()
                        ? config().limitMarkerTtl(Duration.ofSeconds(60)).build()
                        : config().build());
        JetStreamManagement management = connection.nats().jetStreamManagement();
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT)) {
            assertThat(watch.next(DEADLINE)).isInstanceOf(WatchEvent.SnapshotEnd.class);
            bucket.put("a", "1");
            assertThat(change(watch).key()).isEqualTo("a");
            management.purgeStream(
                    bucket.subjects().stream(),
                    PurgeOptions.subject(bucket.subjects().readSubject("a")));
            assertThat(bucket.history("a")).isEmpty();
            bucket.put("b", "1");
            assertThat(change(watch).key()).isEqualTo("b");
        }
        assertThat(bucket.lastAsync("a").join()).isNull();
        assertThat(bucket.keys()).containsExactly("b");
    }

    private static KvEntry change(KvWatch watch) {
        WatchEvent event = watch.next(DEADLINE);
        assertThat(event).isInstanceOf(WatchEvent.Change.class);
        return ((WatchEvent.Change) event).entry();
    }
}
