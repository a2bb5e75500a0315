package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.core.KvEntry;
import io.natskv.core.bucket.KvBucket;
import io.natskv.testing.junit.NatsServerExtension;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Consumers with a durable name; on a server of each version. */
abstract class DurableContract {
    private final NatsServerExtension nats;
    private final Received received = new Received();
    private Fixture camel;
    private KvBucket bucket;

    DurableContract(NatsServerExtension nats) {
        this.nats = nats;
    }

    @BeforeEach
    void start() {
        camel = new Fixture(nats.url());
        bucket = camel.newBucket(64);
    }

    @AfterEach
    void stop() {
        camel.close();
    }

    private String uri(String options) {
        return "nats-kv:" + bucket.name() + "?durableName=d" + options;
    }

    private static long revision(Exchange exchange) {
        return exchange.getMessage().getHeader(NatsKvConstants.REVISION, Long.class);
    }

    @Test
    void goesOnWhereItWas() throws Exception {
        bucket.put("a", "1");
        bucket.put("a", "2");
        bucket.delete("b");
        camel.route("r", uri(""), received);
        received.await("2 PUT a=2", "3 DELETE b");
        camel.context.getRouteController().stopRoute("r");
        bucket.put("a", "3");
        bucket.put("a", "");
        camel.context.getRouteController().startRoute("r");
        received.await("2 PUT a=2", "3 DELETE b", "4 PUT a=3", "5 PUT a=");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "&includeHistory=true|1 PUT a=1;2 PUT a=2;3 PUT b=1;4 DELETE b;5 PUT c=1",
                "&updatesOnly=true|5 PUT c=1",
                "&fromRevision=2|2 PUT a=2;3 PUT b=1;4 DELETE b;5 PUT c=1",
                "&key=a|2 PUT a=2",
                "&ignoreDeletes=true|2 PUT a=2;5 PUT c=1",
                "&metaOnly=true|2 PUT a;4 DELETE b;5 PUT c"
            })
    void startsAndFilters(String text) throws Exception {
        String[] parts = text.split("\\|");
        bucket.put("a", "1");
        bucket.put("a", "2");
        bucket.put("b", "1");
        bucket.delete("b");
        camel.route("r", uri(parts[0]), received);
        bucket.put("c", "1");
        received.await(parts[1].split(";"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&concurrentConsumers=3", "&batching=true&batchSize=20"})
    void severalShareTheWork(String options) throws Exception {
        List<Long> revisions = new CopyOnWriteArrayList<>();
        List<Long> here = new CopyOnWriteArrayList<>();
        List<Long> there = new CopyOnWriteArrayList<>();
        try (Fixture other = new Fixture(nats.url())) {
            camel.route("r", uri(options), exchange -> note(exchange, revisions, here));
            other.route("r", uri(options), exchange -> note(exchange, revisions, there));
            // Until both have had some. Each key once: nothing is overwritten before it is read.
            AtomicInteger first = new AtomicInteger();
            Received.await(() -> {
                bucket.put("first" + first.incrementAndGet(), "v");
                assertThat(here).isNotEmpty();
                assertThat(there).isNotEmpty();
            });
            for (int i = 0; i < 300; i++) {
                bucket.put("k" + i % 10, "v");
            }
            long last = bucket.status().lastRevision();
            Received.await(() -> assertThat(revisions).hasSize((int) last));
        }
        assertThat(revisions).doesNotHaveDuplicates();
    }

    private static void note(Exchange exchange, List<Long> all, List<Long> own) {
        if (exchange.getMessage().getBody() instanceof List<?> batch) {
            batch.forEach(entry -> {
                all.add(((KvEntry) entry).revision());
                own.add(((KvEntry) entry).revision());
            });
        } else {
            all.add(revision(exchange));
            own.add(revision(exchange));
        }
    }

    @Test
    void whatFailsIsDeliveredAgainAndTheRestGoesOn() throws Exception {
        List<Long> counts = new CopyOnWriteArrayList<>();
        camel.route("r", uri("&nackWait=50"), exchange -> {
            if (revision(exchange) == 1) {
                counts.add(exchange.getMessage().getHeader(NatsKvConstants.DELIVERY_COUNT, Long.class));
                if (counts.size() < 3) {
                    throw new IllegalStateException("not yet");
                }
            }
            received.process(exchange);
        });
        bucket.put("a", "1");
        bucket.put("b", "1");
        Received.await(() -> assertThat(received.revisions()).containsExactlyInAnyOrder(1L, 2L));
        assertThat(counts).containsExactly(1L, 2L, 3L);
    }

    @Test
    void isGivenUpAfterMaxDeliver() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        camel.route("r", uri("&nackWait=20&maxDeliver=3"), exchange -> {
            if (revision(exchange) == 1) {
                attempts.incrementAndGet();
                throw new IllegalStateException("never");
            }
            received.process(exchange);
        });
        bucket.put("a", "1");
        Received.await(() -> assertThat(attempts.get()).isEqualTo(3));
        bucket.put("b", "1");
        received.await("2 PUT b=1");
        assertThat(attempts.get()).isEqualTo(3);
    }

    @Test
    void whatIsNotAcknowledgedInTimeIsDeliveredAgain() throws Exception {
        List<Exchange> exchanges = new CopyOnWriteArrayList<>();
        camel.route("r", uri("&manualAck=true&ackWait=300"), exchange -> {
            exchanges.add(exchange.copy());
            // The third one and, should that answer come too late, those behind it.
            if (exchanges.size() >= 3) {
                ack(exchange).ack();
            }
        });
        bucket.put("a", "1");
        Received.await(() -> assertThat(exchanges).hasSizeGreaterThanOrEqualTo(3));
        // The server has heard it: the change can't come again.
        Received.await(
                () -> assertThat(NatsFacts.ackPending(camel, bucket, "d")).isZero());
        bucket.put("b", "1");
        Received.await(() -> assertThat(exchanges)
                .extracting(DurableContract::revision)
                .startsWith(1L, 1L, 1L)
                .endsWith(2L)
                .isSorted());
    }

    private static NatsKvManualAck ack(Exchange exchange) {
        return exchange.getMessage().getHeader(NatsKvConstants.MANUAL_ACK, NatsKvManualAck.class);
    }

    @Test
    void theRouteSaysWhatBecameOfIt() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        camel.route("r", uri("&manualAck=true&nackWait=20"), exchange -> {
            String key = exchange.getMessage().getHeader(NatsKvConstants.KEY, String.class);
            long count = exchange.getMessage().getHeader(NatsKvConstants.DELIVERY_COUNT, Long.class);
            seen.add(key + count);
            switch (key) {
                case "nak" -> {
                    if (count == 1) {
                        ack(exchange).nak();
                    } else if (count == 2) {
                        ack(exchange).nak(Duration.ofMillis(10));
                    } else {
                        ack(exchange).ack();
                        ack(exchange).nak(); // the first one counts
                    }
                }
                case "term" -> ack(exchange).term();
                default -> {
                    ack(exchange).inProgress();
                    ack(exchange).ack();
                }
            }
        });
        List.of("nak", "term", "ack").forEach(key -> bucket.put(key, "1"));
        Received.await(() -> assertThat(seen).contains("nak3", "term1", "ack1"));
        // Everything is settled: nothing is pending at the server.
        Received.await(
                () -> assertThat(NatsFacts.ackPending(camel, bucket, "d")).isZero());
        assertThat(seen).containsExactlyInAnyOrder("nak1", "nak2", "nak3", "term1", "ack1");
    }

    @Test
    void aStopGivesBackWhatItDidNotProcess() throws Exception {
        for (int i = 0; i < 50; i++) {
            bucket.put("k" + i, "v");
        }
        Gatekeeper gatekeeper = new Gatekeeper();
        camel.route("r", uri("&pullBatchSize=50"), exchange -> {
            gatekeeper.pass();
            received.process(exchange);
        });
        gatekeeper.awaitFirst();
        try (Fixture other = new Fixture(nats.url())) {
            NatsKvConsumer consumer =
                    (NatsKvConsumer) camel.context.getRoute("r").getConsumer();
            var stopped =
                    camel.unforced(() -> camel.context.getRouteController().stopRoute("r"));
            Received.await(() -> assertThat(consumer.isSuspendingOrSuspended() || consumer.isStoppingOrStopped())
                    .isTrue());
            gatekeeper.open();
            assertThat(stopped).succeedsWithin(Duration.ofSeconds(60));
            other.route("r", uri(""), received);
            // Long before ackWait is over: they were given back.
            Received.await(() -> assertThat(received.revisions()).hasSize(50));
            assertThat(received.revisions()).doesNotHaveDuplicates();
        }
    }

    @Test
    void survivesAKilledServer() throws Exception {
        camel.route("r", uri("&pullFetchTimeout=1000"), received);
        bucket.put("a", "1");
        received.await("1 PUT a=1");
        nats.server().kill();
        nats.server().restart();
        Received.await(() -> bucket.put("a", "2"));
        Received.await(() -> assertThat(received.revisions()).contains(1L, 2L));
    }

    @Test
    void aConsumerThatIsThereIsUsedAsItIs() throws Exception {
        camel.route("r", uri("&maxDeliver=7"), received);
        camel.route("other", uri("&maxDeliver=8"), received);
        assertThat(NatsFacts.consumer(camel, bucket, "d").getMaxDeliver()).isEqualTo(7);
        assertThat(bucket.status().stream().getStreamState().getConsumerCount()).isEqualTo(1);
        camel.context.stop();
        // It stays for the next start.
        assertThat(bucket.status().stream().getStreamState().getConsumerCount()).isEqualTo(1);
    }

    @Test
    void aConsumerWithoutAcknowledgementsIsRefused() {
        NatsFacts.createWithoutAck(camel, bucket, "d");
        assertThatThrownBy(() -> camel.route("r", uri(""), received))
                .hasStackTraceContaining("no pull consumer with explicit acknowledgements");
    }
}
