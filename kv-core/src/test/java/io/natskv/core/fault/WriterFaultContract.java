package io.natskv.core.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.core.KvEntry;
import io.natskv.core.PatientConnections;
import io.natskv.core.Seed;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvException;
import io.natskv.core.error.UnavailableException;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriteResult;
import io.natskv.core.write.WriterOptions;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.TcpProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a writer promises when time is up, and about writes that replace each other while the link breaks; against each supported server. */
abstract class WriterFaultContract {
    private static final Duration DEADLINE = Reading.DEADLINE;
    private static final int KEYS = 20;
    /** Time is up soon. */
    private static final WriterOptions HASTY =
            WriterOptions.DEFAULT.withTimeouts(Duration.ofMillis(200), Duration.ofSeconds(1));

    private KvConnection direct;
    private KvConnection connection;
    private TcpProxy proxy;
    private TcpProxy other;
    private KvBucket bucket;
    private KvBucket throughProxy;
    /** What was given up and made again without knowing whether it was stored: it may be there twice. */
    private final Set<Value> madeAgain = new HashSet<>();

    abstract NatsServer server();

    /** @param text as in {@link Traffic#text} */
    private record Value(String key, String text) {}

    @BeforeEach
    void open() {
        proxy = TcpProxy.to(server());
        other = TcpProxy.to(server());
        direct = PatientConnections.open(server().url());
        connection = KvConnection.open(NatsConnectionConfig.builder()
                .servers(List.of(proxy.url(), other.url()))
                .ignoreDiscoveredServers(true)
                .reconnectWait(Duration.ofMillis(10))
                .reconnectJitter(Duration.ofMillis(10))
                .build());
        String name = "w" + UUID.randomUUID();
        bucket = new KvBuckets(direct)
                .create(BucketConfig.builder(name).history(64).build());
        throughProxy = new KvBuckets(connection).open(name);
    }

    @AfterEach
    void close() {
        connection.close();
        direct.close();
        proxy.close();
        other.close();
    }

    private TcpProxy used() {
        return proxy.connections() > 0 ? proxy : other;
    }

    private static List<CompletableFuture<WriteResult>> submit(KvWriter writer, int from, int to, String value) {
        List<CompletableFuture<WriteResult>> results = new ArrayList<>();
        for (int i = from; i < to; i++) {
            results.add(writer.submit(KvWrite.put("k" + i, Traffic.bytes(value))));
        }
        return results;
    }

    /** Each attempt may run out of time as long as the link is not back. */
    private void submitUntilStored(KvWriter writer, int from, int to, String value) {
        for (int i = from; i < to; i++) {
            String key = "k" + i;
            Awaitility.await()
                    .atMost(DEADLINE)
                    .pollDelay(Duration.ZERO)
                    .ignoreException(UnavailableException.class)
                    .until(() -> outcome(writer, key, value), WriteResult.Outcome.STORED::equals);
        }
    }

    private WriteResult.Outcome outcome(KvWriter writer, String key, String value) throws Exception {
        CompletableFuture<WriteResult> result = writer.submit(KvWrite.put(key, Traffic.bytes(value)));
        try {
            return result.get(DEADLINE.toSeconds(), TimeUnit.SECONDS).outcome();
        } catch (ExecutionException e) {
            if (!e.getCause().getMessage().contains("; it was not stored")) {
                madeAgain.add(new Value(key, "PUT " + value));
            }
            throw (KvException) e.getCause();
        }
    }

    private static KvException failure(CompletableFuture<WriteResult> result) {
        assertThat(result).isCompletedExceptionally();
        try {
            throw new AssertionError(result.join().toString());
        } catch (CompletionException e) {
            return (KvException) e.getCause();
        }
    }

    private static void assertTimeIsUp(List<CompletableFuture<WriteResult>> results, String fate) {
        for (CompletableFuture<WriteResult> result : results) {
            KvException failure = failure(result);
            assertThat(failure).isInstanceOf(UnavailableException.class);
            assertThat(failure).hasMessageContaining("did not succeed within PT1S; it " + fate);
            assertThat(failure.errorClass()).isEqualTo(ErrorClass.TRANSIENT);
        }
    }

    private static void assertBehind(List<CompletableFuture<WriteResult>> results) {
        for (CompletableFuture<WriteResult> result : results) {
            KvException failure = failure(result);
            assertThat(failure).hasMessageContaining("was not sent, because an earlier write to the key failed");
            assertThat(failure.errorClass()).isEqualTo(ErrorClass.TRANSIENT);
        }
    }

    private static void assertIdle(KvWriter writer, long failed) {
        assertThat(writer.stats().inFlight()).isZero();
        assertThat(writer.stats().inFlightBytes()).isZero();
        assertThat(writer.stats().failed()).isEqualTo(failed);
    }

