package io.natskv.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.watch.WatchStart;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriteResult;
import io.natskv.core.write.WriterOptions;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import io.natskv.testing.nats.TcpProxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Both engines against a model, while the server dies and the link breaks: the watch loses, repeats and reorders nothing, and of the writes
 * each is stored once, in order within its key.
 */
class OutageTest {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final int KEYS = 50;
    /** The bucket keeps so many revisions of a key; no test writes more, so that everything survives. */
    private static final int HISTORY = 64;

    private enum Fault {
        KILL,
        PAUSE,
        CUT,
        RESET,
        HALF_OPEN
    }

    @ParameterizedTest
    @EnumSource(NatsVersion.class)
    void nothingIsLostWhenTheServerIsKilled(NatsVersion version) throws Exception {
        run(version, List.of(Fault.KILL, Fault.KILL, Fault.KILL));
    }

    @Test
    void nothingIsLostWhenTheLinkBreaks() throws Exception {
        run(NatsVersion.latest(), List.of(Fault.CUT, Fault.RESET, Fault.HALF_OPEN, Fault.PAUSE, Fault.KILL));
    }

    private void run(NatsVersion version, List<Fault> faults) throws Exception {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        try (NatsServer server = NatsServer.start(version);
                TcpProxy proxy = TcpProxy.to(server);
                TcpProxy other = TcpProxy.to(server);
                KvConnection direct = KvConnection.open(NatsConnectionConfig.of(server.url()));
                KvConnection connection = KvConnection.open(NatsConnectionConfig.builder()
                        .servers(List.of(proxy.url(), other.url()))
                        .ignoreDiscoveredServers(true)
                        .build())) {
            KvBucket bucket = new KvBuckets(direct)
                    .create(BucketConfig.builder("outage").history(HISTORY).build());
            KvBucket throughProxy = new KvBuckets(connection).open("outage");
            Traffic traffic = new Traffic(throughProxy, new Random(seed));
            Reader reader = new Reader(throughProxy);
            reader.thread.start();
            traffic.thread.start();
            for (Fault fault : faults) {
                long seen = reader.seen.get();
                Awaitility.await().atMost(DEADLINE).until(() -> reader.seen.get() > seen + 100);
                inflict(fault, server, proxy, other, connection);
                long before = reader.seen.get();
                long back = System.nanoTime();
                Awaitility.await()
                        .atMost(DEADLINE)
                        .pollInterval(Duration.ofMillis(2))
                        .until(() -> reader.seen.get() > before);
                System.out.printf(
                        "%s %s: delivery back after %d ms%n",
                        version, fault, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - back));
            }
            traffic.stop();
            Awaitility.await().atMost(DEADLINE).until(direct::isConnected);
            long last = bucket.status().lastRevision();
            Awaitility.await().atMost(DEADLINE).until(() -> reader.seen.get() >= last);
            reader.stop();

            List<KvEntry> stored = everything(bucket);
            assertThat(reader.entries.stream().map(KvEntry::revision).toList())
                    .as("watched, seed %d", seed)
                    .isEqualTo(stored.stream().map(KvEntry::revision).toList());
            assertThat(byKey(reader.entries)).isEqualTo(byKey(stored));
            assertThat(byKey(stored)).as("written, seed %d", seed).isEqualTo(traffic.model);
            assertThat(reader.recreations).isPositive();
        }
    }

    private static void inflict(
            Fault fault, NatsServer server, TcpProxy proxy, TcpProxy other, KvConnection connection) {
        switch (fault) {
            case KILL -> {
                server.kill();
                server.restart();
            }
            case PAUSE -> {
                server.pause();
                try {
                    // Until the client gives up on the link by itself.
                    Awaitility.await().atMost(DEADLINE).until(() -> !connection.isConnected());
                } finally {
                    server.resume();
                }
            }
            case CUT -> {
                proxy.cut();
                other.cut();
            }
            case RESET -> {
                proxy.reset();
                other.reset();
            }
            case HALF_OPEN -> {
                // Neither end hears of it; only asking the server shows that nothing passes.
                TcpProxy used = proxy.connections() > 0 ? proxy : other;
                TcpProxy free = used == proxy ? other : proxy;
                used.halfOpen();
                Awaitility.await().atMost(DEADLINE).until(() -> free.connections() > 0);
                used.heal();
            }
            default -> throw new AssertionError(fault);
        }
    }

    private static List<KvEntry> everything(KvBucket bucket) {
        List<KvEntry> entries = new ArrayList<>();
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT.withStart(WatchStart.history()))) {
            while (true) {
                WatchEvent event = watch.next(DEADLINE);
                if (event instanceof WatchEvent.Change change) {
                    entries.add(change.entry());
                } else if (event instanceof WatchEvent.SnapshotEnd) {
                    return entries;
                }
            }
        }
    }

    private static Map<String, List<String>> byKey(List<KvEntry> entries) {
        Map<String, List<String>> values = new HashMap<>();
        entries.forEach(entry -> values.computeIfAbsent(entry.key(), key -> new ArrayList<>())
                .add(entry.operation() + " " + new String(entry.value(), StandardCharsets.UTF_8)));
        return values;
    }

    /** Reads the watch on a thread of its own. */
    private static final class Reader {
        final List<KvEntry> entries = new ArrayList<>();
        final AtomicLong seen = new AtomicLong();
        final KvWatch watch;
        final Thread thread = new Thread(this::read, "reader");
        long recreations;

        Reader(KvBucket bucket) {
            watch = bucket.watch(
                    WatchOptions.DEFAULT.withStart(WatchStart.history()).withHeartbeat(Duration.ofMillis(500)));
        }

        private void read() {
            while (watch.stats().state() != io.natskv.core.watch.WatchStats.State.CLOSED) {
                WatchEvent event = watch.next(Duration.ofSeconds(1));
                if (event instanceof WatchEvent.Change change) {
                    entries.add(change.entry());
                    seen.set(change.entry().revision());
                } else if (event instanceof WatchEvent.PositionLost || event instanceof WatchEvent.BucketDeleted) {
                    throw new AssertionError(event.toString());
                }
            }
        }

        void stop() throws InterruptedException {
            recreations = watch.stats().recreations();
            watch.close();
            thread.join();
        }
    }

    /** Writes at some hundred a second, at most as often to each key as the bucket keeps. */
    private static final class Traffic {
        final Map<String, List<String>> model = new HashMap<>();
        final AtomicBoolean stopped = new AtomicBoolean();
        final KvWriter writer;
        final Random random;
        final List<CompletableFuture<WriteResult>> results = new ArrayList<>();
        final Thread thread = new Thread(this::write, "traffic");

        Traffic(KvBucket bucket, Random random) {
            this.random = random;
            this.writer = bucket.writer(
                    WriterOptions.DEFAULT.withInFlight(64, 1 << 20).withTimeouts(Duration.ofSeconds(1), DEADLINE));
        }

        private void write() {
            for (int i = 0; !stopped.get(); i++) {
                // Always new keys after a while: the number of revisions of one key stays below what the bucket keeps.
                String key = "k" + i / (KEYS * 20) + "." + random.nextInt(KEYS);
                List<String> history = model.computeIfAbsent(key, k -> new ArrayList<>());
                if (history.size() >= HISTORY) {
                    continue;
                }
                boolean delete = random.nextInt(8) == 0;
                results.add(writer.submit(
                        delete ? KvWrite.delete(key) : KvWrite.put(key, ("v" + i).getBytes(StandardCharsets.UTF_8))));
                history.add(delete ? "DELETE " : "PUT v" + i);
            }
        }

        void stop() throws InterruptedException {
            stopped.set(true);
            thread.join();
            assertThat(writer.flush(DEADLINE)).isTrue();
            assertThat(results).allMatch(result -> !result.isCompletedExceptionally());
            System.out.println("writes " + results.size() + ", " + writer.stats());
            writer.close();
        }
    }
}
