package io.natskv.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.api.CompressionOption;
import io.nats.client.api.Source;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.natskv.connect.sink.config.BucketSettings;
import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.core.KvEntry;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.sink.SinkRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Conditions, times to live, sizes, and buckets that are created: what the settings do to a real bucket. */
class SinkPoliciesTest {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.V2_15);

    private KvConnection connection;
    private KvBuckets buckets;
    private String name;
    private TopicPartition partition;

    @BeforeEach
    void connect(TestInfo test) {
        connection = KvConnection.open(NatsConnectionConfig.of(NATS.url()));
        buckets = new KvBuckets(connection);
        name = test.getTestMethod().orElseThrow().getName();
        partition = new TopicPartition(name, 0);
    }

    @AfterEach
    void close() {
        connection.close();
    }

    @Test
    void createLeavesWhatIsThere() {
        KvBucket bucket = buckets.create(BucketConfig.of(name));
        bucket.put("taken", "before");
        bucket.put("deleted", "before");
        bucket.delete("deleted");
        try (SinkTaskHarness sink =
                start(true, SinkConfig.WRITE_MODE, "create", SinkConfig.ON_CONFLICT, "dead_letter")) {
            SinkRecord taken = sink.append(partition, "taken", "1");
            sink.append(partition, "deleted", "2");
            sink.append(partition, "new", "3");
            SinkRecord twice = sink.append(partition, "new", "4");
            sink.untilCommitted();
            // A create that comes from the same partition as what is there may be nothing but a replay.
            assertThat(sink.reported()).containsExactlyInAnyOrder(taken, twice);
        }
        assertThat(text(bucket.get("taken"))).isEqualTo("before");
        assertThat(text(bucket.get("deleted"))).isEqualTo("2");
        assertThat(text(bucket.get("new"))).isEqualTo("3");
    }

    @Test
    void aConflictMayBeSkippedOverwrittenOrFail() {
        KvBucket bucket = buckets.create(BucketConfig.of(name));
        bucket.put("k", "before");
        try (SinkTaskHarness sink = start(false, SinkConfig.WRITE_MODE, "create", SinkConfig.ON_CONFLICT, "skip")) {
            sink.append(partition, "k", "skipped");
            sink.append(partition, "other", "1");
            sink.untilCommitted();
        }
        assertThat(text(bucket.get("k"))).isEqualTo("before");
        try (SinkTaskHarness sink = start(false, SinkConfig.WRITE_MODE, "create", SinkConfig.ON_CONFLICT, "fail")) {
            sink.append(partition, "k", "fails");
            assertThatThrownBy(sink::untilCommitted)
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining(partition + "-0")
                    .hasMessageContaining("\"k\"")
                    .hasMessageContaining("on.conflict=fail");
        }
        try (SinkTaskHarness sink =
                start(false, SinkConfig.WRITE_MODE, "create", SinkConfig.ON_CONFLICT, "overwrite")) {
            sink.append(partition, "k", "after");
            sink.untilCommitted();
        }
        assertThat(text(bucket.get("k"))).isEqualTo("after");
    }

    @Test
    void updateExpectsARevision() {
        KvBucket bucket = buckets.create(BucketConfig.of(name));
        long revision = bucket.put("k", "before");
        try (SinkTaskHarness sink =
                start(true, SinkConfig.WRITE_MODE, "update", SinkConfig.EXPECTED_REVISION, "${header.expected}")) {
            sink.append(partition, "k", bytes("1"), headers(headers -> headers.addLong("expected", revision)));
            SinkRecord stale =
                    sink.append(partition, "k", bytes("2"), headers(headers -> headers.addLong("expected", revision)));
            SinkRecord without = sink.append(partition, "k", bytes("3"), new ConnectHeaders());
            sink.append(partition, "new", bytes("4"), headers(headers -> headers.addString("expected", "0")));
            sink.untilCommitted();
            assertThat(sink.reported()).containsExactlyInAnyOrder(stale, without);
        }
        assertThat(text(bucket.get("k"))).isEqualTo("1");
        assertThat(text(bucket.get("new"))).isEqualTo("4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"at_least_once", "exactly_once"})
    void valuesExpireAfterTheirOwnTime(String delivery) {
        name += "-" + delivery;
        partition = new TopicPartition(name, 0);
        KvBucket bucket = buckets.create(
                BucketConfig.builder(name).limitMarkerTtl(Duration.ofMinutes(5)).build());
        try (SinkTaskHarness sink =
                start(false, SinkConfig.RECORD_TTL, "${header.ttl}", SinkConfig.DELIVERY, delivery)) {
            sink.append(partition, "short", bytes("1"), headers(headers -> headers.addInt("ttl", 1)));
            sink.append(partition, "long", bytes("2"), headers(headers -> headers.addString("ttl", "1h")));
            sink.append(partition, "for.ever", bytes("3"), new ConnectHeaders());
            sink.untilCommitted();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> bucket.lastAsync("short").join().operation().isMarker());
        }
        assertThat(text(bucket.get("long"))).isEqualTo("2");
        assertThat(text(bucket.get("for.ever"))).isEqualTo("3");
    }

    @Test
    void timesToLiveAreRefusedWhereTheyWouldDoHarm() {
        buckets.create(BucketConfig.builder(name)
                .history(5)
                .limitMarkerTtl(Duration.ofMinutes(5))
                .build());
        assertFails("history must be 1", SinkConfig.RECORD_TTL, "${header.ttl}");
        name = name + "-without";
        partition = new TopicPartition(name, 0);
        buckets.create(BucketConfig.of(name));
        assertFails("--allow-msg-ttl", SinkConfig.RECORD_TTL, "${header.ttl}");
    }

    private void assertFails(String message, String... settings) {
        try (SinkTaskHarness sink = start(false, settings)) {
            sink.append(partition, "k", "v");
            assertThatThrownBy(sink::untilCommitted)
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining(message);
        }
    }

    @Test
    void aBucketIsCreatedAsTheSettingsSay() {
        try (SinkTaskHarness sink = start(
                false,
                BucketSettings.CREATE,
                "true",
                BucketSettings.HISTORY,
                "7",
                BucketSettings.TTL_MS,
                "3600000",
                BucketSettings.LIMIT_MARKER_TTL_MS,
                "60000",
                BucketSettings.STORAGE,
                "memory",
                BucketSettings.COMPRESSION,
                "true",
                BucketSettings.MAX_BYTES,
                "1000000",
                BucketSettings.MAX_VALUE_SIZE,
                "5000",
                BucketSettings.DESCRIPTION,
                "made by a test")) {
            sink.append(partition, "k", "v");
            sink.untilCommitted();
        }
        StreamConfiguration made = buckets.open(name).status().stream().getConfiguration();
        assertThat(made.getMaxMsgsPerSubject()).isEqualTo(7);
        assertThat(made.getMaxAge()).isEqualTo(Duration.ofHours(1));
        assertThat(made.getSubjectDeleteMarkerTtl()).isEqualTo(Duration.ofMinutes(1));
        assertThat(made.getStorageType()).isEqualTo(StorageType.Memory);
        assertThat(made.getCompressionOption()).isEqualTo(CompressionOption.S2);
        assertThat(made.getMaxBytes()).isEqualTo(1_000_000);
        assertThat(made.getMaximumMessageSize()).isEqualTo(5_000);
        assertThat(made.getDescription()).isEqualTo("made by a test");
    }

    @Test
    void aBucketThatTakesNoWritesIsRefusedAtOnce() {
        buckets.create(BucketConfig.of(name + "-origin"));
        connection
                .api()
                .createStream(StreamConfiguration.builder()
                        .name("KV_" + name)
                        .sources(Source.builder().name("KV_" + name + "-origin").build())
                        .maxMessagesPerSubject(1)
                        .allowRollup(true)
                        .denyDelete(true)
                        .build())
                .join();
        assertFails("no subjects of its own");
    }

    @Test
    void severalTasksMayCreateTheBucketAtOnce() {
        TopicPartition second = new TopicPartition(name, 1);
        Map<String, String> settings = settings(BucketSettings.CREATE, "true");
        try (SinkTaskHarness one = SinkTaskHarness.start(settings, false, partition);
                SinkTaskHarness other = SinkTaskHarness.start(settings, false, second)) {
            one.append(partition, "a", "1");
            other.append(second, "b", "2");
            one.iterate();
            other.iterate();
            one.untilCommitted();
            other.untilCommitted();
        }
        assertThat(buckets.open(name).status().values()).isEqualTo(2);
    }

    @Test
    void aBucketThatIsThereStaysAsItIs() {
        buckets.create(BucketConfig.builder(name).history(3).build());
        try (SinkTaskHarness sink = start(
                false, BucketSettings.CREATE, "true", BucketSettings.HISTORY, "7", BucketSettings.REPLICAS, "1")) {
            sink.append(partition, "k", "v");
            sink.untilCommitted();
        }
        StreamConfiguration found = buckets.open(name).status().stream().getConfiguration();
        assertThat(found.getMaxMsgsPerSubject()).isEqualTo(3);
        assertThat(new SinkConfig(settings(BucketSettings.HISTORY, "7", BucketSettings.REPLICAS, "1"))
                        .buckets()
                        .differences(found))
                .containsExactly("bucket.history=7 (it has 3)");
        assertThat(new SinkConfig(settings()).buckets().differences(found))
                .as("nobody asked for anything")
                .isEmpty();
    }

    @Test
    void whatIsTooLargeForTheBucketIsReportedToTheByte() {
        buckets.create(BucketConfig.builder(name).maxValueSize(3_000).build());
        try (SinkTaskHarness sink = start(true)) {
            // The origin's header, its line ends and the version line; the guard's own header comes on top.
            sink.append(partition, "fits", new byte[2_500], new ConnectHeaders());
            SinkRecord large = sink.append(partition, "large", new byte[3_001], new ConnectHeaders());
            SinkRecord byHeaders = sink.append(partition, "headers", new byte[2_990], new ConnectHeaders());
            sink.untilCommitted();
            assertThat(sink.reported()).containsExactlyInAnyOrder(large, byHeaders);
            assertThat(sink.reportedErrors())
                    .allSatisfy(error -> assertThat(error).hasMessageContaining("3000"));
        }
    }

    @Test
    void aFullBucketIsToldInTheMetrics() throws Exception {
        buckets.create(BucketConfig.builder(name).maxBytes(4_000).build());
        try (SinkTaskHarness sink = start(false)) {
            for (int i = 0; i < 10; i++) {
                sink.append(partition, "k" + i, new byte[1_000], new ConnectHeaders());
            }
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
                sink.iterate();
                sink.commit();
                return metric("full-buckets") == 1;
            });
            assertThat(metric("stored-total")).isBetween(1L, 9L);
            assertThat(metric("watermark-lag")).isPositive();
            assertThat(metric("in-flight")).isPositive();
            connection
                    .api()
                    .updateStream(StreamConfiguration.builder(
                                    buckets.open(name).status().stream().getConfiguration())
                            .maxBytes(100_000)
                            .build())
                    .join();
            sink.untilCommitted();
            sink.iterate();
            assertThat(metric("full-buckets")).isZero();
            assertThat(metric("stored-total")).isEqualTo(10);
            assertThat(metric("watermark-lag")).isZero();
            assertThat(metric("ack-latency-ms-p99")).isGreaterThanOrEqualTo(metric("ack-latency-ms-p50"));
        }
        MBeanServer mbeans = ManagementFactory.getPlatformMBeanServer();
        assertThat(mbeans.queryNames(new ObjectName("io.natskv.connect:connector=" + name + ",*"), null))
                .as("left behind")
                .isEmpty();
    }

    private long metric(String attribute) throws Exception {
        ObjectName mbean = new ObjectName("io.natskv.connect:type=sink-task,connector=" + name + ",task=0");
        return ((Number) ManagementFactory.getPlatformMBeanServer().getAttribute(mbean, attribute)).longValue();
    }

    @Test
    void aTopicThatBeginsAnewUnderTheTaskFailsItInsteadOfLosingRecords() {
        KvBucket bucket = buckets.create(BucketConfig.of(name));
        try (SinkTaskHarness sink = start(false)) {
            for (int i = 0; i < 5; i++) {
                sink.append(partition, "k", "old" + i);
            }
            sink.untilCommitted();
            sink.recreate(partition);
            sink.append(partition, "k", "new");
            assertThatThrownBy(sink::untilCommitted)
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining(partition.toString())
                    .hasMessageContaining(SinkConfig.KAFKA_ADMIN_SERVERS)
                    .hasMessageContaining(SinkConfig.ORIGIN_ID);
        }
        try (SinkTaskHarness sink = start(false, SinkConfig.PROVENANCE, "false")) {
            sink.append(partition, "k", "first");
            sink.append(partition, "k", "second");
            sink.untilCommitted();
            sink.recreate(partition);
            sink.append(partition, "k", "new");
            sink.untilCommitted();
        }
        assertThat(text(bucket.get("k"))).isEqualTo("new");
    }

    @Test
    void headersGoThereAndNoControlHeaders() {
        KvBucket bucket = buckets.create(BucketConfig.of(name));
        try (SinkTaskHarness sink = start(false, SinkConfig.HEADERS_INCLUDE, "*")) {
            sink.append(
                    partition,
                    "k",
                    bytes("v"),
                    headers(headers -> headers.addString("trace", "1").addString("Nats-TTL", "1")));
            sink.untilCommitted();
        }
        KvEntry entry = bucket.get("k");
        assertThat(entry.header("trace")).isEqualTo("1");
        assertThat(entry.header("Nats-TTL")).isNull();
    }

    private SinkTaskHarness start(boolean withReporter, String... settings) {
        return SinkTaskHarness.start(settings(settings), withReporter, partition);
    }

    private Map<String, String> settings(String... more) {
        Map<String, String> settings = new HashMap<>();
        settings.put("name", name);
        settings.put("nats.servers", NATS.url());
        List<String> pairs = List.of(more);
        for (int i = 0; i < pairs.size(); i += 2) {
            settings.put(pairs.get(i), pairs.get(i + 1));
        }
        return settings;
    }

    private static ConnectHeaders headers(Consumer<ConnectHeaders> added) {
        ConnectHeaders headers = new ConnectHeaders();
        added.accept(headers);
        return headers;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(KvEntry entry) {
        return new String(entry.value(), StandardCharsets.UTF_8);
    }
}
