package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.core.KvEntry;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriterOptions;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How changes flow through a consumer: batches, threads, retries, the end of the data. */
class FlowTest {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

    private final Received received = new Received();
    private final List<String> seen = new CopyOnWriteArrayList<>();
    private Fixture camel;
    private KvBucket bucket;

    @BeforeEach
    void start() {
        camel = new Fixture(NATS.url());
        bucket = camel.newBucket(64);
    }

    @AfterEach
    void stop() {
        camel.close();
    }

    private String uri(String options) {
        return "nats-kv:" + bucket.name() + options;
    }

    private void note(Exchange exchange) {
        seen.add(
                exchange.getMessage().getHeader(NatsKvConstants.END_OF_DATA, false, boolean.class)
                        ? "end of data"
                        : exchange.getMessage().getHeader(NatsKvConstants.KEY, String.class));
    }

    private void write(int count, int keys) {
        try (KvWriter writer = bucket.writer(WriterOptions.DEFAULT)) {
            for (int i = 0; i < count; i++) {
                byte[] value = Integer.toString(i).getBytes(StandardCharsets.UTF_8);
                writer.submit(KvWrite.put("k" + i % keys, value));
            }
            assertThat(writer.flush(Duration.ofSeconds(60))).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&concurrentConsumers=4", "&updatesOnly=true", "&includeHistory=true"})
    void tellsTheEndOfTheData(String options) throws Exception {
        write(50, 50);
        camel.route("r", uri("?sendEndOfData=true" + options), this::note);
        Received.await(() -> assertThat(seen).contains("end of data"));
        assertThat(seen).hasSize(options.contains("updatesOnly") ? 1 : 51).endsWith("end of data");
        bucket.put("later", "1");
        Received.await(() -> assertThat(seen).endsWith("later"));
        assertThat(seen).containsOnlyOnce("end of data");
    }

    @Test
    void anEmptyBucketHasAnEndTooWithoutABody() throws Exception {
        List<Exchange> ends = new CopyOnWriteArrayList<>();
        camel.route("r", uri("?sendEndOfData=true"), exchange -> ends.add(exchange.copy()));
        Received.await(() -> assertThat(ends).hasSize(1));
        assertThat(ends.get(0).getMessage().getBody()).isNull();
        assertThat(ends.get(0).getMessage().getHeaders())
                .containsEntry(NatsKvConstants.BUCKET, bucket.name())
                .containsEntry(NatsKvConstants.END_OF_DATA, true);
    }

    @Test
    void severalThreadsKeepTheOrderOfEachKey() throws Exception {
        Map<String, List<Long>> revisions = new ConcurrentHashMap<>();
        AtomicInteger count = new AtomicInteger();
        // Nobody gets on before four are at work at the same time.
        CyclicBarrier four = new CyclicBarrier(4);
        camel.route("r", uri("?concurrentConsumers=4"), exchange -> {
            if (count.getAndIncrement() < 4) {
                four.await(60, TimeUnit.SECONDS);
            }
            revisions
                    .computeIfAbsent(
                            exchange.getMessage().getHeader(NatsKvConstants.KEY, String.class),
                            key -> new CopyOnWriteArrayList<>())
                    .add(exchange.getMessage().getHeader(NatsKvConstants.REVISION, Long.class));
        });
        write(3_000, 50);
        Received.await(() -> assertThat(
                        revisions.values().stream().mapToInt(List::size).sum())
                .isEqualTo(3_000));
        assertThat(revisions).hasSize(50);
        revisions.values().forEach(list -> assertThat(list).isSorted().doesNotHaveDuplicates());
    }

    /** A batch as its route received it, to be judged by the test: Camel keeps what a route throws to itself. */
    private record Batch(Object initial, Object size, Object revision, List<KvEntry> entries) {
        Stream<Long> revisions() {
            return entries.stream().map(KvEntry::revision);
        }
    }

    @ParameterizedTest
    @CsvSource({"1", "3"})
    void batchesHoldEverythingInOrder(int consumers) throws Exception {
        write(200, 200);
        List<Batch> batches = new CopyOnWriteArrayList<>();
        // Later ones wait until all is written: else a quick consumer would find no more than one change at a time.
        Gatekeeper written = new Gatekeeper();
        camel.route("r", uri("?batching=true&batchSize=32&concurrentConsumers=" + consumers), exchange -> {
            Message message = exchange.getMessage();
            Batch batch = new Batch(
                    message.getHeader(NatsKvConstants.INITIAL),
                    message.getHeader(NatsKvConstants.BATCH_SIZE),
                    message.getHeader(NatsKvConstants.REVISION),
                    entries(exchange));
            if (Boolean.FALSE.equals(batch.initial)) {
                written.pass();
            }
            batches.add(batch);
        });
        write(300, 100);
        written.open();
        Received.await(
                () -> assertThat(batches.stream().flatMap(Batch::revisions)).hasSize(500));
        assertThat(batches).allSatisfy(batch -> {
            assertThat(batch.entries).hasSizeBetween(1, 32);
            assertThat(batch.size).isEqualTo(batch.entries.size());
            assertThat(batch.revision)
                    .isEqualTo(batch.entries.get(batch.entries.size() - 1).revision());
            // What was there and what came later are never mixed.
            assertThat(batch.revisions())
                    .allMatch(revision -> Boolean.valueOf(revision <= 200).equals(batch.initial));
        });
        assertThat(batches).hasSizeLessThan(300);
        if (consumers == 1) {
            assertThat(batches.stream().flatMap(Batch::revisions)).isSorted().doesNotHaveDuplicates();
        }
    }

    @SuppressWarnings("unchecked")
    private static List<KvEntry> entries(Exchange exchange) {
        return (List<KvEntry>) exchange.getMessage().getBody();
    }

    @Test
    void aBatchWaitsForMoreWhenItIsTold() throws Exception {
        List<Integer> sizes = new CopyOnWriteArrayList<>();
        camel.route(
                "r",
                uri("?batching=true&batchSize=3&batchInterval=600000"),
                exchange -> sizes.add(entries(exchange).size()));
        bucket.put("a", "1");
        bucket.put("b", "1");
        bucket.put("c", "1");
        Received.await(() -> assertThat(sizes).containsExactly(3));
    }

    @Test
    void aBatchThatDoesNotFillUpIsDeliveredAfterItsInterval() throws Exception {
        List<Integer> sizes = new CopyOnWriteArrayList<>();
        camel.route(
                "r",
                uri("?batching=true&batchSize=1000&batchInterval=50"),
                exchange -> sizes.add(entries(exchange).size()));
        bucket.put("a", "1");
        Received.await(() -> assertThat(sizes).containsExactly(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&concurrentConsumers=2", "&batching=true&batchSize=1"})
    void aChangeThatFailedComesAgainUntilItSucceeds(String options) throws Exception {
        AtomicInteger failures = new AtomicInteger();
        List<String> done = new CopyOnWriteArrayList<>();
        camel.route("r", uri("?breakOnFirstError=true&retryDelay=5&maxRetryDelay=20" + options), exchange -> {
            KvEntry entry = exchange.getMessage().getBody() instanceof List<?> list ? (KvEntry) list.get(0) : null;
            String key =
                    entry != null ? entry.key() : exchange.getMessage().getHeader(NatsKvConstants.KEY, String.class);
            if (key.equals("b") && failures.incrementAndGet() < 5) {
                throw new IllegalStateException("not yet");
            }
            done.add(key);
        });
        List.of("a", "b").forEach(key -> bucket.put(key, "1"));
        Received.await(() -> assertThat(done).contains("b"));
        bucket.put("c", "1");
        Received.await(() -> assertThat(done).contains("c"));
        assertThat(failures.get()).isEqualTo(5);
        assertThat(done).containsExactly("a", "b", "c");
        NatsKvConsumer consumer = (NatsKvConsumer) camel.context.getRoute("r").getConsumer();
        assertThat(consumer.getFailureCount()).isEqualTo(4);
        assertThat(consumer.getChangeCount()).isEqualTo(3);
    }

    /** What a route does to the list of a batch is its own affair: it may take out what it has done, and then fail. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "breakOnFirstError=true&retryDelay=5",
                "breakOnFirstError=true&retryDelay=5&concurrentConsumers=2",
                "durableName=d&nackWait=5"
            })
    void aRouteThatEmptiesABatchAndFailsLosesNothing(String options) throws Exception {
        write(20, 20);
        AtomicInteger failures = new AtomicInteger();
        camel.route("r", uri("?batching=true&batchSize=10&batchInterval=100&" + options), exchange -> {
            assertThat(exchange.getMessage().getHeaders()).doesNotContainKey(NatsKvConstants.END_OF_DATA);
            List<KvEntry> batch = entries(exchange);
            if (failures.incrementAndGet() < 5) {
                batch.clear();
                throw new IllegalStateException("not yet");
            }
            batch.forEach(entry -> seen.add(entry.key()));
            batch.clear();
        });
        Received.await(() -> assertThat(seen).hasSize(20));
        assertThat(seen).doesNotHaveDuplicates();
        if (options.startsWith("durable")) {
            Received.await(
                    () -> assertThat(NatsFacts.ackPending(camel, bucket, "d")).isZero());
        }
        NatsKvConsumer consumer = (NatsKvConsumer) camel.context.getRoute("r").getConsumer();
        Received.await(() -> assertThat(consumer.getChangeCount()).isGreaterThanOrEqualTo(20));
    }

    /** The same, as the option says, without the retry: the next one follows. */
    @Test
    void aRouteThatFailsForEverIsStoppedAtOnce() throws Exception {
        CountDownLatch tried = new CountDownLatch(3);
        camel.route("r", uri("?breakOnFirstError=true&retryDelay=5&maxRetryDelay=60000"), exchange -> {
            tried.countDown();
            throw new IllegalStateException("never");
        });
        bucket.put("a", "1");
        assertThat(tried.await(60, TimeUnit.SECONDS)).isTrue();
        camel.context.getRouteController().stopRoute("r");
        assertThat(camel.component.connections().size()).isZero();
    }

    @Test
    void theErrorHandlerOfTheRouteTakesWhatTheConsumerMeets() throws Exception {
        List<Throwable> handled = new CopyOnWriteArrayList<>();
        camel.context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                onException(Exception.class)
                        .handled(true)
                        .process(exchange ->
                                handled.add(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class)));
                from(uri("?bridgeErrorHandler=true")).process(received);
            }
        });
        camel.context.start();
        bucket.put("a", "1");
        received.await("1 PUT a=1");
        camel.buckets.delete(bucket.name());
        Received.await(() -> assertThat(handled).hasSize(1));
        assertThat(handled.get(0)).hasMessageContaining(bucket.name());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&concurrentConsumers=3", "&batching=true&batchSize=7"})
    void suspensionsAndStopsUnderLoadLoseNothing(String options) throws Exception {
        camel.context
                .getRegistry()
                .bind("positions", new org.apache.camel.support.processor.state.MemoryStateRepository());
        Set<Long> revisions = ConcurrentHashMap.newKeySet();
        camel.route("r", uri("?includeHistory=true&offsetRepository=#positions" + options), exchange -> {
            if (exchange.getMessage().getBody() instanceof List<?> list) {
                list.forEach(entry -> revisions.add(((KvEntry) entry).revision()));
            } else {
                revisions.add(exchange.getMessage().getHeader(NatsKvConstants.REVISION, Long.class));
            }
        });
        NatsKvConsumer consumer = (NatsKvConsumer) camel.context.getRoute("r").getConsumer();
        for (int i = 1; i <= 4; i++) {
            write(100, 100);
            camel.context.getRouteController().suspendRoute("r");
            assertThat(consumer.getPendingExchangesSize()).isZero();
            int before = revisions.size();
            long held = bucket.put("while-suspended", "v");
            // The server has given it to the watch: it is the consumer that holds it back.
            Received.await(
                    () -> assertThat(NatsFacts.deliveredToAll(camel, bucket)).isEqualTo(held));
            assertThat(revisions).hasSize(before);
            camel.context.getRouteController().resumeRoute("r");
            write(100, 100);
            // In the middle of them.
            camel.context.getRouteController().stopRoute("r");
            bucket.put("while-stopped", "v");
            camel.context.getRouteController().startRoute("r");
            int expected = i * 202;
            Received.await(() -> assertThat(revisions).hasSize(expected));
        }
        assertThat(revisions).contains(1L, 808L);
    }

    @Test
    void jmxShowsHowItIsDoing() throws Exception {
        camel.route("r", uri("?key=a.*"), received);
        bucket.put("a.b", "1");
        bucket.put("b", "1");
        received.await("1 PUT a.b=1");
        NatsKvConsumer consumer = (NatsKvConsumer) camel.context.getRoute("r").getConsumer();
        Received.await(() -> assertThat(consumer.getLastRevision()).isEqualTo(1));
        assertThat(consumer.getChangeCount()).isEqualTo(1);
        assertThat(consumer.getFailureCount()).isZero();
        assertThat(consumer.isWatching()).isTrue();
        assertThat(consumer.getLastProblem()).isNull();
        assertThat(consumer.getBucket()).isEqualTo(bucket.name());
        assertThat(consumer.getKey()).isEqualTo("a.*");
        assertThat(consumer.getPendingChanges()).isZero();
        camel.context.getRouteController().stopRoute("r");
        assertThat(consumer.isWatching()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "concurrentConsumers=0|concurrentConsumers",
                "batching=true&batchSize=0|batchSize",
                "retryDelay=0|retryDelay",
                "manualAck=true|manualAck",
                "allowManualCommit=true|allowManualCommit",
                "durableName=d&breakOnFirstError=true|breakOnFirstError",
                "durableName=d&sendEndOfData=true|sendEndOfData",
                "durableName=d&offsetRepository=#positions|offsetRepository",
                "durableName=d.e|durableName",
                "durableName=d&pullBatchSize=0|pullBatchSize",
                "durableName=d&ackWait=0|ackWait"
            })
    void optionsThatContradictEachOtherFailTheStart(String options, String named) {
        camel.context
                .getRegistry()
                .bind("positions", new org.apache.camel.support.processor.state.MemoryStateRepository());
        assertThatThrownBy(() -> camel.route("r", uri("?" + options), received)).hasStackTraceContaining(named);
    }
}
