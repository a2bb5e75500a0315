package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.KvEntry;
import io.natskv.core.bucket.KvBucket;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.engine.PooledExchangeFactory;
import org.apache.camel.impl.engine.PrototypeExchangeFactory;
import org.apache.camel.spi.ExchangeFactory;
import org.apache.camel.support.processor.state.MemoryStateRepository;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong around an exchange rather than in its route loses no change, and holds nothing up. */
class MishapTest {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

    private final MemoryStateRepository positions = new MemoryStateRepository();
    private final List<Long> revisions = new CopyOnWriteArrayList<>();
    private Fixture camel;
    private KvBucket bucket;

    @BeforeEach
    void start() {
        camel = new Fixture(NATS.url());
        camel.context.getRegistry().bind("positions", positions);
        bucket = camel.newBucket(64);
    }

    @AfterEach
    void stop() {
        camel.close();
    }

    private String uri(String options) {
        return "nats-kv:" + bucket.name() + "?" + options;
    }

    private void note(Exchange exchange) {
        if (exchange.getMessage().getBody() instanceof List<?> batch) {
            batch.forEach(entry -> revisions.add(((KvEntry) entry).revision()));
        } else {
            revisions.add(exchange.getMessage().getHeader(NatsKvConstants.REVISION, Long.class));
        }
    }

    private String stored() {
        return positions.getState(bucket.name() + "/>");
    }

    /** Fails to make an exchange, once. */
    private static final class Faulty extends PrototypeExchangeFactory {
        private final AtomicInteger made;

        Faulty(Consumer consumer, AtomicInteger made) {
            super(consumer);
            this.made = made;
        }

        @Override
        public ExchangeFactory newExchangeFactory(Consumer consumer) {
            Faulty factory = new Faulty(consumer, made);
            factory.setCamelContext(getCamelContext());
            return factory;
        }

        @Override
        public Exchange create(Endpoint endpoint, boolean autoRelease) {
            if (made.incrementAndGet() == 2) {
                throw new OutOfMemoryError("no exchange");
            }
            return super.create(endpoint, autoRelease);
        }
    }

