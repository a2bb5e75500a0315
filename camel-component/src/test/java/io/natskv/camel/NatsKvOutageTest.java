package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.KvEntry;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.KvException;
import io.natskv.core.error.UnavailableException;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.watch.WatchStart;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.camel.EndpointAware;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens to routes when the server is killed. */
class NatsKvOutageTest {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

    private static final int KILLS = 3;

    private final Received received = new Received();
    private Fixture camel;
    private KvBucket bucket;
    private KvConnection hasty;
    /** The same bucket, for traffic through outages: a request that a kill has swallowed is soon made again. */
    private KvBucket traffic;

    @BeforeEach
    void start() {
        camel = new Fixture(NATS.url());
        bucket = camel.newBucket(64);
        hasty = Fixture.connect(NATS.url(), Duration.ofSeconds(1));
        Received.await(() -> traffic = new KvBuckets(hasty).open(bucket.name()));
    }

    @AfterEach
    void stop() {
        hasty.close();
        camel.close();
    }

    /** Returns when the test's own connection is back too: what it sends from now on is answered. */
    private void restart() throws Exception {
        long before = camel.connection.reconnects();
        NATS.server().restart();
        Received.await(() -> assertThat(camel.connection.reconnects()).isGreaterThan(before));
    }

    /** No key is written often enough to lose a revision, so that what is received can be compared with all that is stored. */
    @ParameterizedTest
    @ValueSource(strings = {"", "?concurrentConsumers=4", "?batching=true&batchSize=50"})
    void nothingIsLostOrRepeatedOverKills(String options) throws Exception {
        bucket.put("before", "0");
        List<Long> revisions = new CopyOnWriteArrayList<>();
        camel.route("r", "nats-kv:" + bucket.name() + options, exchange -> {
            if (exchange.getMessage().getBody() instanceof List<?> batch) {
                batch.forEach(entry -> revisions.add(((KvEntry) entry).revision()));
            } else {
                revisions.add(exchange.getMessage().getHeader(NatsKvConstants.REVISION, Long.class));
            }
        });
        AtomicBoolean writing = new AtomicBoolean(true);
        AtomicInteger written = new AtomicInteger();
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
            while (writing.get()) {
                write("k" + written.get());
                written.incrementAndGet();
            }
        });
        for (int kill = 1; kill <= KILLS; kill++) {
            int target = written.get() + 500;
            Received.await(() -> assertThat(written.get()).isGreaterThan(target));
            NATS.server().kill();
            restart();
        }
        int target = written.get() + 500;
        Received.await(() -> assertThat(written.get()).isGreaterThan(target));
        writing.set(false);
        writer.get(60, TimeUnit.SECONDS);

        List<Long> stored = storedRevisions();
        assertThat(stored).hasSizeGreaterThan(KILLS * 500);
        Received.await(() -> assertThat(revisions).hasSameSizeAs(stored));
        List<Long> inOrder = new ArrayList<>(revisions);
        if (options.contains("concurrent")) {
            inOrder.sort(null); // each key is written once: there is no order to keep
        }
        assertThat(inOrder).isEqualTo(stored);
    }

    /** A durable consumer may repeat what it had not acknowledged, and loses nothing. */
    @Test
    void aDurableConsumerLosesNothingOverKills() throws Exception {
        Set<Long> revisions = ConcurrentHashMap.newKeySet();
        camel.route(
                "r",
                "nats-kv:" + bucket.name() + "?durableName=d&ackWait=1s&concurrentConsumers=2",
                exchange -> revisions.add(exchange.getMessage().getHeader(NatsKvConstants.REVISION, Long.class)));
        for (int kill = 1; kill <= 2; kill++) {
            for (int i = 0; i < 100; i++) {
                write("k" + kill + "-" + i);
            }
            NATS.server().kill();
            restart();
        }
        write("last");
        List<Long> stored = new ArrayList<>();
        Received.await(() -> {
            stored.clear();
            stored.addAll(storedRevisions());
        });
        Received.await(() -> assertThat(revisions).containsAll(stored));
    }

    /** What a supervising route controller is for. */
    @Test
    void aRouteStartsWhenItsServerComes() throws Exception {
        NATS.server().kill();
        var controller = camel.context.getRouteController().supervising();
        controller.setBackOffDelay(50);
        camel.route("r", "nats-kv:" + bucket.name(), received);
        assertThat(camel.context.getRouteController().getRouteStatus("r").isStarted())
                .isFalse();
        restart();
        Received.await(() -> assertThat(
                        camel.context.getRouteController().getRouteStatus("r").isStarted())
                .isTrue());
        bucket.put("a", "v");
        Received.await(
                () -> assertThat(received.lines()).singleElement().asString().startsWith("1 PUT a=v"));
    }

    /** A connection that was given up does not come back; the consumer gets another and goes on behind its position. */
    @Test
    void aConnectionThatWasGivenUpIsReplaced() throws Exception {
        camel.route(
                "r",
                "nats-kv:" + bucket.name() + "?maxReconnectAttempts=1&reconnectTimeWait=10&retryDelay=50",
                received);
        bucket.put("a", "1");
        received.await("1 PUT a=1");
        NatsKvEndpoint endpoint = (NatsKvEndpoint) camel.context.getRoute("r").getEndpoint();
        try (var lease = camel.component.connections().acquire(endpoint.getConfiguration(), camel.context)) {
            NATS.server().kill();
            Received.await(() -> assertThat(lease.connection().isClosed()).isTrue());
        }
        restart();
        // Each stored once.
        bucket.put("b", "v");
        bucket.put("a", "v");
        Received.await(() -> assertThat(received.revisions()).isEqualTo(List.of(1L, 2L, 3L)));
    }

    @Test
    void aProducerReplacesAConnectionThatWasGivenUp() throws Exception {
        camel.context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:in")
                        .errorHandler(noErrorHandler())
                        .to("nats-kv:" + bucket.name() + "?key=k&maxReconnectAttempts=1&reconnectTimeWait=10")
                        .id("write");
            }
        });
        assertThat(send("1").getException()).isNull();
        NatsKvEndpoint endpoint = (NatsKvEndpoint) ((EndpointAware) camel.context.getProcessor("write")).getEndpoint();
        try (var lease = camel.component.connections().acquire(endpoint.getConfiguration(), camel.context)) {
            NATS.server().kill();
            Received.await(() -> assertThat(lease.connection().isClosed()).isTrue());
        }
        assertThat(send("2").getException()).isInstanceOf(UnavailableException.class);
        restart();
        assertThat(send("3").getException()).isNull();
        assertThat(camel.component.connections().size()).isEqualTo(1);
    }

    /** However many exchanges wait for another connection, one thread opens it. */
    @Test
    void manyExchangesWaitForOneAttemptToConnect() throws Exception {
        camel.context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:in")
                        .errorHandler(noErrorHandler())
                        .to("nats-kv:" + bucket.name()
                                + "?key=k&maxReconnectAttempts=1&reconnectTimeWait=10&connectionTimeout=10000")
                        .id("write");
            }
        });
        assertThat(send("1").getException()).isNull();
        NatsKvEndpoint endpoint = (NatsKvEndpoint) ((EndpointAware) camel.context.getProcessor("write")).getEndpoint();
        int port = URI.create(NATS.url()).getPort();
        try (var lease = camel.component.connections().acquire(endpoint.getConfiguration(), camel.context)) {
            NATS.server().kill();
            Received.await(() -> assertThat(lease.connection().isClosed()).isTrue());
        }
        // Takes the attempts, and never answers.
        try (ServerSocket silent = new ServerSocket(port, 50, InetAddress.getByName("127.0.0.1"));
                var template = camel.context.createProducerTemplate()) {
            List<CompletableFuture<Exchange>> sent = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                sent.add(template.asyncSend(
                        "direct:in", exchange -> exchange.getMessage().setBody("v")));
            }
            // Meanwhile they must not have taken a thread each.
            Socket attempt = silent.accept();
            try {
                assertThat(Thread.getAllStackTraces().keySet().stream()
                                .filter(thread -> thread.getName().contains("NatsKvProducer[" + bucket.name()))
                                .count())
                        .isLessThanOrEqualTo(2);
            } finally {
                attempt.close();
            }
            for (CompletableFuture<Exchange> exchange : sent) {
                assertThat(exchange.get(60, TimeUnit.SECONDS).getException()).isNotNull();
            }
        } finally {
            restart();
        }
    }

    /** A watch that has ended for good is opened anew, by another connection. */
    @Test
    void reloadsGoOnAfterAConnectionWasGivenUp() throws Exception {
        camel.component.setReloadOnKeyChange(true);
        camel.component.getConfiguration().setMaxReconnectAttempts(1);
        camel.component.getConfiguration().setReconnectTimeWait(10);
        bucket.put("greeting", "hello");
        camel.context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:in").setBody(constant("{{nats-kv:" + bucket.name() + "/greeting}}"));
            }
        });
        assertThat(send("").getMessage().getBody()).isEqualTo("hello");
        try (var lease = camel.component
                .connections()
                .acquire(camel.component.getConfiguration().copy(), camel.context)) {
            NATS.server().kill();
            Received.await(() -> assertThat(lease.connection().isClosed()).isTrue());
        }
        restart();
        Received.await(() -> bucket.put("greeting", "good morning"));
        Received.await(() -> assertThat(send("").getMessage().getBody()).isEqualTo("good morning"));
    }

    @Test
    void aWriteDuringAnOutageFailsAndTheNextSucceeds() throws Exception {
        camel.context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:in")
                        .errorHandler(noErrorHandler())
                        // The time is for the write that fails; another one may need some attempts, as may the start.
                        .to("nats-kv:" + bucket.name() + "?key=k&requestTimeout=500&lazyStartProducer=true");
            }
        });
        Received.await(() -> assertThat(send("1").getException()).isNull());
        NATS.server().kill();
        assertThat(send("2").getException())
                .isInstanceOf(KvException.class)
                .hasMessageContaining(bucket.name())
                .hasMessageContaining("\"k\"");
        restart();
        Received.await(() -> assertThat(send("3").getException()).isNull());
        // The test's own connection may come back a little later.
        Received.await(() -> assertThat(new String(bucket.get("k").value(), StandardCharsets.UTF_8))
                .isEqualTo("3"));
    }

    private Exchange send(String body) {
        return camel.send("direct:in", exchange -> exchange.getMessage().setBody(body));
    }

    private void write(String key) {
        while (true) {
            try {
                traffic.put(key, "v");
                return;
            } catch (KvException e) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }
    }

    private List<Long> storedRevisions() {
        List<Long> revisions = new ArrayList<>();
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT.withStart(WatchStart.history()))) {
            while (true) {
                WatchEvent event = watch.next(Duration.ofSeconds(60));
                if (event instanceof WatchEvent.Change change) {
                    KvEntry entry = change.entry();
                    revisions.add(entry.revision());
                } else if (event instanceof WatchEvent.SnapshotEnd) {
                    return revisions;
                } else {
                    // It goes on where it was.
                    assertThat(event).isInstanceOfAny(WatchEvent.Unavailable.class, WatchEvent.Available.class);
                }
            }
        }
    }
}