    private Map<String, List<String>> stored() {
        Map<String, List<String>> stored = Traffic.byKey(Traffic.everything(bucket));
        stored.replaceAll((key, values) -> IntStream.range(0, values.size())
                .filter(i -> i == 0
                        || !values.get(i).equals(values.get(i - 1))
                        || !madeAgain.contains(new Value(key, values.get(i))))
                .mapToObj(values::get)
                .toList());
        return stored;
    }

    @Test
    void whatWasNotSentByTheDeadlineIsNotStored() {
        try (KvWriter writer = bucket.writer(HASTY)) {
            submitUntilStored(writer, 0, KEYS, "v0");
            server().kill();
            Awaitility.await().atMost(DEADLINE).until(() -> !direct.isConnected());
            long failedBefore = writer.stats().failed();
            List<CompletableFuture<WriteResult>> first = submit(writer, 0, KEYS, "v1");
            List<CompletableFuture<WriteResult>> second = submit(writer, 0, KEYS, "v2");
            assertThat(writer.flush(DEADLINE)).isTrue();
            assertTimeIsUp(first, "was not stored");
            assertBehind(second);
            assertIdle(writer, failedBefore + 2 * KEYS);
            server().restart();
            submitUntilStored(writer, 0, KEYS, "v3");
        }
        Map<String, List<String>> stored = stored();
        assertThat(stored).hasSize(KEYS);
        assertThat(stored.values()).containsOnly(List.of("PUT v0", "PUT v3"));
    }

    @Test
    void bytesThatOutliveTheDeadlineNeverLandOverALaterWrite() throws Exception {
        try (KvWriter writer = throughProxy.writer(HASTY)) {
            submitUntilStored(writer, 0, KEYS, "v0");
            TcpProxy stalled = used();
            // Held up on their way; nobody knows.
            stalled.stall();
            long failedBefore = writer.stats().failed();
            List<CompletableFuture<WriteResult>> first = submit(writer, 0, KEYS, "v1");
            List<CompletableFuture<WriteResult>> second = submit(writer, 0, KEYS, "v2");
            assertThat(first).noneMatch(CompletableFuture::isDone);
            assertThat(writer.flush(DEADLINE)).isTrue();
            assertTimeIsUp(first, "may or may not have been stored");
            assertBehind(second);
            assertIdle(writer, failedBefore + 2 * KEYS);
            // Some keys are written again while the bytes are still on their way, over the other link.
            submitUntilStored(writer, 0, KEYS / 2, "v3");
            stalled.heal();
            Awaitility.await().atMost(DEADLINE).until(() -> stalled.connections() == 0);
            awaitClients(2);
            submitUntilStored(writer, 0, KEYS, "v4");
        }
        Map<String, List<String>> stored = stored();
        for (int i = 0; i < KEYS; i++) {
            List<String> values = new ArrayList<>(stored.get("k" + i));
            if (i >= KEYS / 2) {
                values.remove("PUT v1"); // before anything later, it may land
            }
            assertThat(values)
                    .as("k" + i)
                    .isEqualTo(i < KEYS / 2 ? List.of("PUT v0", "PUT v3", "PUT v4") : List.of("PUT v0", "PUT v4"));
        }
        assertThat(stored.get("k" + (KEYS - 1))).startsWith("PUT v0").endsWith("PUT v4");
    }

    /** Until the server has done with what came over links that are gone. */
    private void awaitClients(int count) throws Exception {
        Awaitility.await()
                .atMost(DEADLINE)
                .untilAsserted(() -> assertThat(Monitor.clients(server())).isEqualTo(count));
    }

