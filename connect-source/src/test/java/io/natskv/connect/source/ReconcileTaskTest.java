package io.natskv.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.connect.source.reconcile.KafkaExtension;
import io.natskv.connect.source.reconcile.ReconcileSettings;
import io.natskv.connect.source.reconcile.TestTopic;
import io.natskv.core.connect.KvKafkaHeaders;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import javax.management.JMException;
import javax.management.ObjectName;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tasks whose topic has to become a true copy of the bucket again. */
class ReconcileTaskTest extends WithBucket {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

    @RegisterExtension
    static final KafkaExtension KAFKA = new KafkaExtension();

    private static final String DEAD = "dead";

    private final StoredOffsets stored = new StoredOffsets();
    private final List<SourceRecord> records = new ArrayList<>();
    private TestTopic topic;

    @Override
    NatsServer server() {
        return NATS.server();
    }

    @BeforeEach
    void createTopic() {
        topic = TestTopic.create(KAFKA.broker(), "kv." + name);
        IntStream.range(0, 20).forEach(i -> bucket.put("k" + i, "v" + i));
        try (SourceTaskHarness task = start("off")) {
            run(task, () -> records.size() == 20);
        }
        records.clear();
    }

    @AfterEach
    void closeTopic() {
        topic.close();
    }

    @Test
    void keysWhoseMarkersWerePurgedGetTombstones() {
        bucket.delete("k3");
        bucket.purge("k4");
        vanish("k3");
        vanish("k4");
        vanish("k5"); // as by a purge of the stream, or expiry without markers
        bucket.put("k6", "new");
        try (SourceTaskHarness task = start("on_gap")) {
            run(task, this::isReconciled);
        }
        assertTopicIsBucket();
        assertThat(reconciled()).containsExactlyInAnyOrder("k3", "k4", "k5");
        assertThat(records)
                .filteredOn(record -> record.headers().lastWithName(KvKafkaHeaders.RECONCILED) != null)
                .allSatisfy(record -> {
                    assertThat(record.value()).isNull();
                    assertThat(header(record, KvKafkaHeaders.OPERATION)).isEqualTo("PURGE");
                });
    }

    @Test
    void aReconciliationThatWasCutOffIsMadeGoodAfterARestart() {
        vanish("k3");
        bucket.put("k6", "new");
        try (SourceTaskHarness task = start("on_gap")) {
            task.pollUntil(records, () -> !records.isEmpty());
            task.commit(records); // in Kafka, but the rest of the run is not
            records.forEach(this::send);
        }
        assertThat(stored.all().get(0)).containsEntry("reconcile", "pending");
        try (SourceTaskHarness task = start("on_gap")) {
            run(task, this::isReconciled);
        }
        assertTopicIsBucket();
        assertThat(stored.all().get(0)).as("behind the last correction").doesNotContainKey("reconcile");
    }

    @ParameterizedTest
    @CsvSource({"snapshot", "continue"})
    void aBucketThatWasMadeAnewIsCopied(String policy) {
        buckets.delete(name);
        bucket = create(name);
        // The same revision as before, but another value: only the time tells.
        bucket.put("k0", "other");
        bucket.put("new", "x");
        try (SourceTaskHarness task = start("on_gap", WatchSettings.ON_POSITION_LOST, policy)) {
            run(task, this::isReconciled);
        }
        assertTopicIsBucket();
    }

