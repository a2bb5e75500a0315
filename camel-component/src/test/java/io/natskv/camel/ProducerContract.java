package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.natskv.core.KvEntry;
import io.natskv.core.KvOperation;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.error.FeatureUnsupportedException;
import io.natskv.core.error.InvalidKeyException;
import io.natskv.core.error.KeyNotFoundException;
import io.natskv.core.error.UnavailableException;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.camel.AsyncProducer;
import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.support.DefaultExchange;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The operations on one key, and what holds for all of them; on a server of each version. */
abstract class ProducerContract {
    private final NatsServerExtension nats;
    private final NatsVersion version;
    private Fixture camel;
    private KvBucket bucket;

    /** How an operation is told to the producer. */
    enum By {
        URI,
        HEADER
    }

    ProducerContract(NatsServerExtension nats, NatsVersion version) {
        this.nats = nats;
        this.version = version;
    }

    @BeforeEach
    void start() {
        camel = new Fixture(nats.url());
        bucket = camel.newBucket(5);
    }

    @AfterEach
    void stop() {
        camel.close();
    }

    @ParameterizedTest
    @EnumSource
    void put(By by) {
        Exchange done = succeed(by, NatsKvOperation.PUT, "k", null, "v");
        assertThat(revision(done)).isEqualTo(1);
        assertThat(done.getMessage().getBody()).isEqualTo("v");
        assertThat(text("k")).isEqualTo("v");
        assertThat(revision(succeed(by, NatsKvOperation.PUT, "k", null, "w"))).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void create(By by) {
        assertThat(revision(succeed(by, NatsKvOperation.CREATE, "k", null, "v")))
                .isEqualTo(1);
        assertThatExceptionOfType(NatsKvKeyExistsException.class)
                .isThrownBy(() -> fail(by, NatsKvOperation.CREATE, "k", null, "w"))
                .satisfies(e -> {
                    assertThat(e.getBucket()).isEqualTo(bucket.name());
                    assertThat(e.getKey()).isEqualTo("k");
                    assertThat(e.getMessage()).contains("\"k\"").contains(bucket.name());
                });
        assertThat(text("k")).isEqualTo("v");
        bucket.delete("k");
        assertThat(revision(succeed(by, NatsKvOperation.CREATE, "k", null, "x")))
                .isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource
    void update(By by) {
        assertThat(revision(succeed(by, NatsKvOperation.UPDATE, "k", 0L, "v"))).isEqualTo(1);
        assertThat(revision(succeed(by, NatsKvOperation.UPDATE, "k", 1L, "w"))).isEqualTo(2);
        assertThatExceptionOfType(NatsKvRevisionMismatchException.class)
                .isThrownBy(() -> fail(by, NatsKvOperation.UPDATE, "k", 1L, "x"))
                .satisfies(e -> {
                    assertThat(e.getBucket()).isEqualTo(bucket.name());
                    assertThat(e.getKey()).isEqualTo("k");
                    assertThat(e.getExpectedRevision()).isEqualTo(1);
                    assertThat(e.getActualRevision()).isEqualTo(2);
                });
        assertThat(text("k")).isEqualTo("w");
    }

    @ParameterizedTest
    @EnumSource
    void get(By by) {
        bucket.put("k", "v1");
        bucket.put("k", "v2");
        Exchange last = succeed(by, NatsKvOperation.GET, "k", null, "before");
        assertThat(body(last)).isEqualTo("v2");
        assertThat(revision(last)).isEqualTo(2);
        assertThat(found(last)).isTrue();
        assertThat(last.getMessage().getHeader(NatsKvConstants.CREATED, Instant.class))
                .isEqualTo(bucket.get("k").created());

        Exchange first = succeed(by, NatsKvOperation.GET, "k", 1L, "before");
        assertThat(body(first)).isEqualTo("v1");
        assertThat(revision(first)).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void getOfWhatIsNotThere(By by) {
        bucket.put("other", "v");
        bucket.put("deleted", "v");
        bucket.delete("deleted");
        assertAbsent(succeed(by, NatsKvOperation.GET, "k", null, "before"));
        assertAbsent(succeed(by, NatsKvOperation.GET, "deleted", null, "before"));
        // the marker, a revision of another key, and one that was never written
        assertAbsent(succeed(by, NatsKvOperation.GET, "deleted", 3L, "before"));
        assertAbsent(succeed(by, NatsKvOperation.GET, "k", 1L, "before"));
        assertAbsent(succeed(by, NatsKvOperation.GET, "k", 99L, "before"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"k", "deleted"})
    void getCanFailIfAbsent(String key) {
        bucket.put("deleted", "v");
        bucket.delete("deleted");
        Exchange done = send("?operation=GET&failIfAbsent=true&key=" + key, null);
        assertThat(done.getException())
                .isInstanceOfSatisfying(NatsKvKeyNotFoundException.class, e -> {
                    assertThat(e.getKey()).isEqualTo(key);
                    assertThat(e.getBucket()).isEqualTo(bucket.name());
                })
                .hasCauseInstanceOf(KeyNotFoundException.class);
        assertThat(send("?operation=GET&failIfAbsent=true&key=deleted&revision=2", null)
                        .getException())
                .isInstanceOf(NatsKvKeyNotFoundException.class);
    }

    @Test
    void anEmptyValueIsFound() {
        bucket.put("k", new byte[0]);
        Exchange done = succeed(By.URI, NatsKvOperation.GET, "k", null, "before");
        assertThat(done.getMessage().getBody()).isEqualTo(new byte[0]);
        assertThat(found(done)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void delete(By by) {
        bucket.put("k", "v");
        Exchange done = succeed(by, NatsKvOperation.DELETE, "k", null, "body");
        assertThat(revision(done)).isEqualTo(2);
        assertThat(done.getMessage().getBody()).isEqualTo("body");
        assertThat(bucket.history("k"))
                .extracting(KvEntry::operation)
                .containsExactly(KvOperation.PUT, KvOperation.DELETE);

        bucket.put("k", "w");
        assertThatExceptionOfType(NatsKvRevisionMismatchException.class)
                .isThrownBy(() -> fail(by, NatsKvOperation.DELETE, "k", 1L, null));
        assertThat(text("k")).isEqualTo("w");
        assertThat(revision(succeed(by, NatsKvOperation.DELETE, "k", 3L, null))).isEqualTo(4);
    }

    @ParameterizedTest
    @EnumSource
    void purge(By by) {
        bucket.put("k", "v");
        bucket.put("k", "w");
        assertThatExceptionOfType(NatsKvRevisionMismatchException.class)
                .isThrownBy(() -> fail(by, NatsKvOperation.PURGE, "k", 1L, null));
        assertThat(bucket.history("k")).hasSize(2);
        assertThat(revision(succeed(by, NatsKvOperation.PURGE, "k", 2L, null))).isEqualTo(3);
        assertThat(bucket.history("k")).extracting(KvEntry::operation).containsExactly(KvOperation.PURGE);
        bucket.put("k", "x");
        assertThat(revision(succeed(by, NatsKvOperation.PURGE, "k", null, null)))
                .isEqualTo(5);
    }

    @ParameterizedTest
    @EnumSource
    void keys(By by) {
        List.of("eu.de", "eu.fr", "us.ny", "gone").forEach(key -> bucket.put(key, "v"));
        bucket.delete("gone");
        assertThat(succeed(by, NatsKvOperation.KEYS, null, null, "before")
                        .getMessage()
                        .getBody())
                .isEqualTo(List.of("eu.de", "eu.fr", "us.ny"));
        assertThat(succeed(by, NatsKvOperation.KEYS, "eu.*", null, "before")
                        .getMessage()
                        .getBody())
                .isEqualTo(List.of("eu.de", "eu.fr"));
        assertThat(succeed(by, NatsKvOperation.KEYS, "nothing.>", null, "before")
                        .getMessage()
                        .getBody())
                .isEqualTo(List.of());
    }

    @ParameterizedTest
    @EnumSource
    void keysOfSeveralFilters(By by) {
        List.of("eu.de", "eu.fr", "us.ny").forEach(key -> bucket.put(key, "v"));
        Exchange done = perform(by, NatsKvOperation.KEYS, "us.>,eu.fr", null, "before");
        if (version.atLeast(NatsVersion.V2_10)) {
            assertThat(done.getMessage().getBody()).isEqualTo(List.of("eu.fr", "us.ny"));
        } else {
            assertThat(done.getException()).isInstanceOf(FeatureUnsupportedException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void history(By by) {
        bucket.put("k", "v");
        bucket.delete("k");
        bucket.put("k", "w");
        assertThat(succeed(by, NatsKvOperation.HISTORY, "k", null, "before")
                        .getMessage()
                        .getBody())
                .isEqualTo(bucket.history("k"))
                .asInstanceOf(InstanceOfAssertFactories.LIST)
                .hasSize(3);
        assertThat(succeed(by, NatsKvOperation.HISTORY, "never", null, "before")
                        .getMessage()
                        .getBody())
                .isEqualTo(List.of());
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "KEYS", "HISTORY"})
    void readsCanGoToAHeader(String operation) {
        bucket.put("k", "v");
        Exchange done = send("?key=k&resultHeader=answer&operation=" + operation, "body");
        assertThat(done.getException()).isNull();
        assertThat(done.getMessage().getBody()).isEqualTo("body");
        Object expected = switch (operation) {
            case "GET" -> bucket.get("k").value();
            case "KEYS" -> List.of("k");
            default -> bucket.history("k");
        };
        assertThat(done.getMessage().getHeader("answer")).isEqualTo(expected);
    }

    @Test
    void putIsTheDefault() {
        assertThat(send("?key=k", "v").getException()).isNull();
        assertThat(text("k")).isEqualTo("v");
    }

    @Test
    void headersWinOverOptions() {
        bucket.put("k", "v1");
        bucket.put("k", "v2");
        Exchange done = camel.send(uri("?operation=PUT&key=option&revision=2"), exchange -> {
            exchange.getMessage().setHeader(NatsKvConstants.OPERATION, "get");
            exchange.getMessage().setHeader(NatsKvConstants.KEY, "k");
            exchange.getMessage().setHeader(NatsKvConstants.AT_REVISION, "1");
        });
        assertThat(body(done)).isEqualTo("v1");
    }

    /** The revision that one step reports is no condition of the next, unless that is an UPDATE. */
    @Test
    void aReportedRevisionIsNoConditionForOtherOperations() throws Exception {
        bucket.put("config", "c");
        camel.context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:in")
                        .to(uri("?key=audit"))
                        .to(uri("?operation=GET&key=config"))
                        .to(uri("?operation=DELETE&key=audit"));
            }
        });
        Exchange done =
                camel.send("direct:in", exchange -> exchange.getMessage().setBody("x"));
        assertThat(done.getException()).isNull();
        assertThat(body(done)).isEqualTo("c");
    }

    @Test
    void updateTakesTheRevisionThatGetHasRead() throws Exception {
        bucket.put("k", "1");
        camel.context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:in")
                        .to(uri("?operation=GET&key=k"))
                        .process(exchange -> {
                            int value = exchange.getMessage().getBody(Integer.class);
                            if (exchange.getProperty("disturbed", false, boolean.class)) {
                                bucket.put("k", "50");
                            }
                            exchange.getMessage().setBody(String.valueOf(value + 1));
                        })
                        .to(uri("?operation=UPDATE&key=k"));
            }
        });
        assertThat(camel.send("direct:in", exchange -> {}).getException()).isNull();
        assertThat(text("k")).isEqualTo("2");
        Exchange disturbed = camel.send("direct:in", exchange -> exchange.setProperty("disturbed", true));
        assertThat(disturbed.getException()).isInstanceOf(NatsKvConflictException.class);
        assertThat(text("k")).isEqualTo("50");
    }

    @Test
    void bodiesOfOtherTypesAreConverted() {
        assertThat(send("?key=text", "grün").getException()).isNull();
        assertThat(bucket.get("text").value()).isEqualTo("grün".getBytes(StandardCharsets.UTF_8));
        assertThat(send("?key=stream", new ByteArrayInputStream(new byte[] {0, -1}))
                        .getException())
                .isNull();
        assertThat(bucket.get("stream").value()).isEqualTo(new byte[] {0, -1});
        assertThat(send("?key=number", 42).getException()).isNull();
        assertThat(text("number")).isEqualTo("42");
        assertThat(send("?key=empty", "").getException()).isNull();
        assertThat(bucket.get("empty").value()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "CREATE", "UPDATE"})
    void aNullBodyIsRefusedUnlessAllowed(String operation) {
        String options = "?key=k&operation=" + operation + (operation.equals("UPDATE") ? "&revision=0" : "");
        assertThat(send(options, null).getException()).isInstanceOf(InvalidPayloadException.class);
        assertThat(bucket.history("k")).isEmpty();
        assertThat(send(options + "&allowNullBody=true", null).getException()).isNull();
        assertThat(bucket.get("k").value()).isEmpty();
    }

    @Test
    void anUnknownOperationFails() {
        Exchange done = camel.send(
                uri("?key=k"), exchange -> exchange.getMessage().setHeader(NatsKvConstants.OPERATION, "frobnicate"));
        assertThat(done.getException())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("frobnicate")
                .hasMessageContaining("HISTORY");
    }

    @ParameterizedTest
    @EnumSource(
            value = NatsKvOperation.class,
            names = {"PUT", "CREATE", "UPDATE", "GET", "DELETE", "PURGE", "HISTORY"})
    void aMissingKeyFails(NatsKvOperation operation) {
        assertThat(send("?operation=" + operation, "v").getException())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(NatsKvConstants.KEY);
    }

    @ParameterizedTest
    @EnumSource(
            value = NatsKvOperation.class,
            names = {"PUT", "CREATE", "UPDATE", "GET", "DELETE", "PURGE", "HISTORY", "KEYS", "GET_ALL"})
    void aMalformedKeyFails(NatsKvOperation operation) {
        assertThat(send("?operation=" + operation + "&key=RAW(a..b)" + conditionOf(operation), "v")
                        .getException())
                .isInstanceOf(InvalidKeyException.class)
                .hasMessageContaining("a..b");
    }

    /** An expected revision, which PUT does not take. */
    private static String conditionOf(NatsKvOperation operation) {
        return operation == NatsKvOperation.PUT ? "" : "&revision=1";
    }

    /** Each key once, and none left out, while all of them are written. */
    @Test
    void keysAreListedOnceWhileTheyAreWritten() throws Exception {
        List<String> all =
                IntStream.range(0, 300).mapToObj(i -> String.format("k%03d", i)).toList();
        all.forEach(key -> bucket.put(key, "v"));
        AtomicBoolean writing = new AtomicBoolean(true);
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
            while (writing.get()) {
                all.forEach(key -> bucket.putAsync(key, new byte[] {1}));
                bucket.put("k000", "v");
            }
        });
        try {
            for (int i = 0; i < 20; i++) {
                assertThat(succeed(By.URI, NatsKvOperation.KEYS, null, null, null)
                                .getMessage()
                                .getBody())
                        .asInstanceOf(InstanceOfAssertFactories.LIST)
                        .containsExactlyInAnyOrderElementsOf(all);
            }
        } finally {
            writing.set(false);
        }
        writer.get(60, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @EnumSource(names = {"KEYS", "HISTORY"})
    void listingsEndWithinTheirTime(NatsKvOperation operation) throws Exception {
        bucket.put("k", "v");
        camel.context.start();
        AsyncProducer producer = hasty(uri("?key=k&requestTimeout=500&listTimeout=1000&operation=" + operation));
        Exchange exchange = producer.getEndpoint().createExchange();
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        nats.server().pause();
        try {
            producer.process(exchange, done::complete);
            // Without them it would take a minute.
            done.get(40, TimeUnit.SECONDS);
        } finally {
            nats.server().resume();
        }
        assertThat(exchange.getException()).isInstanceOf(UnavailableException.class);
        producer.stop();
    }

    /** Started, though its time may at first be too short to open the bucket. */
    private AsyncProducer hasty(String uri) {
        AtomicReference<AsyncProducer> started = new AtomicReference<>();
        Received.await(() -> {
            AsyncProducer producer = camel.context.getEndpoint(uri).createAsyncProducer();
            producer.start();
            started.set(producer);
        });
        return started.get();
    }

    /** A revision of another key or bucket is no condition for this one. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void updateTakesNoRevisionOfAnotherKeyOrBucket(boolean sameBucket) throws Exception {
        KvBucket other = sameBucket ? bucket : camel.newBucket();
        String read = sameBucket ? "other" : "k";
        other.put(read, "1");
        camel.context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:in")
                        .errorHandler(noErrorHandler())
                        .to("nats-kv:" + other.name() + "?operation=GET&key=" + read)
                        .to(uri("?operation=UPDATE&key=k"));
            }
        });
        Exchange done = camel.send("direct:in", exchange -> {});
        assertThat(done.getException())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no expected revision");
        assertThat(bucket.history("k")).isEmpty();
    }

    @Test
    void updateTakesNoRevisionThatSaysNotWhatItBelongsTo() {
        bucket.put("k", "v");
        Exchange done = camel.send(uri("?operation=UPDATE&key=k"), exchange -> {
            exchange.getMessage().setBody("w");
            exchange.getMessage().setHeader(NatsKvConstants.REVISION, 1L);
        });
        assertThat(done.getException())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no expected revision");
        assertThat(text("k")).isEqualTo("v");
    }

    @Test
    void updateWithoutARevisionFails() {
        assertThat(send("?operation=UPDATE&key=k", "v").getException())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(NatsKvConstants.AT_REVISION);
    }

    /** The caller's thread is free while the server takes its time, and the route goes on on a thread of Camel's. */
    @ParameterizedTest
    @EnumSource(NatsKvOperation.class)
    void theCallerIsNotHeld(NatsKvOperation operation) throws Exception {
        bucket.put("k", "v");
        camel.context.start();
        AsyncProducer producer = camel.context
                .getEndpoint(uri("?key=k&requestTimeout=20000&operation=" + operation + conditionOf(operation)))
                .createAsyncProducer();
        producer.start();
        Exchange exchange = producer.getEndpoint().createExchange();
        exchange.getMessage().setBody(operation == NatsKvOperation.PUT_ALL ? Map.of("k", "w") : "w");
        CompletableFuture<String> thread = new CompletableFuture<>();
        nats.server().pause();
        try {
            assertThat(producer.process(
                            exchange,
                            sync -> thread.complete(Thread.currentThread().getName())))
                    .isFalse();
            assertThat(thread).isNotDone();
        } finally {
            nats.server().resume();
        }
        assertThat(thread.get(60, TimeUnit.SECONDS)).contains("NatsKvProducer[" + bucket.name() + "]");
        producer.stop();
    }

    /** What follows a write may itself wait for the server. */
    @Test
    void theRouteMayBlockBehindAnOperation() throws Exception {
        camel.context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:in").to(uri("?key=k")).process(exchange -> bucket.get("k"));
            }
        });
        Exchange done =
                camel.send("direct:in", exchange -> exchange.getMessage().setBody("v"));
        assertThat(done.getException()).isNull();
    }

    @Test
    void aWorkerPoolOfTheUserIsUsedAndLeftRunning() throws Exception {
        var pool = Executors.newSingleThreadExecutor(task -> new Thread(task, "mine"));
        try {
            camel.context.getRegistry().bind("pool", pool);
            CompletableFuture<String> thread = new CompletableFuture<>();
            camel.context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:in")
                            .to(uri("?key=k&workerPool=#pool"))
                            .process(exchange ->
                                    thread.complete(Thread.currentThread().getName()));
                }
            });
            camel.context.start();
            camel.context
                    .createFluentProducerTemplate()
                    .to("direct:in")
                    .withBody("v")
                    .asyncSend()
                    .get(60, TimeUnit.SECONDS);
            assertThat(thread).isCompletedWithValue("mine");
            camel.context.stop();
            assertThat(pool.isShutdown()).isFalse();
        } finally {
            pool.shutdown();
        }
    }

    /** A pool that is full, by what it does then. The route goes on on a thread of the producer's, never on the client's. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFullWorkerPoolIsHelpedOut(boolean callerRuns) throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        var pool = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                callerRuns ? new ThreadPoolExecutor.CallerRunsPolicy() : new ThreadPoolExecutor.AbortPolicy());
        try {
            pool.execute(() -> {
                try {
                    release.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            camel.context.getRegistry().bind("pool", pool);
            List<String> threads = new CopyOnWriteArrayList<>();
            camel.context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:in")
                            .to(uri("?key=k&workerPool=#pool"))
                            .process(exchange ->
                                    threads.add(Thread.currentThread().getName()))
                            .to(uri("?operation=KEYS&workerPool=#pool"))
                            .process(exchange ->
                                    threads.add(Thread.currentThread().getName()));
                }
            });
            camel.context.start();
            Object keys = camel.context
                    .createFluentProducerTemplate()
                    .to("direct:in")
                    .withBody("v")
                    .asyncRequest()
                    .get(60, TimeUnit.SECONDS);
            assertThat(keys).isEqualTo(List.of("k"));
            assertThat(threads)
                    .hasSize(2)
                    .allSatisfy(name -> assertThat(name).contains("NatsKvProducer[" + bucket.name() + "]"));
        } finally {
            release.countDown();
            pool.shutdown();
        }
    }

    private void assertAbsent(Exchange done) {
        assertThat(done.getMessage().getBody()).isNull();
        assertThat(found(done)).isFalse();
        assertThat(done.getMessage().getHeader(NatsKvConstants.REVISION)).isNull();
    }

    private Exchange succeed(By by, NatsKvOperation operation, String key, Long revision, Object body) {
        Exchange done = perform(by, operation, key, revision, body);
        assertThat(done.getException()).isNull();
        return done;
    }

    private void fail(By by, NatsKvOperation operation, String key, Long revision, Object body) throws Exception {
        Exchange done = perform(by, operation, key, revision, body);
        assertThat(done.getException()).isNotNull();
        throw done.getException();
    }

    private Exchange perform(By by, NatsKvOperation operation, String key, Long revision, Object body) {
        String options = "?allowNullBody=true&operation=" + operation
                + (key == null ? "" : "&key=" + key)
                + (revision == null ? "" : "&revision=" + revision);
        return switch (by) {
            case URI -> send(options, body);
            case HEADER ->
                camel.send(uri("?allowNullBody=true"), exchange -> {
                    exchange.getMessage().setBody(body);
                    exchange.getMessage().setHeader(NatsKvConstants.OPERATION, operation);
                    if (key != null) {
                        exchange.getMessage().setHeader(NatsKvConstants.KEY, key);
                    }
                    if (revision != null) {
                        exchange.getMessage().setHeader(NatsKvConstants.AT_REVISION, revision);
                    }
                });
        };
    }

    private Exchange send(String options, Object body) {
        return camel.send(uri(options), exchange -> exchange.getMessage().setBody(body));
    }

    private String uri(String options) {
        return "nats-kv:" + bucket.name() + options;
    }

    private String text(String key) {
        return new String(bucket.get(key).value(), StandardCharsets.UTF_8);
    }

    private static String body(Exchange done) {
        return new String((byte[]) done.getMessage().getBody(), StandardCharsets.UTF_8);
    }

    private static long revision(Exchange done) {
        return done.getMessage().getHeader(NatsKvConstants.REVISION, long.class);
    }

    private static boolean found(Exchange done) {
        return done.getMessage().getHeader(NatsKvConstants.FOUND, boolean.class);
    }

    /** Each exchange has a producer of its own, which is stopped by the thread on which the exchange went on. */
    @Test
    void aProducerThatIsUsedOnceCanBeStoppedByItsOwnExchange() throws Exception {
        AtomicBoolean interrupted = new AtomicBoolean();
        camel.context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:in")
                        .toD("nats-kv:${header.b}?key=k", -1)
                        .process(exchange -> interrupted.set(Thread.interrupted()))
                        .toD("nats-kv:${header.b}?key=l", -1);
            }
        });
        Exchange exchange = camel.send("direct:in", given -> {
            given.getMessage().setHeader("b", bucket.name());
            given.getMessage().setBody("v");
        });
        assertThat(exchange.getException()).isNull();
        assertThat(interrupted).isFalse();
        assertThat(bucket.keys()).containsExactlyInAnyOrder("k", "l");
        assertThat(camel.component.connections().size()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"operation=PUT&ttl=5000", "operation=UPDATE&ttl=5000&revision=0", "operation=PUT&revision=3"})
    void whatAnOperationWouldNotHeedIsRefused(String options) {
        Exchange exchange = camel.send(
                "nats-kv:" + bucket.name() + "?key=k&" + options,
                given -> given.getMessage().setBody("v"));
        assertThat(exchange.getException())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(options.contains("ttl") ? "ttl" : "revision");
        assertThat(bucket.keys()).isEmpty();
    }

    /** What was decoded for the headers must not be encoded another way. */
    @ParameterizedTest
    @ValueSource(strings = {"RAW(p%20q&r+s)", "p%2520q", "RAW{a=b)}"})
    void aSecretStaysAsItIsThroughADynamicEndpoint(String secret) throws Exception {
        String fixed = "nats-kv:" + bucket.name() + "?username=u&password=" + secret;
        camel.context.start();
        String wanted = camel.context
                .getEndpoint(fixed, NatsKvEndpoint.class)
                .getConfiguration()
                .getPassword();
        try (NatsKvSendDynamicAware aware = new NatsKvSendDynamicAware()) {
            aware.setScheme("nats-kv");
            aware.setCamelContext(camel.context);
            Exchange exchange = new DefaultExchange(camel.context);
            String uri = fixed + "&key=k";
            var entry = aware.prepare(exchange, uri, uri);
            String resolved = aware.resolveStaticUri(exchange, entry);
            assertThat(resolved).doesNotContain("key=k");
            assertThat(camel.context
                            .getEndpoint(resolved, NatsKvEndpoint.class)
                            .getConfiguration()
                            .getPassword())
                    .isEqualTo(wanted);
        }
    }
}
