package io.natskv.core.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.core.PatientConnections;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.watch.WatchEvent.PositionLost;
import io.natskv.core.watch.WatchPosition.Anchor;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.RegisterExtension;

class PositionCheckTest {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

    private KvConnection connection;
    private KvBuckets buckets;
    private KvBucket bucket;

    @BeforeEach
    void create(TestInfo test) {
        connection = PatientConnections.open(NATS.server().url());
        buckets = new KvBuckets(connection);
        bucket = buckets.create(
                BucketConfig.of(test.getTestMethod().orElseThrow().getName()));
        bucket.put("a", "1");
        bucket.put("b", "2");
    }

    @AfterEach
    void close() {
        connection.close();
    }

    @Test
    void theSameBucketIsNotLost() {
        WatchPosition position = position(2, bucket.get("b").created());
        bucket.put("a", "3");
        assertThat(bucket.lostAsync(position).join()).isEmpty();
    }

    @Test
    void anotherOneIsLostHoweverFarItIs() {
        WatchPosition position = position(2, bucket.get("b").created());
        buckets.delete(bucket.name());
        assertThatThrownBy(() -> bucket.lostAsync(position).join())
                .hasCauseInstanceOf(BucketNotFoundException.class)
                .hasMessageContaining(bucket.name());
        buckets.create(BucketConfig.of(bucket.name()));
        bucket.put("a", "1");
        assertThat(reason(position)).isEqualTo(PositionLost.Reason.RECREATED);
        bucket.put("b", "2");
        bucket.put("b", "3");
        assertThat(reason(position)).isEqualTo(PositionLost.Reason.RECREATED);
    }

    @Test
    void oneThatWasSetBackIsLost() {
        Instant created = bucket.get("b").created();
        assertThat(reason(position(3, created))).isEqualTo(PositionLost.Reason.WENT_BACK);
        assertThat(reason(position(2, created.plusMillis(1)))).isEqualTo(PositionLost.Reason.CONTRADICTED);
    }

    private PositionLost.Reason reason(WatchPosition position) {
        PositionLost lost = bucket.lostAsync(position).join().orElseThrow();
        assertThat(lost.position()).isEqualTo(position);
        assertThat(lost.message()).contains(bucket.name());
        return lost.reason();
    }

    private WatchPosition position(long revision, Instant lastCreated) {
        return new WatchPosition(
                bucket.status().created(), revision, 0, false, List.of(new Anchor(2, "b", lastCreated)));
    }
}
