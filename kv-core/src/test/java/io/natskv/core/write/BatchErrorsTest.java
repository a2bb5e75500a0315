package io.natskv.core.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import io.natskv.core.KvEntry;
import io.natskv.core.PatientConnections;
import io.natskv.core.TappedConnection;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.error.KvServerException;
import io.natskv.core.error.UnavailableException;
import io.natskv.core.error.WrongRevisionException;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import io.natskv.testing.nats.TcpProxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a server says against an atomic batch (ADR-50), each code by a real one, whose limits are low; and answers that get lost. */
@SuppressWarnings("try") // closing a connection may be interrupted
class BatchErrorsTest {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsServer.builder()
            .version(NatsVersion.V2_15)
            .jetStreamConfig("limits { batch { max_inflight_per_stream: 2, max_msgs: 20 } }"));

    private static final Duration DEADLINE = Duration.ofSeconds(30);
    /** Of a link in each direction: the time that a test has to act between a commit and its answer. */
    private static final Duration DELAY = Duration.ofSeconds(3);

    private KvConnection connection;
    private KvBuckets buckets;
    private KvBucket bucket;
    private AtomicBatchWriter batches;

    @BeforeEach
    void open() {
        connection = PatientConnections.open(NATS.url());
        buckets = new KvBuckets(connection);
        bucket = buckets.create(
                BucketConfig.builder("b" + UUID.randomUUID()).history(5).build());
        buckets.allowBatches(bucket.name());
        batches = bucket.batchWriter().join();
    }

    @AfterEach
    void close() {
        connection.close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static KvWrite put(String key) {
        return KvWrite.put(key, bytes("x"));
    }

    private static KvException failure(CompletableFuture<?> future) {
        Throwable error = catchThrowable(
                () -> future.orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS).join());
        assertThat(error).isInstanceOf(CompletionException.class).hasCauseInstanceOf(KvException.class);
        return (KvException) error.getCause();
    }

    private void fails(CompletableFuture<?> future, int code, ErrorClass errorClass) {
        long last = bucket.status().lastRevision();
        KvException error = failure(future);
        assertThat(error)
                .isInstanceOfSatisfying(
                        KvServerException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(bucket.name())
                .hasMessageContaining("[" + code + "]");
        assertThat(error.errorClass()).isEqualTo(errorClass);
        assertThat(bucket.status().lastRevision()).isEqualTo(last);
    }

    @Test
    void wrongLastRevisionNamesTheKeyIfOnlyOneCanBeMeant() {
        long revision = bucket.put("a", "1");
        bucket.put("a", "2");
        assertThat(failure(batches.write(List.of(put("b"), KvWrite.update("a", bytes("3"), revision), put("c")))))
                .isInstanceOfSatisfying(WrongRevisionException.class, e -> {
                    assertThat(e.expected()).isEqualTo(revision);
                    assertThat(e.actual()).isEqualTo(revision + 1);
                    assertThat(e.errorClass()).isEqualTo(ErrorClass.REJECTED);
                })
                .hasMessageContaining("\"a\"");
        assertThat(failure(batches.write(List.of(KvWrite.create("a", bytes("3"))))))
                .isInstanceOf(WrongRevisionException.class);
        fails(
                batches.write(List.of(KvWrite.create("b", bytes("3")), KvWrite.update("a", bytes("3"), revision))),
                KvErrors.WRONG_LAST_SEQUENCE,
                ErrorClass.REJECTED);
        assertThat(bucket.keys()).containsExactly("a");
        assertThat(batches.write(List.of(put("b"), KvWrite.update("a", bytes("3"), revision + 1)))
                        .join())
                .isEqualTo(new AtomicBatchWriter.Committed(3, 4));
    }

    /** Of our batches a purge behind a write is refused on this side; the server refuses it for others, and where rollups are off. */
    @Test
    void aPurgeThatTheServerRefuses() throws Exception {
        List<KvWrite> writes = List.of(put("a"), KvWrite.purge("a"));
        assertThatThrownBy(() -> batches.write(writes)).isInstanceOf(IllegalArgumentException.class);
        String id = UUID.randomUUID().toString();
        send(raw("a", id, 1, false, new Headers()));
        Message reply = send(raw("a", id, 2, true, new Headers().put("Nats-Rollup", "sub")));
        assertThat(codeOf(reply)).isEqualTo(10111);

        StreamConfiguration stream = bucket.status().stream().getConfiguration();
        connection
                .nats()
                .jetStreamManagement()
                .updateStream(StreamConfiguration.builder(stream)
                        .denyPurge(false)
                        .allowRollup(false)
                        .build());
        fails(batches.write(List.of(put("b"), KvWrite.purge("c"))), 10111, ErrorClass.REJECTED);
        assertThat(bucket.keys()).isEmpty();
    }

    @Test
    void aBatchThatLostAMessageOnItsWayIsStoredWholeTheNextTime() throws Exception {
        Predicate<TappedConnection.Sent> allButTheSecond = new Predicate<>() {
            private boolean lost;

            @Override
            public boolean test(TappedConnection.Sent sent) {
                boolean second = sent.message() != null
                        && sent.message().getHeaders() != null
                        && "2".equals(sent.message().getHeaders().getLast("Nats-Batch-Sequence"));
                boolean passes = lost || !second;
                lost |= second;
                return passes;
            }
        };
        List<KvWrite> writes = List.of(put("a"), put("b"), put("c"));
        try (Connection nats = NATS.server().connect();
                KvConnection lossy =
                        KvConnection.using(TappedConnection.of(nats, allButTheSecond), "$JS.API.", DEADLINE)) {
            AtomicBatchWriter writer =
                    new KvBuckets(lossy).open(bucket.name()).batchWriter().join();
            fails(writer.write(writes), 10176, ErrorClass.TRANSIENT);
            assertThat(writer.write(writes).join()).isEqualTo(new AtomicBatchWriter.Committed(1, 3));
        }
        assertThat(bucket.keys()).containsExactly("a", "b", "c");
    }

    @Test
    void aLargerBatchThanTheServerIsSetTo() {
        List<KvWrite> writes =
                IntStream.range(0, 21).mapToObj(i -> put("k" + i)).toList();
        fails(batches.write(writes), 10199, ErrorClass.REJECTED);
        assertThat(batches.write(writes.subList(0, 20)).join()).isEqualTo(new AtomicBatchWriter.Committed(1, 20));
    }

    /** Our writes carry no message id; what the server says of one is classified all the same. */
    @Test
    void aMessageIdThatIsThereAlready() throws Exception {
        String first = UUID.randomUUID().toString();
        Headers twice = new Headers().put("Nats-Msg-Id", "same");
        assertThat(codeOf(send(raw("a", first, 1, true, twice)))).isZero();
        int code = codeOf(send(raw("a", UUID.randomUUID().toString(), 1, true, twice)));
        assertThat(code).isEqualTo(10201);
        assertThat(KvErrors.ofCode(code, "", "", null).errorClass()).isEqualTo(ErrorClass.REJECTED);
        Headers outside = new Headers().put("Nats-Msg-Id", "same").put("Trace", "1");
        batches.write(List.of(put("a").withHeaders(outside))).join();
        assertThat(bucket.get("a").headers().containsKey("Nats-Msg-Id")).isFalse();
        assertThat(bucket.get("a").headers().getLast("Trace")).isEqualTo("1");
    }

    @Test
    void moreBatchesThanTheServerTakesAtATime() throws Exception {
        String one = UUID.randomUUID().toString();
        String two = UUID.randomUUID().toString();
        send(raw("one", one, 1, false, new Headers()));
        send(raw("two", two, 1, false, new Headers()));
        fails(batches.write(List.of(put("a"))), 10210, ErrorClass.TRANSIENT);
        // The refusal goes to the first message, which asks for no answer; without it the commit comes to an unknown
        // batch.
        fails(batches.write(List.of(put("a"), put("b"))), 10176, ErrorClass.TRANSIENT);
        assertThat(codeOf(send(raw("one", one, 2, true, new Headers())))).isZero();
        assertThat(batches.write(List.of(put("a"), put("b"))).join()).isEqualTo(new AtomicBatchWriter.Committed(3, 4));
        assertThat(codeOf(send(raw("two", two, 2, true, new Headers())))).isZero();
        assertThat(bucket.history("one")).extracting(KvEntry::revision).containsExactly(1L, 2L);
    }

    /** Neither is stored before its own commit, whatever was sent first. */
    @Test
    void batchesThatGrowBesideEachOther() {
        AtomicBatchWriter.OpenBatch first = batches.begin();
        AtomicBatchWriter.OpenBatch second = batches.begin();
        for (int i = 0; i < 5; i++) {
            second.add(BatchWrite.of(put("second" + i)));
            first.add(BatchWrite.of(put("first" + i)));
        }
        bucket.put("between", "x");
        assertThat(bucket.keys()).containsExactly("between");
        first.add(BatchWrite.of(KvWrite.purge("between")));
        assertThat(first.commit(closing("offset", 0)).join()).isEqualTo(new AtomicBatchWriter.Committed(2, 8));
        assertThat(bucket.keys()).hasSize(6).allMatch(key -> key.startsWith("first") || key.equals("offset"));
        assertThat(failure(second.commit(closing("offset", 7)))).isInstanceOf(WrongRevisionException.class);
        assertThat(bucket.status().lastRevision()).isEqualTo(8);
        assertThat(bucket.history("first4")).extracting(KvEntry::revision).containsExactly(6L);
    }

    @Test
    void aGrowingBatchKeepsTheRules() {
        AtomicBatchWriter.OpenBatch batch = batches.begin();
        batch.add(BatchWrite.of(put("a")));
        BatchWrite purge = BatchWrite.of(KvWrite.purge("a"));
        assertThatThrownBy(() -> batch.add(purge))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"a\"");
        BatchWrite other = BatchWrite.of(put("b"));
        for (int i = 1; i < AtomicBatchWriter.MAX_WRITES - 1; i++) {
            batch.add(other);
        }
        assertThatThrownBy(() -> batch.add(other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("999");
    }

    private AtomicBatchWriter.Closing closing(String key, long lastRevision) {
        return new AtomicBatchWriter.Closing(
                bucket.subjects().readSubject(key),
                bucket.subjects().writeSubject(key),
                bytes("0"),
                new Headers(),
                lastRevision);
    }

    @Test
    void aBucketThatTakesNoBatchesAnyMore() throws Exception {
        StreamConfiguration stream = bucket.status().stream().getConfiguration();
        connection
                .nats()
                .jetStreamManagement()
                .updateStream(StreamConfiguration.builder(stream)
                        .allowAtomicPublish(false)
                        .build());
        fails(batches.write(List.of(put("a"), put("b"))), 10174, ErrorClass.FATAL);
        assertThat(bucket.keys()).isEmpty();
    }

    /** The commit is slow on its way back; while it is, the link breaks. */
    @Test
    void aCommitWhoseAnswerIsLostIsFoundByReading() {
        try (TcpProxy proxy = TcpProxy.to(NATS.server());
                KvConnection far = KvConnection.open(PatientConnections.to(proxy.url())
                        .ignoreDiscoveredServers(true)
                        .reconnectWait(Duration.ofMillis(20))
                        .build())) {
            // Not before its answer is due: by then the link is a new one.
            AtomicBatchWriter writer = writer(far, DELAY.multipliedBy(2));
            bucket.put("before", "1");
            proxy.delay(DELAY);
            CompletableFuture<AtomicBatchWriter.Committed> committed =
                    writer.write(List.of(put("a"), put("b"), KvWrite.delete("c"), put("a")));
            Awaitility.await()
                    .atMost(DEADLINE)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> bucket.status().lastRevision() == 5);
            assertThat(committed).isNotDone();
            proxy.cut();
            proxy.delay(Duration.ZERO);
            assertThat(committed.join()).isEqualTo(new AtomicBatchWriter.Committed(2, 5));
            assertThat(far.reconnects()).isPositive();
            assertThat(bucket.status().lastRevision()).isEqualTo(5);
        }
    }

    /** A commit that never arrived; and one that did, whose last key holds another's write when the answer is looked for. */
    @Test
    void aCommitThatCanNotBeFoundIsLeftInDoubt() {
        try (TcpProxy proxy = TcpProxy.to(NATS.server());
                KvConnection far = KvConnection.open(NatsConnectionConfig.builder()
                        .servers(List.of(proxy.url()))
                        .ignoreDiscoveredServers(true)
                        .reconnectWait(Duration.ofMillis(20))
                        .requestTimeout(Duration.ofSeconds(2))
                        .connectTimeout(PatientConnections.CONNECT)
                        .build())) {
            proxy.halfOpen();
            CompletableFuture<AtomicBatchWriter.Committed> never =
                    writer(far, Duration.ofSeconds(1)).write(List.of(put("a"), put("b")));
            assertThat(failure(never)).isInstanceOfSatisfying(UnavailableException.class, e -> {
                assertThat(e.errorClass()).isEqualTo(ErrorClass.TRANSIENT);
                assertThat(e).hasMessageContaining(bucket.name()).hasMessageContaining("may or may not");
            });
            proxy.heal();
            assertThat(bucket.status().lastRevision()).isZero();
            Awaitility.await().atMost(DEADLINE).until(() -> far.reconnects() > 0);
            assertThat(writer(far, DEADLINE).write(List.of(put("a"), put("b"))).join())
                    .isEqualTo(new AtomicBatchWriter.Committed(1, 2));

            proxy.delay(DELAY);
            CompletableFuture<AtomicBatchWriter.Committed> overwritten =
                    writer(far, DELAY.multipliedBy(2)).write(List.of(put("a"), put("b")));
            Awaitility.await()
                    .atMost(DEADLINE)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> bucket.status().lastRevision() == 4);
            bucket.put("b", "of another");
            assertThat(overwritten).isNotDone();
            proxy.cut();
            proxy.delay(Duration.ZERO);
            assertThat(failure(overwritten))
                    .isInstanceOf(UnavailableException.class)
                    .hasMessageContaining("may or may not");
            assertThat(bucket.get("b").value()).isEqualTo(bytes("of another"));
        }
    }

    /** Its time-out is not that of the connection's other requests. */
    private AtomicBatchWriter writer(KvConnection over, Duration timeout) {
        return AtomicBatchWriter.of(over, bucket.subjects(), bucket.status().stream(), timeout);
    }

    private NatsMessage raw(String key, String id, int sequence, boolean commit, Headers headers) {
        Headers all = new Headers(headers).put("Nats-Batch-Id", id);
        all.put("Nats-Batch-Sequence", Integer.toString(sequence));
        if (commit) {
            all.put("Nats-Batch-Commit", "1");
        }
        return NatsMessage.builder()
                .subject(bucket.subjects().writeSubject(key))
                .headers(all)
                .data("x")
                .build();
    }

    private Message send(Message message) throws Exception {
        return connection.request(message, DEADLINE).get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
    }

    /** The error code of an answer, 0 if it is none. */
    private static int codeOf(Message reply) {
        String text = new String(reply.getData(), StandardCharsets.UTF_8);
        Matcher matcher = Pattern.compile("\"err_code\":(\\d+)").matcher(text);
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
    }
}
