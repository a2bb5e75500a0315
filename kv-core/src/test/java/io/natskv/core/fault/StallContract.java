package io.natskv.core.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.api.ConsumerInfo;
import io.natskv.core.PatientConnections;
import io.natskv.core.Seed;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriterOptions;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.TcpProxy;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Both engines against a model, while links, servers and readers are slow or stand still; to be run against each supported server. */
abstract class StallContract {
    private static final Duration DEADLINE = Reading.DEADLINE;

    private KvConnection direct;
    private KvBucket bucket;

    abstract NatsServer server();

    @BeforeEach
    void open() {
        direct = PatientConnections.open(server().url());
        bucket = new KvBuckets(direct)
                .create(BucketConfig.builder("s" + UUID.randomUUID())
                        .history(Traffic.HISTORY)
                        .build());
    }

    @AfterEach
    void close() {
        direct.close();
    }

    private static NatsConnectionConfig.Builder through(TcpProxy... proxies) {
        return NatsConnectionConfig.builder()
                .servers(List.of(proxies).stream().map(TcpProxy::url).toList())
                .ignoreDiscoveredServers(true)
                .reconnectWait(Duration.ofMillis(10))
                .reconnectJitter(Duration.ofMillis(10));
    }

    private KvBucket over(KvConnection connection) {
        return new KvBuckets(connection).open(bucket.name());
    }

    private void assertNothingLost(Reading reading, Traffic traffic, long seed) throws InterruptedException {
        var model = traffic.finish();
        Awaitility.await().atMost(DEADLINE).until(direct::isConnected);
        Traffic.assertNothingLost(reading, bucket, model, seed);
    }

    @Test
    void nothingIsLostOverADelayedLinkThatIsReset() throws Exception {
        long seed = Seed.next();
        try (TcpProxy proxy = TcpProxy.to(server());
                KvConnection connection = KvConnection.open(through(proxy).build());
                Reading reading = Reading.of(over(connection), Reading.everything());
                Traffic traffic = Traffic.of(over(connection), seed)) {
            reading.awaitMore(100);
            proxy.delay(Duration.ofMillis(40));
            for (int i = 0; i < 5; i++) {
                long reconnects = connection.reconnects();
                // In each direction, much is under way.
                reading.awaitMore(50);
                proxy.reset();
                Awaitility.await().atMost(DEADLINE).until(() -> connection.reconnects() > reconnects);
            }
            reading.awaitMore(50);
            proxy.heal();
            reading.awaitMore(100);
            assertThat(reading.stats().recreations()).isPositive();
            assertNothingLost(reading, traffic, seed);
        }
    }

    /** What was held up arrives after what was written over the other link. */
    @Test
    void nothingIsLostOrRepeatedWhenALinkDeliversLate() throws Exception {
        long seed = Seed.next();
        try (TcpProxy one = TcpProxy.to(server());
                TcpProxy two = TcpProxy.to(server());
                KvConnection connection = KvConnection.open(through(one, two).build());
                Reading reading = Reading.of(over(connection), Reading.everything());
                Traffic traffic = Traffic.of(over(connection), seed)) {
            for (int i = 0; i < 2; i++) {
                reading.awaitMore(100);
                TcpProxy used = one.connections() > 0 ? one : two;
                TcpProxy free = used == one ? two : one;
                used.stall();
                Awaitility.await().atMost(DEADLINE).until(() -> free.connections() > 0);
                reading.awaitMore(200);
                used.heal();
            }
            reading.awaitMore(100);
            assertNothingLost(reading, traffic, seed);
        }
    }

    @Test
    void nothingIsLostWhenTheServerStandsStillForLongerThanPingsAreWaitedFor() throws Exception {
        long seed = Seed.next();
        try (KvConnection connection = KvConnection.open(NatsConnectionConfig.builder()
                        .servers(List.of(server().url()))
                        .pingInterval(Duration.ofMillis(200))
                        .maxPingsOut(2)
                        .build());
                Reading reading = Reading.of(over(connection), Reading.everything());
                Traffic traffic = Traffic.of(over(connection), seed)) {
            for (int i = 0; i < 2; i++) {
                reading.awaitMore(100);
                server().pause();
                try {
                    Awaitility.await().atMost(DEADLINE).until(() -> !connection.isConnected());
                } finally {
                    server().resume();
                }
            }
            reading.awaitMore(100);
            assertNothingLost(reading, traffic, seed);
        }
    }

    /** Nothing is written, and the next ping is far away: only its heartbeats tell a watch. */
    @Test
    void anIdleWatchNoticesAServerThatStandsStill() {
        try (KvConnection connection = KvConnection.open(NatsConnectionConfig.builder()
                        .servers(List.of(server().url()))
                        .pingInterval(Duration.ofHours(1))
                        .build());
                Reading reading = Reading.of(over(connection), Reading.everything())) {
            long first = bucket.put("k", "before");
            reading.awaitRevision(first);
            server().pause();
            try {
                reading.await(r -> r.others().stream().anyMatch(WatchEvent.Unavailable.class::isInstance));
            } finally {
                server().resume();
            }
            Awaitility.await().atMost(DEADLINE).ignoreExceptions().until(() -> bucket.put("k", "after") > first);
            reading.awaitRevision(bucket.status().lastRevision());
            reading.await(r -> r.others().stream().anyMatch(WatchEvent.Available.class::isInstance));
            assertThat(Traffic.byKey(reading.finish())).isEqualTo(Traffic.byKey(Traffic.everything(bucket)));
        }
    }

    /** Its consumer stays; what it has asked for is all that comes, however large the values are. */
    @Test
    void aReaderThatPausesHoldsNoMoreThanItsBounds() throws Exception {
        int maxBytes = 128 * 1024;
        try (Reading reading = Reading.of(bucket, Reading.everything().withBuffer(1_000, maxBytes));
                KvWriter writer = bucket.writer(WriterOptions.DEFAULT)) {
            writeLarge(writer, 100);
            reading.awaitRevision(100);
            reading.pause();
            writeLarge(writer, 500);
            Awaitility.await().atMost(DEADLINE).ignoreExceptions().untilAsserted(() -> {
                ConsumerInfo consumer = consumer();
                assertThat(consumer.getNumWaiting()).isZero();
                assertThat(consumer.getNumPending()).isPositive();
            });
            assertThat(reading.stats().bufferedEntries()).isPositive().isLessThanOrEqualTo(1_000);
            assertThat(reading.stats().bufferedBytes()).isPositive().isLessThanOrEqualTo(maxBytes);
            assertThat(reading.seen()).isEqualTo(100);
            reading.resume();
            reading.awaitRevision(600);
            assertThat(Traffic.byKey(reading.finish())).isEqualTo(Traffic.byKey(Traffic.everything(bucket)));
        }
    }

    private ConsumerInfo consumer() throws Exception {
        return direct.nats()
                .jetStreamManagement()
                .getConsumers(bucket.subjects().stream())
                .get(0);
    }

    private static void writeLarge(KvWriter writer, int count) {
        for (int i = 0; i < count; i++) {
            writer.submit(KvWrite.put("large." + i, new byte[4_000]));
        }
        assertThat(writer.flush(DEADLINE)).isTrue();
    }
}
