package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.core.KvEntry;
import io.natskv.core.KvOperation;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.testing.junit.NatsServerExtension;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.spi.ExceptionHandler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What consumers deliver, and how they start, suspend and stop; on a server of each version. */
abstract class ConsumerContract {
    private final NatsServerExtension nats;

    private final Received received = new Received();
    private final Problems problems = new Problems();
    private Fixture camel;
    private KvBucket bucket;

    /** An exception handler that notes what it is given. */
    private static final class Problems implements ExceptionHandler {
        final List<String> messages = new CopyOnWriteArrayList<>();
        final List<Throwable> causes = new CopyOnWriteArrayList<>();

        @Override
        public void handleException(Throwable exception) {
            handleException(null, exception);
        }

        @Override
        public void handleException(String message, Throwable exception) {
            handleException(message, null, exception);
        }

        @Override
        public void handleException(String message, Exchange exchange, Throwable exception) {
            causes.add(exception);
            messages.add(message);
        }
    }

    ConsumerContract(NatsServerExtension nats) {
        this.nats = nats;
    }

    @BeforeEach
    void start() {
        camel = new Fixture(nats.url());
        camel.context.getRegistry().bind("problems", problems);
        bucket = camel.newBucket(5);
    }

    @AfterEach
    void stop() {
        camel.close();
    }

    @Test
    void deliversTheSnapshotThenWhatChanges() throws Exception {
        bucket.put("a", "1");
        bucket.put("b", "1");
        bucket.put("a", "2");
        bucket.delete("b");
        route("");
        received.await("3 PUT a=2 initial", "4 DELETE b initial");
        bucket.put("b", "2");
        bucket.put("b", new byte[0]);
        bucket.purge("a");
        received.await("3 PUT a=2 initial", "4 DELETE b initial", "5 PUT b=2", "6 PUT b=", "7 PURGE a");
    }

    @Test
    void anEmptyBucketStarts() throws Exception {
        route("");
        bucket.put("a", "1");
        received.await("1 PUT a=1");
    }

    @Test
    void setsHeaders() throws Exception {
        bucket.put("a", "grün");
        CompletableFuture<Message> message = new CompletableFuture<>();
        camel.route("r", uri(""), exchange -> message.complete(exchange.copy().getMessage()));
        Message first = message.get(60, TimeUnit.SECONDS);
        KvEntry entry = bucket.get("a");
        assertThat(first.getBody()).isEqualTo("grün".getBytes(StandardCharsets.UTF_8));
        assertThat(first.getHeaders())
                .containsEntry(NatsKvConstants.BUCKET, bucket.name())
                .containsEntry(NatsKvConstants.KEY, "a")
                .containsEntry(NatsKvConstants.ENTRY_OPERATION, KvOperation.PUT)
                .containsEntry(NatsKvConstants.REVISION, 1L)
                .containsEntry(NatsKvConstants.CREATED, entry.created())
                .containsEntry(NatsKvConstants.DELTA, 0L)
                .containsEntry(NatsKvConstants.INITIAL, true)
                .containsEntry(NatsKvConstants.DATA_LENGTH, 5L)
                .containsEntry(
                        NatsKvConstants.MESSAGE_TIMESTAMP, entry.created().toEpochMilli())
                .doesNotContainKey(NatsKvConstants.OPERATION);
    }

    @Test
    void filtersKeys() throws Exception {
        List.of("eu.de", "us.ny", "x").forEach(key -> bucket.put(key, "1"));
        route("?key=eu.*");
        bucket.put("us.ny", "2");
        bucket.put("eu.fr", "2");
        received.await("1 PUT eu.de=1 initial", "5 PUT eu.fr=2");
    }

    @Test
    void updatesOnly() throws Exception {
        bucket.put("a", "1");
        route("?updatesOnly=true");
        bucket.put("a", "2");
        received.await("2 PUT a=2");
    }

