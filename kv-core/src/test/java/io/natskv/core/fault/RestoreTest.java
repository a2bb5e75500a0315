package io.natskv.core.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.KvEntry;
import io.natskv.core.PatientConnections;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchEvent.PositionLost.Reason;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.watch.WatchPosition;
import io.natskv.core.watch.WatchStart;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWriter;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import io.natskv.testing.process.TempFolder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A server whose store is put back to an earlier state, behind the back of those who read and write. */
class RestoreTest {
    private static final Duration DEADLINE = Reading.DEADLINE;
    private static final int KEYS = 10;
    private static final WatchOptions HISTORY = WatchOptions.DEFAULT.withStart(WatchStart.history());

    @TempDir
    Path folder;

    /** A server with a bucket of which a copy can be made, and put in its place later. */
    private final class Restored implements AutoCloseable {
        final NatsServer server;
        final KvConnection connection;
        final KvBucket bucket;

        Restored(NatsVersion version) {
            this(version, 10);
        }

        Restored(NatsVersion version, int history) {
            server = NatsServer.start(version);
            connection = PatientConnections.open(server.url());
            bucket = new KvBuckets(connection)
                    .create(BucketConfig.builder("restored").history(history).build());
        }

        void write(int count, String value) {
            for (int i = 0; i < count; i++) {
                bucket.put("k" + i % KEYS, value + i);
            }
        }

        void save() {
            server.stop();
            TempFolder.replace(folder.resolve("copy"), server.storeDir());
            restart();
        }

        void restore() {
            server.stop();
            TempFolder.replace(server.storeDir(), folder.resolve("copy"));
            restart();
        }

        private void restart() {
            server.restart();
            Awaitility.await().atMost(DEADLINE).ignoreExceptions().until(() -> bucket.status() != null);
        }

        /** What a reader that has read everything would store. */
        WatchPosition position() {
            long end = bucket.status().lastRevision();
            try (KvWatch watch = bucket.watch(HISTORY)) {
                while (watch.stats().revision() < end) {
                    WatchEvent event = watch.next(DEADLINE);
                    assertThat(event).isInstanceOfAny(WatchEvent.Change.class, WatchEvent.SnapshotEnd.class);
                }
                return watch.position();
            }
        }

        KvWatch after(WatchPosition position) {
            return bucket.watch(WatchOptions.DEFAULT.withStart(WatchStart.after(position)));
        }

        List<Long> revisions() {
            return revisionsOf(Traffic.everything(bucket));
        }

        @Override
        public void close() {
            connection.close();
            server.close();
        }
    }

    private static List<Long> revisionsOf(List<KvEntry> entries) {
        return entries.stream().map(KvEntry::revision).toList();
    }

    /** The first thing but interruptions that a watch tells: its position is lost. */
    private static WatchEvent.PositionLost lost(KvWatch watch) {
        while (true) {
            WatchEvent event = watch.next(DEADLINE);
            if (event instanceof WatchEvent.PositionLost lost) {
                return lost;
            }
            assertThat(event).isInstanceOfAny(WatchEvent.Unavailable.class, WatchEvent.Available.class);
        }
    }

    private static List<Long> changes(KvWatch watch, int count) {
        List<Long> revisions = new ArrayList<>();
        while (revisions.size() < count) {
            WatchEvent event = watch.next(DEADLINE);
            assertThat(event).isNotNull().isNotInstanceOf(WatchEvent.PositionLost.class);
            if (event instanceof WatchEvent.Change change) {
                revisions.add(change.entry().revision());
            }
        }
        return revisions;
    }

    private static WatchStart fromTheBeginning(List<WatchEvent.PositionLost> losses, WatchEvent.PositionLost lost) {
        losses.add(lost);
        return WatchStart.history();
    }

