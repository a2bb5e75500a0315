package io.natskv.core.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.nats.client.PurgeOptions;
import io.natskv.core.KvEntry;
import io.natskv.core.PatientAttempts;
import io.natskv.core.PatientConnections;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.error.KvServerException;
import io.natskv.core.error.UnavailableException;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriteResult;
import io.natskv.core.write.WriterOptions;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A bucket that runs full under load, and gets room again; to be run against each supported server. */
abstract class BucketFullContract {
    private static final Duration DEADLINE = Reading.DEADLINE;
    private static final long MAX_BYTES = 128 * 1024;
    private static final int KEYS = 20;
    private static final int WRITES = 400;
    private static final byte[] VALUE = new byte[900];

    private KvConnection connection;
    private KvBuckets buckets;
    private BucketConfig config;
    private KvBucket bucket;

    abstract NatsServer server();

    /** How it gets room again. */
    private enum Relief {
        PURGED,
        RAISED
    }

    /** A write, and what became of it. */
    private record Sent(String key, String text, CompletableFuture<WriteResult> result) {}

    @BeforeEach
    void open() {
        connection = PatientConnections.open(server().url());
        buckets = new KvBuckets(connection);
        config = BucketConfig.builder("f" + UUID.randomUUID())
                .history(64)
                .maxBytes(MAX_BYTES)
                .build();
        bucket = buckets.create(config);
    }

    @AfterEach
    void close() {
        connection.close();
    }

    @ParameterizedTest
    @EnumSource
    void whatFindsNoRoomFailsAndTheRestStaysInOrder(Relief relief) throws Exception {
        Map<String, List<String>> model = new HashMap<>();
        try (Reading reading = Reading.of(bucket, Reading.everything())) {
            overfill(model);
            assertRefused(() -> bucket.put("a.0", VALUE));
            if (refusesTheSmallest()) {
                fillUp(model);
                assertRefused(() -> bucket.delete("a.0"));
                assertRefused(() -> bucket.purge("a.0"));
                assertDeadlineTellsWhy();
            }
            reading.awaitRevision(bucket.status().lastRevision());
            assertThat(Traffic.byKey(reading.entries())).isEqualTo(model);

            // What waits for room goes on by itself when there is some.
            try (KvWriter writer = bucket.writer(Traffic.options())) {
                List<Sent> waiting = new ArrayList<>();
                for (int i = 0; i < 3 * KEYS; i++) {
                    waiting.add(submit(writer, i, i % 7 == 0 && refusesTheSmallest() ? null : padded("late" + i)));
                }
                Awaitility.await().atMost(DEADLINE).until(() -> writer.stats().retries() > 2 * KEYS);
                assertThat(waiting).noneMatch(sent -> sent.result().isDone());
                Map<String, List<String>> kept = relieve(relief, model);
                assertThat(writer.flush(DEADLINE)).isTrue();
                for (Sent sent : waiting) {
                    assertThat(sent.result()).isCompleted();
                    add(model, sent);
                    add(kept, sent);
                }
                reading.awaitRevision(bucket.status().lastRevision());
                assertKept(kept);
            }
            List<KvEntry> read = reading.finish();
            assertThat(Traffic.byKey(read)).isEqualTo(model);
        }
    }

    /**
     * Server 2.9 leaves a message's overhead out of account when it judges whether it fits: one that just about fits is stored, and pushes the oldest
     * ones out although the bucket is told not to.
     */
    private boolean refusesTheSmallest() {
        return server().version().atLeast(NatsVersion.V2_10);
    }

    private void assertKept(Map<String, List<String>> kept) {
        Map<String, List<String>> stored = Traffic.byKey(Traffic.everything(bucket));
        if (refusesTheSmallest()) {
            assertThat(stored).isEqualTo(kept);
        } else {
            stored.forEach((key, values) -> assertThat(kept.get(key)).as(key).endsWith(values.toArray(new String[0])));
            kept.keySet().removeIf(key -> kept.get(key).stream().noneMatch(value -> value.startsWith("PUT late")));
            assertThat(stored.keySet()).containsAll(kept.keySet());
        }
    }