    @Test
    void includeHistory() throws Exception {
        bucket.put("a", "1");
        bucket.put("a", "2");
        bucket.delete("a");
        route("?includeHistory=true");
        bucket.put("a", "3");
        received.await("1 PUT a=1 initial", "2 PUT a=2 initial", "3 DELETE a initial", "4 PUT a=3");
    }

    @Test
    void fromRevision() throws Exception {
        bucket.put("a", "1");
        bucket.put("a", "2");
        bucket.put("b", "1");
        route("?fromRevision=2");
        bucket.put("a", "3");
        received.await("2 PUT a=2 initial", "3 PUT b=1 initial", "4 PUT a=3");
    }

    @Test
    void ignoreDeletes() throws Exception {
        bucket.put("a", "1");
        bucket.delete("a");
        route("?ignoreDeletes=true");
        bucket.put("b", "1");
        bucket.purge("b");
        bucket.put("c", "1");
        received.await("3 PUT b=1", "5 PUT c=1");
    }

    @Test
    void metaOnly() throws Exception {
        bucket.put("a", "four");
        List<Long> lengths = new CopyOnWriteArrayList<>();
        camel.route("r", uri("?metaOnly=true"), exchange -> {
            lengths.add(exchange.getMessage().getHeader(NatsKvConstants.DATA_LENGTH, Long.class));
            received.process(exchange);
        });
        received.await("1 PUT a initial");
        assertThat(lengths).containsExactly(4L);
    }

    @Test
    void severalConsumersOfOneEndpointReceiveEverything() throws Exception {
        Received other = new Received();
        bucket.put("a", "1");
        route("");
        camel.route("r2", uri(""), other);
        bucket.put("b", "1");
        received.await("1 PUT a=1 initial", "2 PUT b=1");
        other.await("1 PUT a=1 initial", "2 PUT b=1");
    }