    /** A change without an exchange is one that failed: told, and passed by; or kept, where nothing may be passed by. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "offsetRepository=#positions&offsetInterval=0",
                "offsetRepository=#positions&offsetInterval=0&concurrentConsumers=2",
                "offsetRepository=#positions&offsetInterval=0&breakOnFirstError=true&retryDelay=5",
                "durableName=d&nackWait=5",
                "durableName=d&nackWait=5&concurrentConsumers=2"
            })
    void anExchangeThatCanNotBeMadeHoldsNothingUp(String options) throws Exception {
        camel.context.getCamelContextExtension().setExchangeFactory(new Faulty(null, new AtomicInteger()));
        camel.route("r", uri(options), this::note);
        for (int i = 0; i < 3; i++) {
            bucket.put("k" + i, "v");
        }
        boolean again = options.contains("break") || options.contains("durable");
        Received.await(() -> assertThat(revisions).hasSize(again ? 3 : 2).doesNotHaveDuplicates());
        if (options.contains("positions")) {
            Received.await(() -> assertThat(stored()).contains("|3|"));
        } else {
            Received.await(
                    () -> assertThat(NatsFacts.ackPending(camel, bucket, "d")).isZero());
        }
        NatsKvConsumer consumer = (NatsKvConsumer) camel.context.getRoute("r").getConsumer();
        assertThat(consumer.getFailureCount()).isEqualTo(1);
    }

    /** Who stops by force interrupts an exchange; it has not failed by itself, and comes again at the next start. */
    @ParameterizedTest
    @ValueSource(strings = {"", "&concurrentConsumers=2", "&batching=true"})
    void anExchangeThatAStopInterruptsComesAgain(String options) throws Exception {
        camel.context.getShutdownStrategy().setTimeout(1);
        camel.context.getExecutorServiceManager().setShutdownAwaitTermination(200);
        AtomicBoolean first = new AtomicBoolean(true);
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch left = new CountDownLatch(1);
        camel.route("r", uri("offsetRepository=#positions" + options), exchange -> {
            if (first.getAndSet(false)) {
                entered.countDown();
                try {
                    new CountDownLatch(1).await();
                } finally {
                    left.countDown();
                }
            }
            note(exchange);
        });
        bucket.put("a", "1");
        assertThat(entered.await(60, TimeUnit.SECONDS)).isTrue();
        camel.context.getRouteController().stopRoute("r");
        assertThat(left.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(revisions).isEmpty();
        camel.context.getRouteController().startRoute("r");
        Received.await(() -> assertThat(revisions).containsExactly(1L));
    }

    /** Who stops does not wait for all the redeliveries of a route: a change that still had some left comes again. */
    @ParameterizedTest
    @CsvSource({
        "offsetRepository=#positions,true",
        "offsetRepository=#positions,false",
        "durableName=d&ackWait=5000,false"
    })
    void anExchangeWhoseRedeliveriesAStopCutsShortComesAgain(String options, boolean whileStopping) throws Exception {
        camel.context.getShutdownStrategy().setTimeout(1);
        camel.context.getExecutorServiceManager().setShutdownAwaitTermination(200);
        AtomicBoolean first = new AtomicBoolean(true);
        camel.context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                errorHandler(defaultErrorHandler()
                        .maximumRedeliveries(5)
                        .redeliveryDelay(60_000)
                        .maximumRedeliveryDelay(60_000)
                        .allowRedeliveryWhileStopping(whileStopping));
                from(uri(options)).routeId("r").process(exchange -> {
                    if (first.getAndSet(false)) {
                        throw new IllegalStateException("not yet");
                    }
                    note(exchange);
                });
            }
        });
        camel.context.start();
        bucket.put("a", "1");
        Received.await(() -> assertThat(first).isFalse());
        camel.context.getRouteController().stopRoute("r");
        assertThat(revisions).isEmpty();
        camel.context.getRouteController().startRoute("r");
        Received.await(() -> assertThat(revisions).containsExactly(1L));
    }

    /** Exchanges of a pool go back to it, and carry nothing over. */
    @ParameterizedTest
    @ValueSource(strings = {"", "concurrentConsumers=2", "batching=true&batchSize=2", "durableName=d"})
    void pooledExchangesGoBack(String options) throws Exception {
        camel.context.getCamelContextExtension().setExchangeFactory(new PooledExchangeFactory());
        Set<Exchange> exchanges = Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));
        AtomicInteger marked = new AtomicInteger();
        camel.route("r", uri(options), exchange -> {
            if (exchange.getMessage().getHeader("mark") != null || exchange.getProperty("mark") != null) {
                marked.incrementAndGet();
            }
            exchange.getMessage().setHeader("mark", true);
            exchange.setProperty("mark", true);
            exchanges.add(exchange);
            note(exchange);
            if (revisions.size() % 5 == 4) {
                throw new IllegalStateException("now and then");
            }
        });
        for (int i = 0; i < 50; i++) {
            bucket.put("k" + i, "v");
        }
        Received.await(() -> assertThat(revisions).hasSizeGreaterThanOrEqualTo(50));
        assertThat(marked).hasValue(0);
        // As many as there are threads, not as many as there were changes.
        assertThat(exchanges).hasSizeLessThan(5);
    }

    /** Who marks an exchange for rollback says that it has failed, though its error was handled. */
    @ParameterizedTest
    @ValueSource(strings = {"breakOnFirstError=true&retryDelay=5", "durableName=d&nackWait=5"})
    void whatIsMarkedForRollbackComesAgain(String options) throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        camel.context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                onException(IllegalStateException.class).handled(true).markRollbackOnly();
                from(uri(options)).process(exchange -> {
                    if (attempts.incrementAndGet() < 3) {
                        throw new IllegalStateException("not yet");
                    }
                    note(exchange);
                });
            }
        });
        camel.context.start();
        bucket.put("a", "1");
        Received.await(() -> assertThat(revisions).containsExactly(1L));
        assertThat(attempts).hasValue(3);
    }

    /** With an interval that is not over for long: the end of the data does not wait for it. */
    @ParameterizedTest
    @ValueSource(strings = {"", "&concurrentConsumers=2"})
    void theEndOfTheDataEndsABatch(String options) throws Exception {
        bucket.put("a", "1");
        List<String> seen = new CopyOnWriteArrayList<>();
        camel.route("r", uri("batching=true&batchInterval=600000&sendEndOfData=true" + options), exchange -> {
            boolean end = exchange.getMessage().getHeader(NatsKvConstants.END_OF_DATA, false, boolean.class);
            seen.add(
                    end
                            ? "end"
                            : "batch of "
                                    + exchange.getMessage().getBody(List.class).size());
        });
        Received.await(() -> assertThat(seen).containsExactly("batch of 1", "end"));
    }
}