    @ParameterizedTest
    @EnumSource
    void aBucketThatEndsBelowThePositionWentBack(NatsVersion version) throws Exception {
        List<WatchEvent.PositionLost> losses = new CopyOnWriteArrayList<>();
        try (Restored restored = new Restored(version);
                Reading reading =
                        Reading.of(restored.bucket, Reading.everything(), lost -> fromTheBeginning(losses, lost))) {
            restored.write(20, "before");
            restored.save();
            restored.write(10, "after");
            reading.awaitRevision(30);
            assertThat(revisionsOf(reading.entries())).hasSize(30);
            WatchPosition stored = restored.position();
            restored.restore();
            // Who was connected all the time.
            reading.await(r -> !losses.isEmpty());
            assertThat(losses.get(0).reason()).isEqualTo(Reason.WENT_BACK);
            assertThat(losses.get(0).position().revision()).isEqualTo(30);
            assertThat(losses.get(0).message()).contains("\"restored\"", "20", "30");
            // Who comes back later.
            try (KvWatch later = restored.after(stored)) {
                assertThat(lost(later).reason()).isEqualTo(Reason.WENT_BACK);
                assertThat(later.next(Duration.ZERO))
                        .as("nothing before a decision")
                        .isNull();
                later.restart(WatchStart.history());
                assertThat(changes(later, 20)).isEqualTo(restored.revisions());
            }
            restored.write(10, "instead");
            reading.awaitRevision(30);
            assertThat(Traffic.byKey(reading.finish())).isEqualTo(Traffic.byKey(Traffic.everything(restored.bucket)));
            assertThat(losses).hasSize(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aBucketThatWasWrittenBeyondThePositionContradictsIt(NatsVersion version) throws Exception {
        List<WatchEvent.PositionLost> losses = new CopyOnWriteArrayList<>();
        try (Restored restored = new Restored(version);
                Reading reading =
                        Reading.of(restored.bucket, Reading.everything(), lost -> fromTheBeginning(losses, lost))) {
            restored.write(20, "before");
            restored.save();
            restored.write(10, "after");
            reading.awaitRevision(30);
            WatchPosition stored = restored.position();
            // Once just as far as the position, once beyond it.
            for (int more : List.of(10, 15)) {
                reading.pause();
                restored.restore();
                restored.write(more, "instead");
                reading.resume();
                int times = losses.size() + 1;
                reading.await(r -> losses.size() == times);
                reading.awaitRevision(20 + more);
                try (KvWatch later = restored.after(stored)) {
                    assertThat(lost(later).reason()).isEqualTo(Reason.CONTRADICTED);
                    later.restart(WatchStart.history());
                    assertThat(changes(later, 20 + more)).isEqualTo(restored.revisions());
                }
            }
            assertThat(losses).allSatisfy(lost -> assertThat(lost.reason()).isEqualTo(Reason.CONTRADICTED));
            assertThat(Traffic.byKey(reading.finish())).isEqualTo(Traffic.byKey(Traffic.everything(restored.bucket)));
        }
    }

    /** What it could be recognised by is overwritten before the reader looks a second time. */
    @ParameterizedTest
    @EnumSource
    void aBucketThatWentBackIsNotTakenForTheSameWhenItHasGrown(NatsVersion version) throws Exception {
        try (Restored restored = new Restored(version, 1)) {
            restored.write(20, "before");
            restored.save();
            restored.write(10, "after");
            WatchPosition stored = restored.position();
            restored.restore();
            try (KvWatch later = restored.after(stored)) {
                WatchEvent first = later.next(DEADLINE);
                // "quiet" comes to lie below the position, where no anchor is.
                restored.write(7, "instead");
                long quiet = restored.bucket.put("quiet", "x");
                restored.write(40, "instead");
                WatchEvent.PositionLost lost = first instanceof WatchEvent.PositionLost told ? told : lost(later);
                assertThat(lost.reason()).isEqualTo(Reason.WENT_BACK);
                assertThat(quiet).isEqualTo(28);
                later.restart(WatchStart.history());
                assertThat(changes(later, KEYS + 1))
                        .isEqualTo(restored.revisions())
                        .contains(quiet);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRestoreThatTakesNothingAwayIsNoLostPosition(NatsVersion version) throws Exception {
        try (Restored restored = new Restored(version);
                Reading reading = Reading.of(restored.bucket, Reading.everything())) {
            restored.write(20, "before");
            reading.awaitRevision(20);
            WatchPosition stored = restored.position();
            restored.save();
            restored.restore();
            restored.write(30, "after");
            reading.awaitRevision(50);
            assertThat(reading.stats().recreations()).isPositive();
            try (KvWatch later = restored.after(stored)) {
                assertThat(changes(later, 30)).isEqualTo(restored.revisions().subList(20, 50));
            }
            assertThat(Traffic.byKey(reading.finish())).isEqualTo(Traffic.byKey(Traffic.everything(restored.bucket)));
        }
    }

    /** The revisions that the writer knows of its keys are not there any more, or are others'. */
    @ParameterizedTest
    @EnumSource
    void aWriterGoesOnOverARestore(NatsVersion version) throws Exception {
        try (Restored restored = new Restored(version);
                KvWriter writer = restored.bucket.writer(Traffic.options())) {
            submit(writer, 20, "before");
            restored.save();
            submit(writer, 10, "after");
            restored.restore();
            submit(writer, 20, "instead");
            Map<String, List<String>> values = Traffic.byKey(Traffic.everything(restored.bucket));
            assertThat(values).hasSize(KEYS);
            for (int i = 0; i < KEYS; i++) {
                assertThat(values.get("k" + i))
                        .containsExactly(
                                "PUT before" + i,
                                "PUT before" + (i + KEYS),
                                "PUT instead" + i,
                                "PUT instead" + (i + KEYS));
            }
        }
    }

    private static void submit(KvWriter writer, int count, String value) {
        List<CompletableFuture<?>> results = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            results.add(writer.submit(KvWrite.put("k" + i % KEYS, Traffic.bytes(value + i))));
        }
        assertThat(writer.flush(DEADLINE)).isTrue();
        assertThat(results).allMatch(result -> result.isDone() && !result.isCompletedExceptionally());
    }
}
