package io.natskv.core.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.KvEntry;
import io.natskv.core.PatientConnections;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import io.natskv.testing.nats.TcpProxy;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A watch that is disturbed while its consumer is being made. */
class WatchSetUpTest {
    private static final Duration DELAY = Duration.ofMillis(100);

    private static KvConnection open(String url) {
        return KvConnection.open(PatientConnections.to(url)
                .ignoreDiscoveredServers(true)
                .reconnectWait(Duration.ofMillis(10))
                .build());
    }

    private static KvBucket create(KvConnection connection, int history) {
        return new KvBuckets(connection)
                .create(BucketConfig.builder("b" + UUID.randomUUID())
                        .history(history)
                        .build());
    }

    /** The consumer is there, and its configuration can't be changed: whoever asks again has to ask for the same. */
    @ParameterizedTest
    @EnumSource
    void theLinkIsCutBeforeTheCreationIsAnswered(NatsVersion version) throws Exception {
        try (NatsServer server = NatsServer.start(version);
                KvConnection direct = open(server.url());
                TcpProxy proxy = TcpProxy.to(server);
                KvConnection far = open(proxy.url())) {
            for (int history : new int[] {1, 3}) {
                KvBucket bucket = create(direct, history);
                bucket.put("a", "1");
                bucket.put("b", "2");
                String advisories = "$JS.EVENT.ADVISORY.CONSUMER.CREATED." + bucket.subjects().stream() + ".>";
                AtomicInteger made = new AtomicInteger();
                direct.nats().createDispatcher().subscribe(advisories, advisory -> {
                    if (made.incrementAndGet() == 1) {
                        proxy.cut();
                    }
                });
                direct.nats().flush(Duration.ofSeconds(10));
                proxy.delay(DELAY); // the advisory is faster than the answer
                try (KvWatch watch = new KvBuckets(far).open(bucket.name()).watch(WatchOptions.DEFAULT)) {
                    assertThat(Watches.snapshot(watch)).extracting(KvEntry::key).containsExactly("a", "b");
                }
                proxy.delay(Duration.ZERO);
                Awaitility.await()
                        .atMost(Watches.DEADLINE)
                        .untilAsserted(() -> assertThat(direct.nats()
                                        .jetStreamManagement()
                                        .getConsumerNames(bucket.subjects().stream()))
                                .isEmpty());
            }
        }
    }

    /** Else whoever resumes there would never be told that the snapshot has ended. */
    @ParameterizedTest
    @EnumSource
    void thePositionIsNotBehindTheEndOfAnEmptySnapshotBeforeThatIsTold(NatsVersion version) {
        try (NatsServer server = NatsServer.start(version);
                TcpProxy proxy = TcpProxy.to(server);
                KvConnection far = open(proxy.url())) {
            KvBucket bucket = create(far, 1);
            proxy.delay(DELAY);
            try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT)) {
                WatchEvent event = null;
                while (event == null) {
                    assertThat(watch.position()).isNull();
                    event = watch.next(Duration.ofMillis(1));
                }
                assertThat(event).isInstanceOf(WatchEvent.SnapshotEnd.class);
                assertThat(watch.position()).isNotNull();
                assertThat(watch.position().inSnapshot()).isFalse();
            }
        }
    }
}
