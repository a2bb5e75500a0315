package io.natskv.connect.sink.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.connect.sink.config.BucketSettings;
import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Another look at a bucket whose settings may have been changed, and what becomes of it when that fails. */
class BucketWritersTest {
    private static final Duration LONG_AGO = Duration.ofMinutes(1);

    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.V2_15);

    private KvConnection connection;
    private KvBuckets buckets;
    private String name;

    @BeforeEach
    void createBucket(TestInfo test) {
        connection = KvConnection.open(NatsConnectionConfig.of(NATS.url()));
        buckets = new KvBuckets(connection);
        name = test.getTestMethod().orElseThrow().getName();
        buckets.create(BucketConfig.builder(name).maxValueSize(1_000).build());
    }

    @AfterEach
    void close() {
        connection.close();
    }

    @Test
    void aLookThatFailsForGoodIsTold() {
        try (BucketWriters writers = writers(Map.of())) {
            BucketWriters.Open known = seenLongAgo(writers);
            buckets.delete(name);
            assertThatThrownBy(() -> Awaitility.await()
                            .pollInterval(Duration.ofMillis(5))
                            .until(() -> writers.upToDate(known) != null))
                    .isInstanceOf(BucketNotFoundException.class);
        }
    }

    @Test
    void aLookThatFailsForAPassingReasonIsRepeatedWithPausesAndItsReasonKept() {
        // No server has so much room.
        try (BucketWriters writers =
                writers(Map.of(BucketSettings.CREATE, "true", BucketSettings.MAX_BYTES, "" + (1L << 60)))) {
            BucketWriters.Open known = seenLongAgo(writers);
            buckets.delete(name);
            Awaitility.await().pollInterval(Duration.ofMillis(5)).until(() -> {
                assertThat(writers.upToDate(known)).isNull();
                return writers.whyNot(name).getMessage().contains("[10047]");
            });
            buckets.create(BucketConfig.builder(name).maxValueSize(2_000).build());
            Awaitility.await().pollInterval(Duration.ofMillis(5)).until(() -> writers.upToDate(known) != null);
            assertThat(writers.of(name).bucket().config().getMaximumMessageSize())
                    .isEqualTo(2_000);
        }
    }

    private BucketWriters.Open seenLongAgo(BucketWriters writers) {
        BucketWriters.Open open = Awaitility.await()
                .pollInterval(Duration.ofMillis(5))
                .until(() -> writers.of(name), found -> found != null);
        SinkBucket bucket = open.bucket();
        return new BucketWriters.Open(
                new SinkBucket(bucket.bucket(), bucket.config(), bucket.seenAt() - LONG_AGO.toNanos()), open.writer());
    }

    private BucketWriters writers(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(more);
        settings.put("nats.servers", NATS.url());
        return new BucketWriters(new SinkConfig(settings), name);
    }
}