    @Test
    void closingSettlesWhatAnOutageHoldsUp() {
        KvWriter writer = throughProxy.writer(WriterOptions.DEFAULT.withInFlight(2 * KEYS, 1 << 20));
        submit(writer, 0, KEYS, "v0");
        assertThat(writer.flush(DEADLINE)).isTrue();
        proxy.stall();
        other.stall();
        List<CompletableFuture<WriteResult>> results = new ArrayList<>(submit(writer, 0, KEYS, "v1"));
        results.addAll(submit(writer, 0, KEYS, "v2"));
        // Another thread waits for room.
        CompletableFuture<CompletableFuture<WriteResult>> more =
                CompletableFuture.supplyAsync(() -> writer.submit(KvWrite.put("more", Traffic.bytes("x"))));
        assertThat(writer.flush(Duration.ofMillis(100))).isFalse();
        assertThat(more).isNotDone();
        writer.close();
        results.add(more.orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS).join());
        assertThat(writer.flush(DEADLINE)).isTrue();
        for (CompletableFuture<WriteResult> result : results) {
            assertThatThrownBy(result::join)
                    .cause()
                    .isInstanceOf(UnavailableException.class)
                    .hasMessageContaining("the writer is closed");
        }
        assertThat(writer.stats().inFlight()).isZero();
        proxy.heal();
        other.heal();
    }

    private enum Fault {
        KILL,
        CUT,
        RESET,
        HALF_OPEN,
        STALL
    }

    @Test
    void theLastOfWhatReplacesEachOtherIsStored() throws Exception {
        long seed = Seed.next();
        WriterOptions options = Traffic.options().withCoalesce(true);
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        try (Reading reading = Reading.of(throughProxy, Reading.everything());
                KvWriter writer = throughProxy.writer(options)) {
            Hot hot = new Hot(writer, new Random(seed));
            clock.scheduleWithFixedDelay(hot::write, 0, 1, TimeUnit.MILLISECONDS);
            for (Fault fault : Fault.values()) {
                reading.awaitMore(50);
                inflict(fault);
                reading.awaitMore(1);
                proxy.heal();
                other.heal();
            }
            reading.awaitMore(50);
            clock.shutdown();
            assertThat(clock.awaitTermination(DEADLINE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            assertThat(writer.flush(DEADLINE)).as("seed %d", seed).isTrue();
            hot.assertSettled(seed);
            System.out.println(writer.stats());
            assertThat(writer.stats().coalesced()).isPositive();
            assertThat(writer.stats().inFlight()).isZero();
            Awaitility.await().atMost(DEADLINE).until(direct::isConnected);
            reading.awaitRevision(bucket.status().lastRevision());
            List<KvEntry> stored = Traffic.everything(bucket);
            hot.assertLast(stored, seed);
            hot.assertInOrder(reading.finish(), seed);
            hot.assertLast(reading.entries(), seed);
        } finally {
            clock.shutdownNow();
        }
    }

    private void inflict(Fault fault) {
        switch (fault) {
            case KILL -> {
                server().kill();
                server().restart();
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
                TcpProxy broken = used();
                broken.halfOpen();
                awaitMoveFrom(broken);
            }
            case STALL -> {
                // What is held up arrives after what is written over the other link.
                TcpProxy broken = used();
                broken.stall();
                awaitMoveFrom(broken);
            }
            default -> throw new AssertionError(fault);
        }
    }

    private void awaitMoveFrom(TcpProxy broken) {
        TcpProxy free = broken == proxy ? other : proxy;
        Awaitility.await().atMost(DEADLINE).until(() -> free.connections() > 0);
    }

    /** Few keys, each written all the time: most writes find one of their key under way and another waiting. */
    private static final class Hot {
        private static final int KEYS = 4;

        private final KvWriter writer;
        private final Random random;
        private final Map<String, List<CompletableFuture<WriteResult>>> results = new HashMap<>();
        private final Map<String, String> last = new HashMap<>();
        private final Map<String, List<String>> submitted = new HashMap<>();
        private int number;

        Hot(KvWriter writer, Random random) {
            this.writer = writer;
            this.random = random;
        }

        void write() {
            for (int i = 0; i < 3; i++) {
                String key = "hot" + random.nextInt(KEYS);
                String value = "v" + number++;
                boolean delete = random.nextInt(10) == 0;
                KvWrite write = delete ? KvWrite.delete(key) : KvWrite.put(key, Traffic.bytes(value));
                last.put(key, delete ? "DELETE " : "PUT " + value);
                submitted.computeIfAbsent(key, k -> new ArrayList<>()).add(last.get(key));
                results.computeIfAbsent(key, k -> new ArrayList<>()).add(writer.submit(write));
            }
        }

        void assertSettled(long seed) {
            results.forEach((key, all) -> {
                assertThat(all)
                        .as("%s, seed %d", key, seed)
                        .allSatisfy(result -> assertThat(result).isCompleted());
                assertThat(all.stream().map(result -> result.join().revision()).toList())
                        .as("%s, seed %d", key, seed)
                        .isSorted();
                assertThat(all.get(all.size() - 1).join().outcome()).isEqualTo(WriteResult.Outcome.STORED);
            });
        }

        void assertLast(List<KvEntry> entries, long seed) {
            Map<String, String> found = new HashMap<>();
            entries.forEach(entry -> found.put(entry.key(), Traffic.text(entry)));
            assertThat(found).as("seed %d", seed).isEqualTo(last);
        }

        /** Nothing earlier after something later. */
        void assertInOrder(List<KvEntry> entries, long seed) {
            Traffic.byKey(entries)
                    .forEach((key, values) -> assertThat(submitted.get(key))
                            .as("%s, seed %d", key, seed)
                            .containsSubsequence(values));
        }
    }
}
