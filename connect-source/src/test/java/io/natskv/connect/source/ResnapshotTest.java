package io.natskv.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.KvEntry;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.key.KeyFilter;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.watch.WatchPosition;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ResnapshotTest extends WithBucket {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

    @Override
    NatsServer server() {
        return NATS.server();
    }

    @Test
    void handsOutWhatTheWatchHasSeen() {
        bucket.put("a", "1");
        bucket.put("b", "2");
        WatchPosition position = position();
        bucket.put("c", "3");
        try (Resnapshot snapshot = begin(WatchOptions.DEFAULT)) {
            List<String> keys = new ArrayList<>();
            Awaitility.await().until(() -> {
                add(keys, snapshot.next(position));
                return snapshot.isComplete();
            });
            assertThat(keys).containsExactly("a", "b");
        }
    }

    /** The watch has not noticed yet, and what is to be done about it is for others to decide. */
    @Test
    void waitsWhereTheBucketIsAnotherOneThanTheWatchs() {
        bucket.put("a", "1");
        WatchPosition before = position();
        recreate();
        bucket.put("b", "2");
        try (Resnapshot snapshot = begin(WatchOptions.DEFAULT)) {
            Awaitility.await().until(() -> {
                assertThat(snapshot.next(before)).isNull();
                return snapshot.isWaiting(before);
            });
            assertThat(snapshot.next(before)).isNull();
            assertThat(snapshot.isComplete()).isFalse();
        }
    }

    @Test
    void waitsWhenTheBucketBecomesAnotherOne() {
        for (int i = 0; i < 200; i++) {
            bucket.put("a" + i, "1");
        }
        WatchPosition before = position();
        try (Resnapshot snapshot = begin(WatchOptions.DEFAULT.withBuffer(2, 1_024))) {
            List<String> keys = new ArrayList<>();
            Awaitility.await().until(() -> {
                add(keys, snapshot.next(before));
                return !keys.isEmpty();
            });
            recreate();
            for (int i = 0; i < 200; i++) {
                bucket.put("b" + i, "1");
            }
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
                add(keys, snapshot.next(before));
                return snapshot.isWaiting(before);
            });
            assertThat(snapshot.next(before)).isNull();
            assertThat(keys).allMatch(key -> key.startsWith("a"));
        }
    }

    private void recreate() {
        buckets.delete(name);
        bucket = buckets.create(BucketConfig.of(name));
    }

    /** Of a watch that has read all. */
    private WatchPosition position() {
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT)) {
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> watch.next(Duration.ofMillis(100)) instanceof WatchEvent.SnapshotEnd);
            return watch.position();
        }
    }

    private Resnapshot begin(WatchOptions options) {
        ControlSignal signal =
                new ControlSignal(ControlSignal.Type.SNAPSHOT, Optional.empty(), KeyFilter.ALL, "test", Instant.now());
        return new Resnapshot(signal, Assignment.of(name, ">"), bucket.watch(options));
    }

    private static void add(List<String> keys, KvEntry entry) {
        if (entry != null) {
            keys.add(entry.key());
        }
    }
}