    /** The comparison began with the old bucket, and the watch has not noticed yet: what the new one holds is not handed over ahead of it. */
    @Test
    void aBucketThatIsMadeAnewMeanwhileIsHandedOverOnce() throws Exception {
        try (KafkaProducer<String, byte[]> other = new KafkaProducer<>(
                        Map.of("bootstrap.servers", KAFKA.broker().bootstrap(), "transactional.id", name),
                        new StringSerializer(),
                        new ByteArraySerializer());
                SourceTaskHarness task = start("on_gap", WatchSettings.ON_POSITION_LOST, "snapshot")) {
            other.initTransactions();
            other.beginTransaction();
            other.send(new ProducerRecord<>(topic.name(), 0, "aborted", new byte[0]))
                    .get();
            run(task, this::isComparing); // which waits for the end of the transaction
            buckets.delete(name);
            bucket = create(name);
            bucket.put("k0", "other");
            bucket.put("new", "x");
            other.abortTransaction();
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> !isComparing());
            run(task, this::isReconciled);
        }
        assertTopicIsBucket();
        assertThat(records)
                .filteredOn(record -> record.value() != null && !record.key().equals("probe"))
                .extracting(SourceRecord::key)
                .containsExactly("k0", "new");
        assertThat(reconciled())
                .as("by the run behind the snapshot")
                .hasSize(19)
                .doesNotContain("k0", "new");
    }

    private boolean isComparing() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("test-0-reconcile-" + name + "->"));
    }

    @Test
    void anIntervalFindsWhatVanishesWhileItRuns() {
        try (SourceTaskHarness task = start("1s")) {
            run(task, () -> true);
            vanish("k7");
            run(task, () -> reconciled().contains("k7"));
            vanish("k8");
            run(task, () -> reconciled().contains("k8"));
        }
        assertTopicIsBucket();
    }

    /** Nothing is left behind the watch's position that would tell. */
    @Test
    void whatVanishesInAnOutageGetsATombstone() {
        try (SourceTaskHarness task = start("on_gap")) {
            run(task, this::isReconciled);
            server().kill();
            run(task, () -> metric(",bucket=" + name + ",filter=" + ObjectName.quote(">"), "outages-total") >= 1);
            server().restart();
            Awaitility.await().ignoreExceptions().until(() -> bucket.status().values() > 0);
            vanish("k3");
            run(task, () -> reconciled().contains("k3"));
        }
        assertTopicIsBucket();
    }

    @Test
    void whatVanishesInAPauseGetsATombstone() {
        String signals = name + "-signals";
        String watch = ",bucket=" + name + ",filter=" + ObjectName.quote(">");
        create(signals).put("other", "x");
        try (SourceTaskHarness task = start("on_gap", LivenessSettings.SIGNAL_BUCKET, signals)) {
            run(task, this::isReconciled);
            buckets.open(signals).put("test", "{\"type\":\"pause\"}");
            run(task, () -> metric(watch, "paused") == 1);
            vanish("k3");
            buckets.open(signals).put("test", "{\"type\":\"resume\"}");
            run(task, () -> reconciled().contains("k3"));
        }
        assertTopicIsBucket();
    }

    @Test
    void anEntryOfWhichNoRecordCanBeMadeIsToldOnce() {
        bucket.put("bad", new byte[] {(byte) 0xff});
        String[] deadLetters = {
            RecordSettings.RECORD_VALUE,
            "string",
            RecordSettings.ERRORS_DECODE,
            "dead_letter",
            RecordSettings.ERRORS_DECODE_TOPIC,
            DEAD
        };
        try (SourceTaskHarness task = start("1s", deadLetters)) {
            for (String key : List.of("k7", "k8", "k9")) { // each is found by another run
                vanish(key);
                run(task, () -> reconciled().contains(key));
            }
            assertThat(records)
                    .filteredOn(record -> record.topic().equals(DEAD))
                    .extracting(SourceRecord::key)
                    .containsExactly("bad");
            assertThat(metric("", "records-undecodable-total")).isEqualTo(1);
        }
    }

    private static long metric(String tags, String attribute) {
        try {
            ObjectName task = new ObjectName("io.natskv.connect:type=source-task,connector=test,task=0" + tags);
            return ((Number) ManagementFactory.getPlatformMBeanServer().getAttribute(task, attribute)).longValue();
        } catch (JMException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void goesOnWhenKafkaIsBack() {
        vanish("k3");
        KAFKA.broker().stop();
        try (SourceTaskHarness task = start("on_gap", "reconcile.consumer.default.api.timeout.ms", "2000")) {
            List<SourceRecord> none = new ArrayList<>();
            task.pollInto(none);
            KAFKA.broker().restart();
            run(task, this::isReconciled);
        }
        assertTopicIsBucket();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "reconcile.consumer.bootstrap.servers || reconcile.consumer.bootstrap.servers | Is needed",
                "record.key | key_and_revision | reconcile | record.key=key",
                "topic.template | t.${key} | reconcile | one topic for each bucket",
                "kv.ignore.deletes | true | reconcile | kv.ignore.deletes=false",
                "start.mode | updates_only | reconcile | start.mode=snapshot",
                "loop.prevention | true | reconcile | loop.prevention=false",
                "key.converter | org.apache.kafka.connect.json.JsonConverter | key.converter | StringConverter",
                "transforms.x.type | org.apache.kafka.connect.transforms.RegexRouter | transforms | RegexRouter",
                "transforms.x.type | org.apache.kafka.connect.transforms.HoistField$Value | transforms | HoistField",
                "transforms.x.type | org.apache.kafka.connect.transforms.ExtractField$Value | transforms | ExtractField",
                "topic.template | kv/${bucket} | topic.template | is not legal",
                "transforms.x.type | com.example.Custom | transforms | com.example.Custom",
                "reconcile | soon | reconcile | must be off, on_gap or an interval",
                "reconcile | 10ms | reconcile | must be off, on_gap or an interval",
                "reconcile.consumer.bootstrap.servers | 127.0.0.1:1 | reconcile.consumer.bootstrap.servers | do not answer",
                "reconcile.consumer.bootstrap.servers | nonsense | reconcile.consumer.bootstrap.servers | Invalid url",
            })
    void isRefusedWhereItCantBeRight(String setting, String value, String blamed, String message) {
        Map<String, String> settings = reconciling("on_gap");
        settings.put("transforms", "x");
        settings.put("transforms.x.type", "org.apache.kafka.connect.transforms.InsertHeader");
        settings.put("topic.partitions", "2");
        settings.put(setting, value == null ? "" : value);
        assertThat(errors(settings))
                .hasEntrySatisfying(blamed, errors -> assertThat(errors).anyMatch(error -> error.contains(message)));
    }

    @Test
    void theBrokersAreTriedWhereNoTopicIsKnown() {
        Map<String, String> settings = reconciling("on_gap", WatchSettings.BUCKETS_PATTERN, name + ".*");
        settings.remove(WatchSettings.BUCKETS);
        assertThat(errors(settings)).isEmpty();
        settings.put(ReconcileSettings.BOOTSTRAP_SERVERS, "127.0.0.1:1");
        assertThat(errors(settings)).containsOnlyKeys(ReconcileSettings.BOOTSTRAP_SERVERS);
    }

    @Test
    void isAcceptedWhereItIs() {
        assertThat(errors(reconciling("on_gap"))).isEmpty();
        assertThat(errors(reconciling("6h"))).isEmpty();
    }

    private static Map<String, List<String>> errors(Map<String, String> settings) {
        Map<String, List<String>> errors = new HashMap<>();
        for (ConfigValue value : new NatsKvSourceConnector().validate(settings).configValues()) {
            if (!value.errorMessages().isEmpty()) {
                errors.put(value.name(), value.errorMessages());
            }
        }
        return errors;
    }

    private Map<String, String> reconciling(String reconcile, String... more) {
        Map<String, String> settings = settings(more);
        settings.put(ReconcileSettings.RECONCILE, reconcile);
        settings.put(ReconcileSettings.BOOTSTRAP_SERVERS, KAFKA.broker().bootstrap());
        settings.put("key.converter", "org.apache.kafka.connect.storage.StringConverter");
        settings.put("value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
        return settings;
    }

    private SourceTaskHarness start(String reconcile, String... more) {
        return SourceTaskHarness.start(reconciling(reconcile, more), 1, stored);
    }

    /** As a worker: writes what the task hands over, and tells it when it is stored. */
    private void run(SourceTaskHarness task, BooleanSupplier until) {
        task.pollUntil(records, this::send, until);
        task.commit(records);
    }

    private void send(SourceRecord record) {
        Map<String, String> headers = new HashMap<>();
        for (Header header : record.headers()) {
            headers.put(header.key(), header.value().toString());
        }
        if (!record.topic().equals(DEAD)) {
            byte[] value = record.value() instanceof String text
                    ? text.getBytes(StandardCharsets.UTF_8)
                    : (byte[]) record.value();
            topic.send((String) record.key(), value, record.timestamp(), headers);
            topic.flush();
        }
    }

    /** A record behind the run tells that it is over: its offset has no mark any more. */
    private boolean isReconciled() {
        bucket.put("probe", "p" + records.size());
        return !records.isEmpty()
                && !records.get(records.size() - 1).sourceOffset().containsKey(SourceOffsets.RECONCILE);
    }

    private void vanish(String key) {
        connection
                .api()
                .purge(bucket.subjects().stream(), bucket.subjects().readSubject(key), Long.MAX_VALUE >> 1)
                .join();
    }

    private List<String> reconciled() {
        return records.stream()
                .filter(record -> record.headers().lastWithName(KvKafkaHeaders.RECONCILED) != null)
                .map(record -> (String) record.key())
                .toList();
    }

    private void assertTopicIsBucket() {
        Map<String, String> state = new HashMap<>();
        bucket.keys().forEach(key -> state.put(key, new String(bucket.get(key).value(), StandardCharsets.UTF_8)));
        Map<String, String> copy = new HashMap<>(topic.state());
        copy.remove("probe"); // written on
        state.remove("probe");
        assertThat(copy).isEqualTo(state);
    }
}
