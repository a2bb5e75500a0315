package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.natskv.core.KvEntry;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import io.natskv.testing.nats.TcpProxy;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a durable consumer holds here, and what becomes of it. */
class DurableFlowTest {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

    private final Received received = new Received();
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
        return "nats-kv:" + bucket.name() + "?durableName=d" + options;
    }

    private void write(int keys) {
        for (int i = 0; i < keys; i++) {
            bucket.put("k" + i, "v");
        }
    }

    /** The first one is held up for several times ackWait, and with it what waits behind it. */
    @ParameterizedTest
    @ValueSource(strings = {"", "&concurrentConsumers=2", "&concurrentConsumers=2&batching=true&batchSize=2"})
    void whatWaitsHereForAThreadLosesNoDelivery(String options) throws Exception {
        whatWaitsLosesNoDelivery("&ackWait=800&maxDeliver=2&pullBatchSize=8" + options);
    }

    /** The server goes by the consumer's own settings, whatever ours would have made of it. */
    @Test
    void theTermsOfAConsumerThatIsThereCount() throws Exception {
        NatsFacts.create(
                camel,
                bucket,
                "d",
                ConsumerConfiguration.builder()
                        .ackPolicy(AckPolicy.Explicit)
                        .ackWait(800)
                        .maxDeliver(2));
        whatWaitsLosesNoDelivery("&ackWait=60000&pullBatchSize=8");
    }

    private void whatWaitsLosesNoDelivery(String options) throws Exception {
        write(24);
        Set<String> keys = ConcurrentHashMap.newKeySet();
        AtomicBoolean first = new AtomicBoolean(true);
        camel.route("r", uri(options), exchange -> {
            if (first.getAndSet(false)) {
                NatsFacts.awaitRedeliveries(camel, bucket, Duration.ofMillis(800), 2);
            }
            keys.addAll(keys(exchange));
        });
        Received.await(() -> assertThat(keys).hasSize(24));
        Received.await(
                () -> assertThat(NatsFacts.ackPending(camel, bucket, "d")).isZero());
        // None was delivered twice.
        assertThat(NatsFacts.delivered(camel, bucket, "d")).isEqualTo(24);
    }

    private static List<String> keys(Exchange exchange) {
        return exchange.getMessage().getBody() instanceof List<?> batch
                ? batch.stream().map(entry -> ((KvEntry) entry).key()).toList()
                : List.of(exchange.getMessage().getHeader(NatsKvConstants.KEY, String.class));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&concurrentConsumers=2"})
    void holdsNoMoreThanItsThreadsAndOneFetch(String options) throws Exception {
        write(100);
        Gatekeeper gatekeeper = new Gatekeeper();
        camel.route("r", uri("&pullBatchSize=3" + options), exchange -> {
            gatekeeper.pass();
            received.process(exchange);
        });
        gatekeeper.awaitFirst();
        Received.await(() ->
                assertThat(NatsFacts.ackPending(camel, bucket, "d")).isGreaterThanOrEqualTo(options.isEmpty() ? 1 : 3));
        try (Fixture other = new Fixture(NATS.url())) {
            Received there = new Received();
            other.route("r", uri(""), there);
            // Somebody else gets all but what is held here.
            Received.await(() -> assertThat(there.revisions()).hasSizeGreaterThanOrEqualTo(95));
        }
        gatekeeper.open();
        Received.await(
                () -> assertThat(NatsFacts.ackPending(camel, bucket, "d")).isZero());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&concurrentConsumers=2", "&batching=true&batchSize=4&batchInterval=60000"})
    void aSuspendedRouteUsesUpNoDeliveries(String options) throws Exception {
        Set<String> keys = ConcurrentHashMap.newKeySet();
        camel.route(
                "r",
                uri("&ackWait=400&nackWait=10&maxDeliver=2&pullBatchSize=4" + options),
                exchange -> keys.addAll(keys(exchange)));
        write(4);
        Received.await(() -> assertThat(keys).hasSize(4));
        camel.context.getRouteController().suspendRoute("r");
        for (int i = 0; i < 8; i++) {
            bucket.put("later" + i, "v");
        }
        // Who fetched would have had each change twice by now.
        NatsFacts.awaitRedeliveries(camel, bucket, Duration.ofMillis(400), 3);
        assertThat(keys).hasSize(4);
        assertThat(NatsFacts.ackPending(camel, bucket, "d")).isLessThanOrEqualTo(1);
        camel.context.getRouteController().resumeRoute("r");
        Received.await(() -> assertThat(keys).hasSize(12));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&concurrentConsumers=2"})
    void aSuspensionGivesBackWhatItHolds(String options) throws Exception {
        write(8);
        Gatekeeper gatekeeper = new Gatekeeper();
        camel.route("r", uri("&pullBatchSize=4" + options), exchange -> {
            gatekeeper.pass();
            received.process(exchange);
        });
        gatekeeper.awaitFirst();
        NatsKvConsumer consumer = (NatsKvConsumer) camel.context.getRoute("r").getConsumer();
        consumer.suspend();
        gatekeeper.open();
        try (Fixture other = new Fixture(NATS.url())) {
            other.route("r", uri(""), received);
            // Long before the 30 s of ackWait, while the first one is still suspended.
            Received.await(() -> assertThat(received.revisions()).hasSize(8));
            assertThat(received.revisions()).doesNotHaveDuplicates();
        }
    }

    /** A batch may fill up for a minute; who suspends or stops does not wait for that, nor do others who want its changes. */
    @ParameterizedTest
    @CsvSource({"1,suspend", "1,stop", "2,suspend", "2,stop"})
    void aBatchThatFillsUpIsGivenBack(int consumers, String end) throws Exception {
        write(8);
        camel.route(
                "r", uri("&batching=true&batchSize=50&batchInterval=60000&concurrentConsumers=" + consumers), received);
        Received.await(
                () -> assertThat(NatsFacts.ackPending(camel, bucket, "d")).isEqualTo(8));
        if (end.equals("suspend")) {
            camel.context.getRouteController().suspendRoute("r");
        } else {
            var stopped = stopping("r");
            assertThat(stopped).succeedsWithin(Duration.ofSeconds(8));
        }
        try (Fixture other = new Fixture(NATS.url())) {
            other.route("r", uri(""), received);
            // Long before the 30 s of ackWait.
            Received.await(() -> assertThat(received.revisions()).hasSize(8).doesNotHaveDuplicates());
        }
    }

    private CompletableFuture<Void> stopping(String route) {
        return CompletableFuture.runAsync(() -> {
            try {
                camel.context.getRouteController().stopRoute(route);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    /** Without the last delivery's exception to giving back, it would be lost. */
    @Test
    void aSuspensionKeepsWhatWouldNotComeAgain() throws Exception {
        write(6);
        Gatekeeper gatekeeper = new Gatekeeper();
        camel.route("r", uri("&pullBatchSize=6&maxDeliver=1"), exchange -> {
            gatekeeper.pass();
            received.process(exchange);
        });
        gatekeeper.awaitFirst();
        NatsKvConsumer consumer = (NatsKvConsumer) camel.context.getRoute("r").getConsumer();
        consumer.suspend();
        gatekeeper.open();
        Received.await(() -> assertThat(consumer.getPendingExchangesSize()).isZero());
        assertThat(received.revisions()).hasSize(1);
        consumer.resume();
        Received.await(() -> assertThat(received.revisions()).hasSize(6));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&concurrentConsumers=2"})
    void aBatchWaitsForMoreAsLongAsItIsTold(String options) throws Exception {
        List<Integer> sizes = new CopyOnWriteArrayList<>();
        camel.route(
                "r",
                uri("&batching=true&batchSize=3&batchInterval=60000" + options),
                exchange -> sizes.add(((List<?>) exchange.getMessage().getBody()).size()));
        for (int i = 0; i < 3; i++) {
            bucket.put("k", "v" + i);
            int there = i + 1;
            Received.await(
                    () -> assertThat(NatsFacts.delivered(camel, bucket, "d")).isEqualTo(there));
        }
        Received.await(() -> assertThat(sizes).containsExactly(3));
    }

    /** The request at the server would go on for a minute. */
    @Test
    void aStopDoesNotWaitForTheRequest() throws Exception {
        camel.context.getShutdownStrategy().setTimeout(30);
        camel.route("r", uri("&pullFetchTimeout=60000"), received);
        bucket.put("a", "1");
        received.await("1 PUT a=1");
        var stopped = stopping("r");
        // A pool that is shut down gracefully is waited for ten seconds.
        assertThat(stopped).succeedsWithin(Duration.ofSeconds(8));
    }

    /** The client's own pings would take the better part of a minute. */
    @Test
    void aLinkThatIsHalfOpenIsNoticed() throws Exception {
        try (TcpProxy proxy = TcpProxy.to(NATS.server())) {
            camel.route("r", uri("&requestTimeout=500&retryDelay=50&servers=" + proxy.url()), received);
            bucket.put("a", "1");
            received.await("1 PUT a=1");
            proxy.halfOpen();
            Received.await(() -> assertThat(camel.component.connections().show())
                    .noneMatch(link -> link.get("status").equals("CONNECTED")));
            proxy.heal();
            bucket.put("a", "2");
            Received.await(() -> assertThat(received.lines()).contains("2 PUT a=2"));
        }
    }

    @Test
    void aJetStreamDomainIsReached() throws Exception {
        try (NatsServer hub =
                        NatsServer.builder().jetStreamConfig("domain: hub").start();
                Fixture there = new Fixture(hub.url())) {
            KvBucket far = there.newBucket(5);
            there.route("r", "nats-kv:" + far.name() + "?jetstreamDomain=hub&durableName=d", received);
            far.put("a", "1");
            received.await("1 PUT a=1");
            Received.await(
                    () -> assertThat(NatsFacts.ackPending(there, far, "d")).isZero());
        }
    }

    /** Its position is gone with it: another one must go on there, wherever the options say that the first one begins. */
    @ParameterizedTest
    @ValueSource(strings = {"", "&updatesOnly=true", "&fromRevision=1", "&includeHistory=true"})
    void aConsumerThatWasRemovedIsMadeAnewWhereItWas(String options) throws Exception {
        camel.route("r", uri("&retryDelay=100" + options), received);
        bucket.put("a", "1");
        bucket.put("b", "1");
        received.await("1 PUT a=1", "2 PUT b=1");
        Received.await(
                () -> assertThat(NatsFacts.ackPending(camel, bucket, "d")).isZero());
        NatsFacts.delete(camel, bucket, "d");
        bucket.put("c", "1");
        bucket.put("c", "2");
        Received.await(() -> assertThat(received.revisions()).contains(4L));
        assertThat(received.lines()).containsExactly("1 PUT a=1", "2 PUT b=1", "3 PUT c=1", "4 PUT c=2");
    }

    /** Nothing had come yet: what is written before there is another consumer counts as an update all the same. */
    @Test
    void updatesCountFromTheStartOfTheRoute() throws Exception {
        bucket.put("old", "1");
        camel.route("r", uri("&updatesOnly=true&retryDelay=100"), received);
        long before = messagesOut();
        NatsFacts.delete(camel, bucket, "d");
        bucket.put("a", "1");
        received.await("2 PUT a=1");
        // Requests that nobody hears are not made as fast as they can be.
        assertThat(messagesOut() - before).isLessThan(300);
    }

    private long messagesOut() {
        return (Long) camel.component.connections().show().get(0).get("outMessages");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&updatesOnly=true", "&fromRevision=2"})
    void aBucketInItsPlaceIsDeliveredFromItsBeginning(String options) throws Exception {
        bucket.put("before", "1");
        camel.route("r", uri("&retryDelay=100" + options), received);
        bucket.put("a", "1");
        Received.await(() -> assertThat(received.lines()).contains("2 PUT a=1"));
        camel.buckets.delete(bucket.name());
        KvBucket next = camel.buckets.create(BucketConfig.builder(bucket.name()).build());
        next.put("x", "1");
        Received.await(() -> assertThat(received.lines()).contains("1 PUT x=1"));
    }
}
