package io.natskv.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.api.StreamConfiguration;
import io.natskv.connect.sink.config.BucketSettings;
import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.exactlyonce.ExactlyOnceConfig;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import javax.management.ObjectName;
import org.apache.kafka.connect.errors.ConnectException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Buckets that are full, purged, deleted, changed, or not fit for it. */
class ExactlyOnceBucketTest extends ExactlyOnceFixture {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.V2_15);

    @Override
    NatsServerExtension nats() {
        return NATS;
    }

    @Test
    void aFullBucketIsToldBeforeItsFirstClaim() throws Exception {
        bucket.put("large", new byte[5_000]);
        edit(config -> config.maxBytes(5_200));
        Map<String, String> settings = settings();
        settings.put("name", name);
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, partition)) {
            fill(sink, 0, 10);
            Awaitility.await().atMost(SOON).pollInterval(Duration.ofMillis(5)).until(() -> {
                sink.iterate();
                return fullBuckets() == 1;
            });
            edit(config -> config.maxBytes(-1));
            sink.untilCommitted();
            assertThat(fullBuckets()).isZero();
        }
    }

    private long fullBuckets() throws Exception {
        ObjectName mbean = new ObjectName("io.natskv.connect:type=sink-task,connector=" + name + ",task=0");
        return ((Number) ManagementFactory.getPlatformMBeanServer().getAttribute(mbean, "full-buckets")).longValue();
    }

    @Test
    void aFullBucketBlocksUntilThereIsRoom() throws Exception {
        edit(config -> config.maxBytes(60_000));
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, partition)) {
            for (int i = 0; i < 100; i++) {
                sink.append(partition, "k" + i, "x".repeat(900));
            }
            Awaitility.await().atMost(SOON).pollInterval(Duration.ofMillis(5)).until(() -> {
                sink.iterate();
                sink.commit();
                return bucket.status().bytes() > 57_500;
            });
            long before = sink.committed(partition);
            assertThat(before)
                    .as("records that fit were stored, by smaller and smaller batches")
                    .isGreaterThan(30);
            edit(config -> config.maxBytes(-1));
            sink.untilCommitted();
            assertAccounted(100, partition);
        }
    }

    @Test
    void theRoomForOffsetsIsMadeAgain() throws Exception {
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, partition)) {
            fill(sink, 0, 100);
            sink.untilCommitted();
            // As a client does that knows nothing of it.
            StreamConfiguration old = stream().getConfiguration();
            edit(config -> config.subjects("$KV." + name + ".>").allowAtomicPublish(false));
            assertThat(old.getSubjects()).contains("$KV." + name + "=o.>");
            fill(sink, 100, 200);
            sink.untilCommitted();
            assertThat(stream().getConfiguration().getSubjects()).contains("$KV." + name + "=o.>");
            assertAccounted(200, partition);
        }
    }

    @Test
    void aPurgedBucketIsFilledFromWhereTheTaskStands() throws Exception {
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, partition)) {
            fill(sink, 0, 100);
            sink.untilCommitted();
            jnats().jetStreamManagement().purgeStream("KV_" + name);
            fill(sink, 100, 120);
            sink.untilCommitted();
            assertThat(stored(partition).next()).isEqualTo(120);
            assertThat(bucket.keys()).hasSize(20);
        }
    }

    @Test
    void aDeletedBucketFailsTheTaskOrIsMadeAnew() {
        Map<String, String> settings = settings();
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, partition)) {
            fill(sink, 0, 100);
            sink.untilCommitted();
            buckets.delete(name);
            fill(sink, 100, 120);
            assertThatThrownBy(sink::untilCommitted)
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining(name)
                    .hasMessageContaining("not found");
        }
        settings.put(BucketSettings.CREATE, "true");
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, partition)) {
            fill(sink, 0, 100);
            sink.untilCommitted();
            buckets.delete(name);
            fill(sink, 100, 120);
            sink.untilCommitted();
            assertThat(bucket.keys()).hasSize(20);
            assertThat(stored(partition).next()).isEqualTo(120);
        }
    }

    @Test
    void aTtlBucketKeepsItsOffsetsOverARestart() {
        String expiring = name + "-expiring";
        buckets.create(BucketConfig.builder(expiring)
                .ttl(Duration.ofSeconds(2))
                .limitMarkerTtl(Duration.ofSeconds(1))
                .build());
        Map<String, String> settings = settings();
        settings.put(SinkConfig.BUCKET_TEMPLATE, expiring);
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, partition)) {
            fill(sink, 0, 100);
            sink.untilCommitted();
        }
        KvBucket target = buckets.open(expiring);
        Awaitility.await().atMost(SOON).until(() -> target.keys().isEmpty());
        server.kill();
        restartServer();
        Awaitility.await()
                .atMost(SOON)
                .ignoreExceptions()
                .until(() -> stored(expiring, partition).next() == 100);
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, partition)) {
            fill(sink, 0, 110);
            sink.untilCommitted();
        }
        assertThat(target.keys()).hasSizeLessThanOrEqualTo(10);
        assertThat(stored(expiring, partition).next()).isEqualTo(110);
    }

    @Test
    void bucketsThatCantHoldOffsetsAreRefusedAndLeftAlone() {
        buckets.create(
                BucketConfig.builder(name + "-ttl").ttl(Duration.ofHours(1)).build());
        buckets.create(BucketConfig.builder(name + "-republish")
                .republish(io.nats.client.api.Republish.builder()
                        .source(">")
                        .destination("copy.>")
                        .build())
                .build());
        assertRefused(name + "-ttl", "limit markers");
        assertRefused(name + "-republish", ExactlyOnceConfig.ALLOW_REPUBLISH);
        assertRefused(name + "-missing", "not found");

        Map<String, String> confirmed = settings();
        confirmed.put(SinkConfig.BUCKET_TEMPLATE, name + "-republish");
        confirmed.put(ExactlyOnceConfig.ALLOW_REPUBLISH, "true");
        try (SinkTaskHarness sink = SinkTaskHarness.start(confirmed, false, partition)) {
            fill(sink, 0, 10);
            sink.untilCommitted();
        }
    }

    private void assertRefused(String target, String reason) {
        Map<String, String> settings = settings();
        settings.put(SinkConfig.BUCKET_TEMPLATE, target);
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, partition)) {
            fill(sink, 0, 10);
            assertThatThrownBy(sink::untilCommitted)
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining(target)
                    .hasMessageContaining(reason);
        }
    }

    @Test
    void anOldServerIsRefused() {
        try (NatsServer old = NatsServer.start(NatsVersion.V2_10);
                KvConnection toOld = KvConnection.open(NatsConnectionConfig.of(old.url()))) {
            new KvBuckets(toOld).create(BucketConfig.of(name));
            Map<String, String> settings = settings();
            settings.put("nats.servers", old.url());
            settings.put(BucketSettings.CREATE, "true");
            settings.put(SinkConfig.BUCKET_TEMPLATE, "missing");
            try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, partition)) {
                fill(sink, 0, 10);
                assertThatThrownBy(sink::untilCommitted)
                        .isInstanceOf(ConnectException.class)
                        .hasMessageContaining("2.12");
            }
            Map<String, String> validated = new HashMap<>(settings);
            validated.put("connector.class", NatsKvSinkConnector.class.getName());
            validated.put("topics", name);
            assertThat(errors(validated).get(SinkConfig.DELIVERY)).contains("2.12");
            assertThat(new KvBuckets(toOld).names())
                    .as("nothing is created in vain")
                    .containsExactly(name);
            settings.put(SinkConfig.BUCKET_TEMPLATE, name);
            try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, partition)) {
                fill(sink, 0, 10);
                assertThatThrownBy(sink::untilCommitted)
                        .isInstanceOf(ConnectException.class)
                        .hasMessageContaining("2.12");
            }
        }
    }

    @Test
    void validationTellsWhatCantBe() {
        buckets.create(
                BucketConfig.builder(name + "-ttl").ttl(Duration.ofHours(1)).build());
        Map<String, String> settings = settings();
        settings.put("connector.class", NatsKvSinkConnector.class.getName());
        settings.put("topics", name);
        assertThat(errors(settings)).isEmpty();
        settings.put(SinkConfig.BUCKET_TEMPLATE, name + "-ttl");
        assertThat(errors(settings).get(SinkConfig.DELIVERY)).contains("limit markers");
        settings.put(SinkConfig.BUCKET_TEMPLATE, "${header.bucket}");
        assertThat(errors(settings).get(SinkConfig.BUCKET_TEMPLATE)).contains("at_least_once");
        settings.put(SinkConfig.BUCKET_TEMPLATE, name);
        settings.put(SinkConfig.WRITE_MODE, "create");
        assertThat(errors(settings).get(SinkConfig.WRITE_MODE)).contains("at_least_once");
        settings.remove(SinkConfig.WRITE_MODE);
        settings.put(BucketSettings.CREATE, "true");
        settings.put(BucketSettings.TTL_MS, "60000");
        settings.put(SinkConfig.BUCKET_TEMPLATE, name + "-missing");
        assertThat(errors(settings).get(BucketSettings.TTL_MS)).contains(BucketSettings.LIMIT_MARKER_TTL_MS);
        settings.put(BucketSettings.LIMIT_MARKER_TTL_MS, "1000");
        assertThat(errors(settings)).isEmpty();
    }

    private static Map<String, String> errors(Map<String, String> settings) {
        Map<String, String> errors = new HashMap<>();
        new NatsKvSinkConnector()
                .validate(settings)
                .configValues()
                .forEach(value -> value.errorMessages().forEach(message -> errors.put(value.name(), message)));
        return errors;
    }
}
