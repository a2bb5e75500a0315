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
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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
        return uri(bucket, options);
    }

    private static String uri(KvBucket bucket, String options) {
        return "nats-kv:" + bucket.name() + "?durableName=d" + options;
    }

    private void write(int keys) {
        write(bucket, keys);
    }

    private static void write(KvBucket bucket, int keys) {
        for (int i = 0; i < keys; i++) {
            bucket.put("k" + i, "v");
        }
    }

    /** One of several routes that wait side by side, so that their time can be long; each with a bucket and a durable consumer of its own. */
    private record Course(KvBucket bucket, String options, Set<String> keys, Gatekeeper gatekeeper) {
        Course(KvBucket bucket, String options) {
            this(bucket, options, ConcurrentHashMap.newKeySet(), new Gatekeeper());
        }
    }

    /** The first one is held up for several times ackWait, and with it what waits behind it. */
    @Test
    void whatWaitsHereForAThreadLosesNoDelivery() throws Exception {
        Duration ackWait = Duration.ofSeconds(5);
        List<Course> courses = new ArrayList<>();
        for (String options :
                List.of("", "&concurrentConsumers=2", "&concurrentConsumers=2&batching=true&batchSize=2")) {
            courses.add(new Course(camel.newBucket(64), "&ackWait=5000&maxDeliver=2&pullBatchSize=8" + options));
        }
        // The server goes by the settings of a consumer that is there, whatever ours would have made of it.
        NatsFacts.create(
                camel,
                bucket,
                "d",
                ConsumerConfiguration.builder()
                        .ackPolicy(AckPolicy.Explicit)
                        .ackWait(ackWait)
                        .maxDeliver(2));
        courses.add(new Course(bucket, "&ackWait=60000&pullBatchSize=8"));
        for (Course course : courses) {
            write(course.bucket, 24);
            AtomicBoolean first = new AtomicBoolean(true);
            camel.route(course.bucket.name(), uri(course.bucket, course.options), exchange -> {
                if (first.getAndSet(false)) {
                    course.gatekeeper.pass();
                }
                course.keys.addAll(keys(exchange));
            });
        }
        for (Course course : courses) {
            course.gatekeeper.awaitFirst();
        }
        NatsFacts.awaitRedeliveries(camel, bucket, ackWait, 2);
        for (Course course : courses) {
            course.gatekeeper.open();
        }
        for (Course course : courses) {
            Received.await(() -> assertThat(course.keys).as(course.options).hasSize(24));
            Received.await(() -> assertThat(NatsFacts.ackPending(camel, course.bucket, "d"))
                    .as(course.options)
                    .isZero());
            // None was delivered twice.
            assertThat(NatsFacts.delivered(camel, course.bucket, "d"))
                    .as(course.options)
                    .isEqualTo(24);
        }
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

    @Test
    void aSuspendedRouteUsesUpNoDeliveries() throws Exception {
        List<Course> courses = new ArrayList<>();
        for (String options :
                List.of("", "&concurrentConsumers=2", "&batching=true&batchSize=4&batchInterval=600000")) {
            courses.add(new Course(
                    camel.newBucket(64), "&ackWait=2500&nackWait=10&maxDeliver=2&pullBatchSize=4" + options));
        }
        for (Course course : courses) {
            camel.route(
                    course.bucket.name(),
                    uri(course.bucket, course.options),
                    exchange -> course.keys.addAll(keys(exchange)));
            write(course.bucket, 4);
        }
        for (Course course : courses) {
            Received.await(() -> assertThat(course.keys).as(course.options).hasSize(4));
            camel.context.getRouteController().suspendRoute(course.bucket.name());
            for (int i = 0; i < 8; i++) {
                course.bucket.put("later" + i, "v");
            }
        }
        // Who fetched would have had each change twice by now.
        NatsFacts.awaitRedeliveries(camel, courses.get(0).bucket, Duration.ofMillis(2500), 3);
        for (Course course : courses) {
            assertThat(course.keys).as(course.options).hasSize(4);
            assertThat(NatsFacts.ackPending(camel, course.bucket, "d"))
                    .as(course.options)
                    .isLessThanOrEqualTo(1);
            camel.context.getRouteController().resumeRoute(course.bucket.name());
        }
        for (Course course : courses) {
            Received.await(() -> assertThat(course.keys).as(course.options).hasSize(12));
        }
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
        // It holds all that it may, and asks for no more: what is on its way to a request that a suspension ends has to
        // wait for ackWait.
        long rest = options.isEmpty() ? 7 : 2;
        Received.await(() -> assertThat(consumer.getPendingChanges()).isEqualTo(rest));
        consumer.suspend();
        gatekeeper.open();
        try (Fixture other = new Fixture(NATS.url())) {
            other.route("r", uri(""), received);
            // Long before ackWait is over, while the first one is still suspended.
            Received.await(() -> assertThat(received.revisions()).hasSize(8));
            assertThat(received.revisions()).doesNotHaveDuplicates();
        }
    }

    /** A batch may fill up for minutes; who suspends or stops does not wait for that, nor do others who want its changes. */
    @ParameterizedTest
    @CsvSource({"1,suspend", "1,stop", "2,suspend", "2,stop"})
    void aBatchThatFillsUpIsGivenBack(int consumers, String end) throws Exception {
        write(8);
        camel.route(
                "r",
                uri("&batching=true&batchSize=50&batchInterval=600000&concurrentConsumers=" + consumers),
                received);
        Received.await(
                () -> assertThat(NatsFacts.ackPending(camel, bucket, "d")).isEqualTo(8));
        var controller = camel.context.getRouteController();
        assertThat(camel.unforced(() -> {
                    if (end.equals("suspend")) {
                        controller.suspendRoute("r");
                    } else {
                        controller.stopRoute("r");
                    }
                }))
                .succeedsWithin(Duration.ofSeconds(60));
        try (Fixture other = new Fixture(NATS.url())) {
            other.route("r", uri(""), received);
            // Long before ackWait is over.
            Received.await(() -> assertThat(received.revisions()).hasSize(8).doesNotHaveDuplicates());
        }
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
                uri("&batching=true&batchSize=3&batchInterval=600000" + options),
                exchange -> sizes.add(((List<?>) exchange.getMessage().getBody()).size()));
        for (int i = 0; i < 3; i++) {
            bucket.put("k", "v" + i);
            int there = i + 1;
            Received.await(
                    () -> assertThat(NatsFacts.delivered(camel, bucket, "d")).isEqualTo(there));
        }
        Received.await(() -> assertThat(sizes).containsExactly(3));
    }

    /** The request at the server would go on for minutes. */
    @Test
    void aStopDoesNotWaitForTheRequest() throws Exception {
        camel.route("r", uri("&pullFetchTimeout=600000"), received);
        bucket.put("a", "1");
        received.await("1 PUT a=1");
        // A pool that is shut down gracefully is waited for longer (see the fixture).
        assertThat(camel.unforced(() -> camel.context.getRouteController().stopRoute("r")))
                .succeedsWithin(Duration.ofSeconds(60));
    }

    /** Not by the client's own pings. */
    @Test
    void aLinkThatIsHalfOpenIsNoticed() throws Exception {
        try (TcpProxy proxy = TcpProxy.to(NATS.server())) {
            // Requests are to fail soon; the start may need some attempts then.
            camel.context.getRouteController().supervising().setBackOffDelay(50);
            camel.route(
                    "r", uri("&requestTimeout=500&retryDelay=50&pingInterval=600000&servers=" + proxy.url()), received);
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