    /** More than fits: of each key the first ones are stored, from the one on that found no room none. */
    private void overfill(Map<String, List<String>> model) {
        WriterOptions options = WriterOptions.DEFAULT.withTimeouts(Duration.ofSeconds(1), Duration.ofSeconds(5));
        try (KvWriter writer = bucket.writer(options)) {
            List<Sent> all = new ArrayList<>();
            for (int i = 0; i < WRITES; i++) {
                all.add(submit(writer, i, i % 11 == 0 ? null : padded("v" + i)));
            }
            assertThat(writer.flush(DEADLINE)).isTrue();
            Map<String, List<Boolean>> fates = new HashMap<>();
            List<Long> revisions = new ArrayList<>();
            for (Sent sent : all) {
                assertThat(sent.result()).isDone();
                boolean stored = !sent.result().isCompletedExceptionally();
                fates.computeIfAbsent(sent.key(), key -> new ArrayList<>()).add(stored);
                if (stored) {
                    revisions.add(sent.result().join().revision());
                    add(model, sent);
                } else {
                    assertNoRoom(sent);
                }
            }
            fates.forEach((key, fate) ->
                    assertThat(fate).as(key).endsWith(false).isSortedAccordingTo((a, b) -> Boolean.compare(b, a)));
            assertThat(revisions).doesNotHaveDuplicates().isNotEmpty();
            assertThat(writer.stats().stored()).isEqualTo(revisions.size());
            assertThat(writer.stats().failed()).isEqualTo(WRITES - revisions.size());
            assertThat(writer.stats().inFlight()).isZero();
            assertThat(writer.stats().inFlightBytes()).isZero();
        }
    }

    private void assertNoRoom(Sent sent) {
        assertThatThrownBy(() -> sent.result().join())
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        KvException.class, e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.TRANSIENT))
                .hasMessageContaining("\"" + sent.key() + "\" in bucket \"" + bucket.name() + "\"")
                .hasMessageContaining("[" + KvErrors.STORE_FAILED + "]");
    }

    /** Until not even an empty value fits any more. */
    private void fillUp(Map<String, List<String>> model) {
        for (int i = 0; ; i++) {
            try {
                bucket.put("z." + i, "");
                model.put("z." + i, List.of("PUT "));
            } catch (KvServerException e) {
                assertThat(e.code()).isEqualTo(KvErrors.STORE_FAILED);
                return;
            }
        }
    }

    private void assertRefused(ThrowingCallable write) {
        assertThatThrownBy(write)
                .isInstanceOfSatisfying(KvServerException.class, e -> {
                    assertThat(e.code()).isEqualTo(KvErrors.STORE_FAILED);
                    assertThat(e.errorClass()).isEqualTo(ErrorClass.TRANSIENT);
                })
                .hasMessageContaining("\"a.0\"")
                .hasMessageContaining(bucket.name());
    }

    private void assertDeadlineTellsWhy() {
        Throwable failure = PatientAttempts.failure(Duration.ofMillis(400), deadline -> {
            try (KvWriter writer = bucket.writer(WriterOptions.DEFAULT.withTimeouts(deadline, deadline))) {
                Throwable late = catchThrowable(
                        () -> writer.submit(KvWrite.delete("a.0")).join());
                // It is not sent again but for an answer.
                return new PatientAttempts.Attempt(late, writer.stats().retries() > 0);
            }
        });
        assertThat(failure)
                .cause()
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("[" + KvErrors.STORE_FAILED + "]");
    }

    /** Makes room; returns what the bucket holds then. */
    private Map<String, List<String>> relieve(Relief relief, Map<String, List<String>> model) throws Exception {
        Map<String, List<String>> kept = new HashMap<>();
        model.forEach((key, values) -> kept.put(key, new ArrayList<>(values)));
        switch (relief) {
            case PURGED -> {
                connection
                        .nats()
                        .jetStreamManagement()
                        .purgeStream(
                                bucket.subjects().stream(),
                                PurgeOptions.subject(bucket.subjects().readSubject("a.>")));
                kept.keySet().removeIf(key -> key.startsWith("a."));
            }
            case RAISED ->
                buckets.update(config.toBuilder().maxBytes(4 * MAX_BYTES).build());
            default -> throw new AssertionError(relief);
        }
        return kept;
    }

    private static Sent submit(KvWriter writer, int number, String value) {
        String key = (number % 2 == 0 ? "a." : "b.") + number % KEYS;
        KvWrite write = value == null ? KvWrite.delete(key) : KvWrite.put(key, Traffic.bytes(value));
        return new Sent(key, value == null ? "DELETE " : "PUT " + value, writer.submit(write));
    }

    private static String padded(String value) {
        return value + ".".repeat(VALUE.length - value.length());
    }

    private static void add(Map<String, List<String>> model, Sent sent) {
        model.computeIfAbsent(sent.key(), key -> new ArrayList<>()).add(sent.text());
    }
}