    @Test
    void mirrorsABucketWithTheOperationOfEachEntry() throws Exception {
        KvBucket copy = camel.newBucket(5);
        camel.context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from(uri(""))
                        .setHeader(NatsKvConstants.OPERATION, header(NatsKvConstants.ENTRY_OPERATION))
                        .to("nats-kv:" + copy.name());
            }
        });
        camel.context.start();
        bucket.put("a", "1");
        bucket.put("b", "1");
        bucket.delete("a");
        bucket.purge("b");
        Received.await(() -> {
            assertThat(copy.history("a"))
                    .extracting(KvEntry::operation)
                    .containsExactly(KvOperation.PUT, KvOperation.DELETE);
            assertThat(copy.history("b")).extracting(KvEntry::operation).containsExactly(KvOperation.PURGE);
        });
    }

    @Test
    void aFailedExchangeIsReportedAndTheNextFollows() throws Exception {
        camel.route("r", uri("?exceptionHandler=#problems"), exchange -> {
            received.process(exchange);
            if ("b".equals(exchange.getMessage().getHeader(NatsKvConstants.KEY))) {
                throw new IllegalStateException("b is refused");
            }
        });
        List.of("a", "b", "c").forEach(key -> bucket.put(key, "secret"));
        received.await("1 PUT a=secret", "2 PUT b=secret", "3 PUT c=secret");
        assertThat(problems.causes)
                .singleElement()
                .isInstanceOf(IllegalStateException.class)
                .extracting(Throwable::getMessage)
                .isEqualTo("b is refused");
        assertThat(problems.messages)
                .singleElement()
                .asString()
                .contains("\"b\"")
                .contains(bucket.name())
                .contains("revision 2")
                .doesNotContain("secret");
    }

    /** Neither an error nor a handler that fails on it too ends the flow. */
    @Test
    void anErrorOfTheExceptionHandlerDoesNotEndTheFlow() throws Exception {
        AtomicInteger handled = new AtomicInteger();
        camel.context.getRegistry().bind("failing", new FailingHandler(handled));
        camel.route("r", uri("?retryDelay=10&exceptionHandler=#failing"), exchange -> {
            received.process(exchange);
            if ("b".equals(exchange.getMessage().getHeader(NatsKvConstants.KEY))) {
                throw new IllegalStateException("b is refused");
            }
        });
        List.of("a", "b", "c").forEach(key -> bucket.put(key, "1"));
        received.await("1 PUT a=1", "2 PUT b=1", "3 PUT c=1");
        assertThat(handled.get()).isEqualTo(1);
    }

    private record FailingHandler(AtomicInteger handled) implements ExceptionHandler {
        @Override
        public void handleException(Throwable exception) {
            handleException(null, null, exception);
        }

        @Override
        public void handleException(String message, Throwable exception) {
            handleException(message, null, exception);
        }

        @Override
        public void handleException(String message, Exchange exchange, Throwable exception) {
            handled.incrementAndGet();
            throw new LinkageError("the handler fails too");
        }
    }

    /** The change that waits for the resumption is delivered, and those behind it. */
    @Test
    void anInterruptionDoesNotEndTheFlow() throws Exception {
        AtomicReference<Thread> thread = new AtomicReference<>();
        AtomicBoolean marked = new AtomicBoolean();
        camel.route("r", uri(""), exchange -> {
            thread.set(Thread.currentThread());
            marked.compareAndSet(false, Thread.currentThread().isInterrupted());
            received.process(exchange);
        });
        bucket.put("a", "1");
        received.await("1 PUT a=1");
        camel.context.getRouteController().suspendRoute("r");
        bucket.put("a", "2");
        // Not timed: it has the change in hand.
        Received.await(() -> assertThat(thread.get().getState()).isEqualTo(Thread.State.WAITING));
        thread.get().interrupt();
        camel.context.getRouteController().resumeRoute("r");
        bucket.put("a", "3");
        received.await("1 PUT a=1", "2 PUT a=2", "3 PUT a=3");
        thread.get().interrupt();
        bucket.put("a", "4");
        received.await("1 PUT a=1", "2 PUT a=2", "3 PUT a=3", "4 PUT a=4");
        assertThat(marked).isFalse();
    }

    @Test
    void theRoutesErrorHandlerComesFirst() throws Exception {
        List<Integer> attempts = new CopyOnWriteArrayList<>();
        camel.context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                onException(IllegalStateException.class).maximumRedeliveries(2).redeliveryDelay(0);
                from(uri("?exceptionHandler=#problems")).process(exchange -> {
                    attempts.add(exchange.getMessage().getHeader(Exchange.REDELIVERY_COUNTER, 0, Integer.class));
                    if (attempts.size() < 3) {
                        throw new IllegalStateException("not yet");
                    }
                    received.process(exchange);
                });
            }
        });
        camel.context.start();
        bucket.put("a", "1");
        received.await("1 PUT a=1");
        assertThat(attempts).containsExactly(0, 1, 2);
        assertThat(problems.causes).isEmpty();
    }

    /** A slow exchange holds the next one back, also behind an asynchronous step of the route. */
    @Test
    void oneAfterTheOther() throws Exception {
        // Keeps all: what is overwritten before the consumer reads it does not come.
        bucket = camel.newBucket(64);
        KvBucket copy = camel.newBucket(1);
        camel.context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from(uri("")).to("nats-kv:" + copy.name()).process(received);
            }
        });
        camel.context.start();
        for (int i = 1; i <= 200; i++) {
            bucket.put("k" + i % 7, "v" + i);
        }
        Received.await(() -> assertThat(received.lines()).hasSize(200));
        assertThat(received.revisions()).isSorted().doesNotHaveDuplicates();
        assertThat(copy.status().lastRevision()).isEqualTo(200);
    }

    @Test
    void suspendHoldsTheFlowAndResumeGoesOnWhereItWas() throws Exception {
        Received witness = new Received();
        route("");
        camel.route("witness", uri(""), witness);
        bucket.put("a", "1");
        received.await("1 PUT a=1");

        camel.context.getRouteController().suspendRoute("r");
        bucket.put("a", "2");
        bucket.put("a", "3");
        witness.await("1 PUT a=1", "2 PUT a=2", "3 PUT a=3");
        assertThat(received.lines()).containsExactly("1 PUT a=1");

        camel.context.getRouteController().resumeRoute("r");
        bucket.put("a", "4");
        received.await("1 PUT a=1", "2 PUT a=2", "3 PUT a=3", "4 PUT a=4");
    }

    @Test
    void stopWaitsForTheExchangeUnderWayAndTakesNoOther() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        camel.route("r", uri(""), exchange -> {
            entered.countDown();
            assertThat(release.await(60, TimeUnit.SECONDS)).isTrue();
            received.process(exchange);
        });
        bucket.put("a", "1");
        bucket.put("a", "2");
        assertThat(entered.await(60, TimeUnit.SECONDS)).isTrue();
        NatsKvConsumer consumer = (NatsKvConsumer) camel.context.getRoute("r").getConsumer();
        var stopped = camel.unforced(() -> camel.context.getRouteController().stopRoute("r"));
        Received.await(() -> assertThat(consumer.isSuspendingOrSuspended()).isTrue());
        assertThat(consumer.getPendingExchangesSize()).isEqualTo(1);
        assertThat(stopped).isNotDone();
        release.countDown();
        stopped.get(60, TimeUnit.SECONDS);
        assertThat(received.lines()).containsExactly("1 PUT a=1");
        assertThat(camel.component.connections().size()).isZero();
    }

    @Test
    void aStoppedRouteStartsAnew() throws Exception {
        route("");
        bucket.put("a", "1");
        received.await("1 PUT a=1");
        camel.context.getRouteController().stopRoute("r");
        bucket.put("a", "2");
        camel.context.getRouteController().startRoute("r");
        received.await("1 PUT a=1", "2 PUT a=2 initial");
    }

    @Test
    void aBucketThatGoesIsReportedOnceAndItsSuccessorIsDelivered() throws Exception {
        route("?exceptionHandler=#problems");
        bucket.put("a", "1");
        received.await("1 PUT a=1");
        camel.buckets.delete(bucket.name());
        Received.await(() -> assertThat(problems.causes)
                .singleElement()
                .isInstanceOf(BucketNotFoundException.class)
                .extracting(Throwable::getMessage)
                .asString()
                .contains(bucket.name()));
        camel.buckets.create(BucketConfig.of(bucket.name()));
        bucket.put("z", "9");
        Received.await(() -> assertThat(received.lines()).hasSize(2));
        assertThat(received.lines().get(1)).startsWith("1 PUT z=9");
        assertThat(problems.causes).hasSize(1);
    }

    @Test
    void startingPointsExcludeEachOther() {
        assertThatThrownBy(() -> route("?updatesOnly=true&includeHistory=true"))
                .hasStackTraceContaining("includeHistory, updatesOnly and fromRevision: set one of them at most");
    }

    @Test
    void aMalformedFilterFailsTheRoute() {
        assertThatThrownBy(() -> route("?key=a.*b")).hasStackTraceContaining("\"*\" must stand alone in its token");
    }

    @Test
    void leavesNothingBehindOnTheServer() throws Exception {
        route("");
        Received.await(() -> assertThat(consumers()).isEqualTo(1));
        camel.context.getRouteController().stopRoute("r");
        Received.await(() -> assertThat(consumers()).isZero());
    }

    @Test
    void watchesAreNamedAsTheOptionSays() throws Exception {
        route("?consumerNamePrefix=mine");
        Received.await(() -> assertThat(consumers()).isEqualTo(1));
        assertThat(NatsFacts.consumers(camel, bucket))
                .singleElement()
                .asString()
                .startsWith("mine-");
        Received other = new Received();
        camel.route("r2", uri(""), other);
        assertThat(NatsFacts.consumers(camel, bucket)).anyMatch(name -> name.startsWith("camel-nats-kv-"));
    }

    private long consumers() {
        return bucket.status().stream().getStreamState().getConsumerCount();
    }

    private void route(String options) throws Exception {
        camel.route("r", uri(options), received);
    }

    private String uri(String options) {
        return "nats-kv:" + bucket.name() + options;
    }
}
