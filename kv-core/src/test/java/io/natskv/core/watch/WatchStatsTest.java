package io.natskv.core.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.KvEntry;
import io.natskv.core.PatientConnections;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a watch tells of its lag, on the way through a bucket and over an outage. */
class WatchStatsTest {
    private static final int KEYS = 500;

    @ParameterizedTest
    @EnumSource(NatsVersion.class)
    void tellsWhatIsLeftAndHowOldTheLastEntryIsAndHowLongAnOutageLasts(NatsVersion version) {
        try (NatsServer server = NatsServer.start(version);
                KvConnection connection = KvConnection.open(PatientConnections.to(server.url())
                        .reconnectWait(Duration.ofMillis(20))
                        .build())) {
            KvBucket bucket = new KvBuckets(connection).create(BucketConfig.of("b"));
            for (int i = 0; i < KEYS; i++) {
                bucket.put("k" + i, "0123456789");
            }
            WatchOptions options = WatchOptions.DEFAULT.withBuffer(20, 4_096).withHeartbeat(Duration.ofSeconds(10));
            KvWatch watch = bucket.watch(options);
            try (watch) {
                WatchStats before = watch.stats();
                assertThat(before)
                        .isEqualTo(new WatchStats(WatchStats.State.STARTING, 0, 0, 0, 0, 0, 0, null, Duration.ZERO));
                reading(bucket, watch);
                outage(server, bucket, watch);
            }
            assertThat(watch.stats().state()).isEqualTo(WatchStats.State.CLOSED);
        }
    }

    private static void reading(KvBucket bucket, KvWatch watch) {
        for (int read = 1; read <= KEYS; read++) {
            KvEntry entry = Watches.take(watch, 1).get(0);
            WatchStats stats = watch.stats();
            assertThat(stats.state()).isEqualTo(WatchStats.State.WATCHING);
            assertThat(stats.revision()).isEqualTo(read);
            assertThat(stats.delivered()).isEqualTo(read);
            assertThat(stats.lastEntryCreated()).isEqualTo(entry.created());
            // Whatever is under way is counted by the server or by us: never less than what is left.
            assertThat(stats.pending()).as("after %s: %s", read, stats).isEqualTo(KEYS - read);
            assertThat(stats.bufferedEntries()).isBetween(0L, 20L);
            assertThat(stats.bufferedBytes()).isBetween(0L, 8_192L);
            assertThat(stats.unavailableFor()).isZero();
        }
        assertThat(Watches.readUntil(watch, event -> true)).containsExactly(new WatchEvent.SnapshotEnd(KEYS));
        assertThat(watch.stats().bufferedEntries()).isZero();
        assertThat(watch.stats().bufferedBytes()).isZero();
        assertThat(watch.stats().recreations()).isZero();
        assertThat(watch.stats().lastEntryCreated())
                .isEqualTo(bucket.get("k" + (KEYS - 1)).created());
    }

    private static void outage(NatsServer server, KvBucket bucket, KvWatch watch) {
        server.kill();
        Watches.readUntil(watch, WatchEvent.Unavailable.class::isInstance);
        Duration first = watch.stats().unavailableFor();
        assertThat(first).isPositive();
        assertThat(watch.stats().state()).isEqualTo(WatchStats.State.STARTING);
        // It grows also while nobody reads.
        Awaitility.await().until(() -> watch.stats().unavailableFor().compareTo(first.plusMillis(100)) > 0);
        Duration later = watch.stats().unavailableFor();
        assertThat(watch.stats().revision()).isEqualTo(KEYS);
        assertThat(watch.stats().delivered()).isEqualTo(KEYS);

        server.restart();
        List<WatchEvent> events = Watches.readUntil(watch, WatchEvent.Available.class::isInstance);
        assertThat(events)
                .singleElement()
                .isInstanceOfSatisfying(
                        WatchEvent.Available.class,
                        event -> assertThat(event.outage()).isGreaterThan(later));
        assertThat(watch.stats().unavailableFor()).isZero();
        assertThat(watch.stats().recreations()).isPositive();
        long revision = bucket.put("k0", "again");
        assertThat(Watches.take(watch, 1).get(0).revision()).isEqualTo(revision);
        assertThat(watch.stats().delivered()).isEqualTo(KEYS + 1);
        assertThat(watch.stats().pending()).isZero();
        assertThat(watch.stats().state()).isEqualTo(WatchStats.State.WATCHING);
    }
}
