package io.natskv.connect.source.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.connect.source.reconcile.Correction.Reason;
import io.natskv.core.KvEntry;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.key.KeyFilter;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.watch.WatchPosition;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A scan may read a replica that lags behind what the topic holds already. */
class ComparisonTest {
    @RegisterExtension
    static final KafkaExtension KAFKA = new KafkaExtension();

    private final List<Correction> corrections = new ArrayList<>();
    private NatsServer server;
    private KvConnection connection;
    private KvBucket bucket;
    private TestTopic topic;

    @BeforeEach
    void start(TestInfo test) {
        server = NatsServer.start(NatsVersion.latest());
        connection = KvConnection.open(NatsConnectionConfig.of(server.url()));
        String name = test.getTestMethod().orElseThrow().getName() + "-" + System.nanoTime();
        bucket = new KvBuckets(connection)
                .create(BucketConfig.builder(name).history(5).build());
        topic = TestTopic.create(KAFKA.broker(), name);
    }

    @AfterEach
    void stop() {
        topic.close();
        connection.close();
        server.close();
    }

    @Test
    void whatIsDeletedInTheTopicTooIsNoNews() {
        KvEntry old = put("1");
        bucket.delete("k");
        topic.send(old);
        topic.send(last());
        compare(List.of(old));
        assertThat(corrections).isEmpty();
    }

    @Test
    void whatTheTopicHasAlreadyIsNoNews() {
        KvEntry old = put("1");
        topic.send(old);
        topic.send(put("2"));
        compare(List.of(old));
        compare(List.of());
        assertThat(corrections).isEmpty();
    }

    @Test
    void whatTheTopicLacksIsMissing() {
        KvEntry last = put("1");
        compare(List.of(last));
        assertThat(corrections).containsExactly(new Correction(last, Reason.MISSING));
    }

    @Test
    void whatTheTopicHasAnOlderValueOfIsMissing() {
        topic.send(put("1"));
        KvEntry last = put("2");
        compare(List.of(last));
        compare(List.of());
        assertThat(corrections)
                .containsExactly(new Correction(last, Reason.MISSING), new Correction(last, Reason.MISSING));
    }

    @Test
    void whatTheTopicHasAValueOfAndTheBucketAMarkerHasVanished() {
        topic.send(put("1"));
        bucket.delete("k");
        compare(List.of());
        assertThat(corrections).containsExactly(new Correction(last(), Reason.VANISHED));
    }

    @Test
    void whatAReplicaCatchesUpWithIsNoNewsEither() {
        KvEntry old = put("1");
        topic.send(old);
        KvEntry last = put("2");
        topic.send(last);
        compare(List.of(old, last));
        compare(List.of(last, last));
        assertThat(corrections).isEmpty();
    }

    @Test
    void whatAReplicaCatchesUpWithIsFoundOnce() {
        KvEntry old = put("1");
        KvEntry last = put("2");
        compare(List.of(old, last));
        assertThat(corrections).containsExactly(new Correction(last, Reason.MISSING));
    }

    @Test
    void whatTheTopicLacksBehindAnEntryThatItHasIsMissing() {
        KvEntry old = put("1");
        topic.send(old);
        KvEntry last = put("2");
        compare(List.of(old, last));
        assertThat(corrections).containsExactly(new Correction(last, Reason.MISSING));
    }

    @Test
    void aMarkerBehindAnEntryThatTheTopicHasIsVanished() {
        KvEntry old = put("1");
        topic.send(old);
        bucket.delete("k");
        KvEntry marker = last();
        compare(List.of(old, marker));
        compare(List.of(marker, old, marker));
        assertThat(corrections)
                .containsExactly(new Correction(marker, Reason.VANISHED), new Correction(marker, Reason.VANISHED));
    }

    private KvEntry put(String value) {
        bucket.put("k", value);
        return last();
    }

    private KvEntry last() {
        return bucket.lastAsync("k").join();
    }

    /** @param found by the scan */
    private void compare(List<KvEntry> found) {
        topic.flush();
        new Comparison(bucket, KeyFilter.ALL, topic.name(), KeyMapping.SAME, position(), corrections::add)
                .run(Map.of("bootstrap.servers", KAFKA.broker().bootstrap()), found::forEach);
    }

    private WatchPosition position() {
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT)) {
            while (!(watch.next(Duration.ofSeconds(30)) instanceof WatchEvent.SnapshotEnd)) {
                assertThat(watch.stats().delivered()).isLessThanOrEqualTo(1);
            }
            return watch.position();
        }
    }
}
