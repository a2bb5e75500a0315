package io.natskv.core.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.nats.client.impl.Headers;
import io.natskv.core.KvEntry;
import io.natskv.core.KvHeaders;
import io.natskv.core.KvOperation;
import io.natskv.core.PatientAttempts;
import io.natskv.core.PatientConnections;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KeyExistsException;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvServerException;
import io.natskv.core.error.UnavailableException;
import io.natskv.core.error.ValueTooLargeException;
import io.natskv.core.error.WrongRevisionException;
import io.natskv.core.write.WriteResult.Outcome;
import io.natskv.testing.nats.NatsServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a writer promises, to be run against each supported server. */
abstract class WriterContract {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

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
        bucket = create(settings -> settings.history(64));
    }

    @AfterEach
    void close() {
        connection.close();
    }

    private KvBucket create(UnaryOperator<BucketConfig.Builder> settings) {
        String name = "b" + UUID.randomUUID().toString().replace("-", "");
        return buckets.create(
                settings.apply(BucketConfig.builder(name).replicas(replicas())).build());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static WriteResult get(CompletableFuture<WriteResult> future) {
        try {
            return future.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw (RuntimeException) e.getCause();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> values(List<KvEntry> entries) {
        return entries.stream()
                .map(entry -> entry.operation().isMarker()
                        ? entry.operation().name()
                        : new String(entry.value(), StandardCharsets.UTF_8))
                .toList();
    }

    @Test
    void writesEachKeyInTheOrderOfSubmission() {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        Map<String, List<String>> model = new HashMap<>();
        try (KvWriter writer = bucket.writer(WriterOptions.DEFAULT.withInFlight(100, 1 << 20))) {
            List<CompletableFuture<WriteResult>> results = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                String key = "k" + random.nextInt(40);
                List<String> history = model.computeIfAbsent(key, k -> new ArrayList<>());
                switch (random.nextInt(10)) {
                    case 0 -> {
                        results.add(writer.submit(KvWrite.delete(key)));
                        history.add("DELETE");
                    }
                    case 1 -> {
                        results.add(writer.submit(KvWrite.purge(key)));
                        history.clear();
                        history.add("PURGE");
                    }
                    default -> {
                        results.add(writer.submit(KvWrite.put(key, bytes("v" + i))));
                        history.add("v" + i);
                    }
                }
            }
            assertThat(writer.flush(DEADLINE)).isTrue();
            assertThat(results.stream().map(WriterContract::get).map(WriteResult::revision))
                    .doesNotHaveDuplicates()
                    .hasSize(2_000);
            assertThat(writer.stats().stored()).isEqualTo(2_000);
            assertThat(writer.stats().inFlight()).isZero();
            assertThat(writer.stats().inFlightBytes()).isZero();
        }
        model.forEach((key, history) -> assertThat(values(bucket.history(key)))
                .as(key)
                .isEqualTo(history.subList(Math.max(0, history.size() - 64), history.size())));
    }

    @Test
    void writesOverWhatOthersWroteMeanwhile() {
        bucket.put("a", "before");
        try (KvWriter writer = bucket.writer(WriterOptions.DEFAULT)) {
            get(writer.submit(KvWrite.put("a", bytes("1"))));
            bucket.put("a", "foreign");
            get(writer.submit(KvWrite.put("a", bytes("2"))));
            bucket.purge("a");
            get(writer.submit(KvWrite.put("a", bytes("3"))));
            assertThat(writer.stats().conflicts()).isEqualTo(3);
        }
        assertThat(values(bucket.history("a"))).containsExactly("PURGE", "3");
    }

    @Test
    void honoursConditions() {
        try (KvWriter writer = bucket.writer(WriterOptions.DEFAULT)) {
            long first = get(writer.submit(KvWrite.create("a", bytes("1")))).revision();
            assertThatThrownBy(() -> get(writer.submit(KvWrite.create("a", bytes("2")))))
                    .isInstanceOf(KeyExistsException.class);
            long second =
                    get(writer.submit(KvWrite.update("a", bytes("2"), first))).revision();
            assertThatThrownBy(() -> get(writer.submit(KvWrite.update("a", bytes("3"), first))))
                    .isInstanceOfSatisfying(WrongRevisionException.class, e -> {
                        assertThat(e.expected()).isEqualTo(first);
                        assertThat(e.actual()).isEqualTo(second);
                    });
            get(writer.submit(KvWrite.delete("a")));
            get(writer.submit(KvWrite.create("a", bytes("4"))));
            get(writer.submit(KvWrite.update("new", bytes("5"), 0)));
        }
        assertThat(values(bucket.history("a"))).containsExactly("1", "2", "DELETE", "4");
        assertThat(bucket.get("new").value()).isEqualTo(bytes("5"));
    }

    @Test
    void coalescesWhatWaitsButNotWhatIsConditional() {
        try (KvWriter writer = bucket.writer(WriterOptions.DEFAULT.withCoalesce(true))) {
            List<CompletableFuture<WriteResult>> results = IntStream.range(0, 500)
                    .mapToObj(i -> writer.submit(KvWrite.put("hot", bytes("v" + i))))
                    .toList();
            assertThat(writer.flush(DEADLINE)).isTrue();
            List<WriteResult> ended = results.stream().map(WriterContract::get).toList();
            assertThat(ended).last().extracting(WriteResult::outcome).isEqualTo(Outcome.STORED);
            assertThat(ended).anyMatch(result -> result.outcome() == Outcome.COALESCED);
            assertThat(ended.stream().map(WriteResult::revision).toList()).isSorted();
            assertThat(writer.stats().coalesced() + writer.stats().stored()).isEqualTo(500);
            assertThat(bucket.get("hot").value()).isEqualTo(bytes("v499"));

            CompletableFuture<WriteResult> a = writer.submit(KvWrite.put("c", bytes("1")));
            CompletableFuture<WriteResult> b = writer.submit(KvWrite.create("c", bytes("2")));
            CompletableFuture<WriteResult> c = writer.submit(KvWrite.put("c", bytes("3")));
            assertThat(get(a).outcome()).isEqualTo(Outcome.STORED);
            assertThatThrownBy(() -> get(b)).isInstanceOf(KeyExistsException.class);
            assertThat(get(c).outcome()).isEqualTo(Outcome.STORED);
        }
    }

    @Test
    void writesThePredecessorWhenItsSuccessorIsRejected() {
        KvBucket small = create(settings -> settings.maxValueSize(1_000).history(10));
        try (KvWriter writer = small.writer(WriterOptions.DEFAULT.withCoalesce(true))) {
            get(writer.submit(KvWrite.put("a", bytes("0"))));
            server().pause();
            CompletableFuture<WriteResult> first = writer.submit(KvWrite.put("a", bytes("1")));
            // Held up behind the first, the second is replaced by the third, which the server will find too large.
            CompletableFuture<WriteResult> second = writer.submit(KvWrite.put("a", bytes("2")));
            CompletableFuture<WriteResult> third = writer.submit(KvWrite.put("a", new byte[2_000]));
            assertThat(second).isNotDone();
            server().resume();
            assertThat(get(first).outcome()).isEqualTo(Outcome.STORED);
            assertThatThrownBy(() -> get(third)).isInstanceOfSatisfying(KvServerException.class, e -> {
                assertThat(e.code()).isEqualTo(KvErrors.MESSAGE_TOO_LARGE);
                assertThat(e.errorClass()).isEqualTo(ErrorClass.REJECTED);
            });
            assertThat(get(second).outcome()).isEqualTo(Outcome.STORED);
        } finally {
            server().resume();
        }
        assertThat(values(small.history("a"))).containsExactly("0", "1", "2");
    }

    @Test
    void writesOfOneOriginDoNotReplaceThoseOfAnother() {
        try (KvWriter writer = bucket.writer(WriterOptions.DEFAULT.withCoalesce(true))) {
            server().pause();
            List<CompletableFuture<WriteResult>> results = IntStream.range(0, 6)
                    .mapToObj(i -> writer.submit(
                            KvWrite.put("a", bytes("v" + i)).withOrigin(new KvWrite.Origin("t", i % 2, i))))
                    .toList();
            server().resume();
            assertThat(results)
                    .allSatisfy(result -> assertThat(get(result).outcome()).isEqualTo(Outcome.STORED));
        } finally {
            server().resume();
        }
        assertThat(values(bucket.history("a"))).containsExactly("v0", "v1", "v2", "v3", "v4", "v5");
    }

    @Test
    void replaysWithinOneWriterAreDropped() {
        try (KvWriter writer = bucket.writer(WriterOptions.DEFAULT)) {
            List<KvWrite> records = IntStream.range(0, 3)
                    .mapToObj(i -> KvWrite.put("a", bytes("v" + i)).withOrigin(new KvWrite.Origin("t", 0, i)))
                    .toList();
            records.forEach(record -> get(writer.submit(record)));
            assertThat(records.stream().map(record -> get(writer.submit(record)).outcome()))
                    .containsExactly(Outcome.SUPERSEDED, Outcome.SUPERSEDED, Outcome.STORED);
            get(writer.submit(KvWrite.put("a", bytes("v3")).withOrigin(new KvWrite.Origin("t", 0, 3))));
        }
        assertThat(values(bucket.history("a"))).containsExactly("v0", "v1", "v2", "v3");
    }

    @Test
    void whatWaitsBehindAFailedWriteFailsWithIt() {
        KvBucket full = create(settings -> settings.maxBytes(3_000).history(5));
        full.put("other", new byte[2_200]);
        Throwable failure = PatientAttempts.failure(Duration.ofMillis(600), deadline -> {
            try (KvWriter writer = full.writer(WriterOptions.DEFAULT.withTimeouts(deadline, deadline))) {
                // The first finds no room; the second would, and must not overtake it.
                CompletableFuture<WriteResult> large = writer.submit(KvWrite.put("a", new byte[1_000]));
                CompletableFuture<WriteResult> small = writer.submit(KvWrite.put("a", bytes("x")));
                Throwable late = catchThrowable(() -> get(large));
                // It is not sent again but for an answer.
                boolean answered = writer.stats().retries() > 0;
                assertThatThrownBy(() -> get(small)).hasMessageContaining("earlier write to the key failed");
                assertThat(full.history("a")).isEmpty();
                if (answered) {
                    assertGoesOn(writer);
                }
                return new PatientAttempts.Attempt(late, answered);
            }
        });
        assertThat(failure)
                .isInstanceOf(UnavailableException.class)
                // The latter if an attempt is under way just when time is up.
                .hasMessageMatching(".*; it (was not|may or may not have been) stored .*\\[10077]\\)");
    }

    /** What failed before holds up no later write of its key, although that one may run out of time itself. */
    private static void assertGoesOn(KvWriter writer) {
        Awaitility.await()
                .atMost(DEADLINE)
                .pollDelay(Duration.ZERO)
                .ignoreExceptionsMatching(e -> e instanceof UnavailableException
                        && e.getMessage().matches("PUT of key \"a\" in bucket \"\\w+\" did not succeed within .*"))
                .until(() -> get(writer.submit(KvWrite.put("a", bytes("x")))).outcome() == Outcome.STORED);
    }

    @Test
    void afterAFlushEveryResultIsThere() {
        try (KvWriter writer = bucket.writer(WriterOptions.DEFAULT.withInFlight(50, 1 << 20))) {
            for (int round = 0; round < 300; round++) {
                int number = round;
                List<CompletableFuture<WriteResult>> results = IntStream.range(0, 10)
                        .mapToObj(i -> writer.submit(KvWrite.put("k" + i % 3, bytes("v" + number))))
                        .toList();
                assertThat(writer.flush(DEADLINE)).isTrue();
                assertThat(results).allMatch(CompletableFuture::isDone);
            }
        }
    }

    @Test
    void refusesWhatTheServerWouldNotTake() {
        try (KvWriter writer = bucket.writer(WriterOptions.DEFAULT)) {
            assertThatThrownBy(() -> get(writer.submit(KvWrite.put("a", new byte[2 << 20]))))
                    .isInstanceOf(ValueTooLargeException.class)
                    .hasMessageContaining("\"a\"")
                    .hasMessageContaining(bucket.name());
            byte[] nearly = new byte[(1 << 20) - 300];
            get(writer.submit(KvWrite.put("a", nearly)));
            assertThat(bucket.get("a").value()).hasSize(nearly.length);
        }
    }

    @Test
    void namesTheBucketThatIsNotThere() {
        try (KvWriter writer = bucket.writer(WriterOptions.DEFAULT)) {
            buckets.delete(bucket.name());
            assertThatThrownBy(() -> get(writer.submit(KvWrite.put("a", bytes("1")))))
                    .isInstanceOf(BucketNotFoundException.class)
                    .hasMessageContaining(bucket.name());
        }
    }

    @Test
    void dropsWhatComesLaterThanALaterRecordOfItsOrigin() {
        KvWrite.Origin tenth = new KvWrite.Origin("my topic/é", 3, 10);
        KvWrite.Origin eleventh = new KvWrite.Origin("my topic/é", 3, 11);
        try (KvWriter current = bucket.writer(WriterOptions.DEFAULT);
                KvWriter zombie = bucket.writer(WriterOptions.DEFAULT)) {
            long stored = get(current.submit(KvWrite.put("a", bytes("11")).withOrigin(eleventh)))
                    .revision();
            assertThat(get(zombie.submit(KvWrite.put("a", bytes("10")).withOrigin(tenth))))
                    .isEqualTo(new WriteResult(stored, Outcome.SUPERSEDED));
            // The same record again, after a restart: it is there already.
            assertThat(get(zombie.submit(KvWrite.put("a", bytes("11")).withOrigin(eleventh))))
                    .isEqualTo(new WriteResult(stored, Outcome.STORED));
            // Another topic partition is another origin.
            get(zombie.submit(KvWrite.put("a", bytes("x")).withOrigin(new KvWrite.Origin("other", 3, 1))));
        }
        assertThat(values(bucket.history("a"))).containsExactly("11", "x");
    }

    @Test
    void storesHeadersButNoControlHeadersFromOutside() {
        Headers headers = new Headers();
        headers.put("trace-id", "abc");
        headers.put("KV-Operation", "DEL");
        headers.put("nats-rollup", "all");
        try (KvWriter writer = bucket.writer(WriterOptions.DEFAULT)) {
            get(writer.submit(KvWrite.put("a", bytes("1")).withHeaders(headers)));
            get(writer.submit(KvWrite.put("empty", new byte[0])));
        }
        KvEntry entry = bucket.get("a");
        assertThat(entry.operation()).isEqualTo(KvOperation.PUT);
        assertThat(entry.headers().getLast("trace-id")).isEqualTo("abc");
        assertThat(entry.headers().getIgnoreCase("nats-rollup")).isNull();
        assertThat(entry.headers().containsKey(KvHeaders.WRITER)).isTrue();
        assertThat(bucket.get("empty").operation()).isEqualTo(KvOperation.PUT);
        assertThat(bucket.get("empty").value()).isEmpty();
    }

    @Test
    void holdsTheCallerBackWhenFull() throws Exception {
        server().pause();
        try (KvWriter writer = bucket.writer(WriterOptions.DEFAULT.withInFlight(3, 1 << 20))) {
            for (int i = 0; i < 3; i++) {
                writer.submit(KvWrite.put("k" + i, bytes("x")));
            }
            CompletableFuture<CompletableFuture<WriteResult>> fourth =
                    CompletableFuture.supplyAsync(() -> writer.submit(KvWrite.put("k3", bytes("x"))));
            assertThat(writer.flush(Duration.ofMillis(100))).isFalse();
            assertThat(fourth).isNotDone();
            assertThat(writer.stats().inFlight()).isEqualTo(3);
            server().resume();
            get(fourth.get(DEADLINE.toSeconds(), TimeUnit.SECONDS));
        } finally {
            server().resume();
        }
        assertThat(bucket.keys()).containsExactlyInAnyOrder("k0", "k1", "k2", "k3");
    }

    @Test
    void closingSettlesEverything() {
        server().pause();
        KvWriter writer = bucket.writer(WriterOptions.DEFAULT);
        CompletableFuture<WriteResult> open = writer.submit(KvWrite.put("a", bytes("x")));
        writer.close();
        server().resume();
        assertThatThrownBy(() -> get(open)).hasMessageContaining("writer is closed");
        assertThatThrownBy(() -> get(writer.submit(KvWrite.put("b", bytes("x")))))
                .hasMessageContaining("writer is closed");
    }
}
