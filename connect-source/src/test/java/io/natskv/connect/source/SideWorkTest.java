package io.natskv.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.bucket.KvBucket;
import io.natskv.core.connect.KvKafkaHeaders;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Heartbeats, notifications, signals and metrics. */
class SideWorkTest extends WithBucket {
    private static final String BEATS = "beats";
    private static final String NOTES = "notes";

    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

    @Override
    NatsServer server() {
        return NATS.server();
    }

    @Test
    void heartbeatsStoreTheOffsetOfAnIdleWatch() {
        bucket.put("a", "old");
        Map<String, String> settings = settings(
                WatchSettings.START_MODE,
                "updates_only",
                LivenessSettings.HEARTBEAT_TOPIC,
                BEATS,
                LivenessSettings.HEARTBEAT_INTERVAL_MS,
                "100");
        StoredOffsets stored = new StoredOffsets();
        List<SourceRecord> beats = new ArrayList<>();
        try (SourceTaskHarness task = SourceTaskHarness.start(settings, 1, stored)) {
            task.pollUntil(beats, () -> beats.size() >= 3);
            task.commit(beats);
        }
        assertThat(beats).allSatisfy(beat -> {
            assertThat(beat.topic()).isEqualTo(BEATS);
            assertThat(beat.key()).isEqualTo("test/" + name + "/>");
            assertThat(text(beat)).contains("\"type\":\"heartbeat\"", "\"state\":\"watching\"", "\"revision\":\"1\"");
        });
        bucket.put("b", "while it was down");
        settings.put(LivenessSettings.HEARTBEAT_INTERVAL_MS, "60000");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings, 1, stored)) {
            List<SourceRecord> records = new ArrayList<>();
            task.pollUntil(records, () -> !data(records).isEmpty());
            assertThat(data(records)).extracting(SourceRecord::key).containsExactly("b");
        }
    }

    @Test
    void heartbeatsStoreTheOffsetBehindWhatIsLeftOut() {
        Map<String, String> settings = settings(
                WatchSettings.IGNORE_DELETES,
                "true",
                LivenessSettings.HEARTBEAT_TOPIC,
                BEATS,
                LivenessSettings.HEARTBEAT_INTERVAL_MS,
                "100");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings)) {
            for (int i = 0; i < 20; i++) {
                bucket.delete("k" + i);
            }
            List<SourceRecord> records = new ArrayList<>();
            task.pollUntil(
                    records,
                    () -> records.stream()
                            .anyMatch(record ->
                                    record.sourceOffset().get("revision").equals(20L)));
            assertThat(data(records)).isEmpty();
        }
    }

    @Test
    void heartbeatsTellThatTheBucketIsGone() {
        bucket.put("a", "1");
        Map<String, String> settings = settings(
                LivenessSettings.HEARTBEAT_TOPIC,
                BEATS,
                LivenessSettings.HEARTBEAT_INTERVAL_MS,
                "100",
                WatchSettings.ON_POSITION_LOST,
                "snapshot");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings)) {
            List<SourceRecord> records = new ArrayList<>();
            task.pollUntil(records, () -> lastState(records).equals("watching"));
            buckets.delete(name);
            task.pollUntil(records, () -> lastState(records).equals("deleted"));
            create(name).put("b", "2");
            task.pollUntil(
                    records,
                    () -> lastState(records).equals("watching")
                            && data(records).stream()
                                    .anyMatch(record -> record.key().equals("b")));
        }
    }

    @Test
    void tellsOfSnapshotsAndOutages() {
        bucket.put("a", "1");
        bucket.put("b", "2");
        Map<String, String> settings = settings(LivenessSettings.NOTIFICATION_TOPIC, NOTES);
        List<SourceRecord> records = new ArrayList<>();
        try (SourceTaskHarness task = SourceTaskHarness.start(settings)) {
            task.pollUntil(records, () -> types(records).contains("snapshot.completed"));
            assertThat(types(records)).containsExactly("snapshot.started", "snapshot.completed");
            assertThat(text(notes(records).get(1))).contains("\"records\":\"2\"", "\"bucket\":\"" + name + "\"");
            assertThat(records.indexOf(notes(records).get(1)))
                    .as("the end comes behind the snapshot's records")
                    .isEqualTo(3);
            server().kill();
            task.pollUntil(records, () -> types(records).contains("interrupted"));
            server().restart();
            task.pollUntil(records, () -> types(records).contains("resumed.after.outage"));
            assertThat(types(records)).filteredOn("interrupted"::equals).hasSize(1);
        }
    }

    /** Keys are written all the time; the snapshot must not put an older value behind a newer one. */
    @Test
    void aSignalledSnapshotNeverOvertakesAChange() throws InterruptedException {
        KvBucket signals = create(name + "-signals");
        for (int i = 0; i < 300; i++) {
            bucket.put("k" + i, "first");
        }
        Map<String, String> settings =
                settings(LivenessSettings.SIGNAL_BUCKET, name + "-signals", LivenessSettings.NOTIFICATION_TOPIC, NOTES);
        long seed = System.nanoTime();
        System.out.println("aSignalledSnapshotNeverOvertakesAChange seed=" + seed);
        AtomicBoolean writing = new AtomicBoolean(true);
        Thread writer = new Thread(() -> {
            Random random = new Random(seed);
            while (writing.get()) {
                String key = "k" + random.nextInt(300);
                if (random.nextInt(4) == 0) {
                    bucket.delete(key);
                } else {
                    bucket.put(key, "v");
                }
            }
        });
        StoredOffsets stored = new StoredOffsets();
        List<SourceRecord> records = new ArrayList<>();
        try (SourceTaskHarness task = SourceTaskHarness.start(settings, 1, stored)) {
            task.pollUntil(records, () -> types(records).contains("snapshot.completed"));
            records.clear();
            writer.start();
            try {
                for (int round = 1; round <= 3; round++) {
                    signals.put("test", signal("snapshot", "\"id\":\"round " + round + "\""));
                    int rounds = round;
                    task.pollUntil(
                            records,
                            () -> types(records).stream()
                                            .filter("snapshot.completed"::equals)
                                            .count()
                                    == rounds);
                }
            } finally {
                writing.set(false);
                writer.join();
            }
            bucket.put("end", "end");
            task.pollUntil(
                    records,
                    () -> data(records).stream().anyMatch(record -> record.key().equals("end")));
            task.commit(records);
        }
        Map<Object, Long> last = new HashMap<>();
        data(records).forEach(record -> {
            long revision = (Long) header(record, KvKafkaHeaders.REVISION);
            assertThat(revision).as("%s", record.key()).isGreaterThanOrEqualTo(last.getOrDefault(record.key(), 0L));
            last.put(record.key(), revision);
        });
        assertThat(data(records).stream().filter(record -> header(record, KvKafkaHeaders.SNAPSHOT) != null))
                .as("records of the snapshots")
                .hasSizeGreaterThan(300);
        assertThat(notes(records)).anyMatch(note -> text(note).contains("\"id\":\"round 3\""));

        // The signals were heeded: a restart does not heed them again, but one that was given meanwhile.
        try (SourceTaskHarness task = SourceTaskHarness.start(settings, 1, stored)) {
            List<SourceRecord> after = new ArrayList<>();
            bucket.put("end", "again");
            task.pollUntil(after, () -> !data(after).isEmpty());
            assertThat(types(after)).isEmpty();
            assertThat(data(after)).hasSize(1);
            task.commit(after);
        }
        signals.put("test.more", signal("snapshot", "\"bucket\":\"" + name + "\",\"filter\":\"k7\""));
        try (SourceTaskHarness task = SourceTaskHarness.start(settings, 1, stored)) {
            List<SourceRecord> after = new ArrayList<>();
            task.pollUntil(after, () -> types(after).contains("snapshot.completed"));
            assertThat(data(after)).hasSize(1).allSatisfy(record -> {
                assertThat(record.key()).isEqualTo("k7");
                assertThat(header(record, KvKafkaHeaders.SNAPSHOT)).isEqualTo("true");
            });
        }
    }

    /** Where reading does not begin with what is there, nothing stands for it. */
    @Test
    void aSnapshotThatWasAskedForBeforeTheFirstStartIsMadeUnlessItIsTheFirst() {
        KvBucket signals = create(name + "-signals");
        bucket.put("a", "1");
        signals.put("test", signal("snapshot", "\"id\":\"before\""));
        Map<String, String> settings =
                settings(LivenessSettings.SIGNAL_BUCKET, name + "-signals", LivenessSettings.NOTIFICATION_TOPIC, NOTES);
        try (SourceTaskHarness task = SourceTaskHarness.start(settings)) {
            List<SourceRecord> records = new ArrayList<>();
            task.pollUntil(records, () -> types(records).contains("snapshot.completed"));
            assertThat(data(records)).as("the snapshot that it begins with").hasSize(1);
            bucket.put("b", "2");
            task.pollUntil(
                    records,
                    () -> data(records).stream().anyMatch(record -> record.key().equals("b")));
            assertThat(data(records)).extracting(SourceRecord::key).containsExactly("a", "b");
        }
        settings.put(WatchSettings.START_MODE, "updates_only");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings)) {
            List<SourceRecord> records = new ArrayList<>();
            task.pollUntil(records, () -> completed(records, "before"));
            assertThat(data(records)).extracting(SourceRecord::key).containsExactly("a", "b");
        }
    }

    /** Also the first of the two records of a delete: a crash between them must not lead back to it. */
    @Test
    void aSignalledSnapshotDoesNotSetTheOffsetBack() {
        KvBucket signals = create(name + "-signals");
        bucket.delete("a");
        bucket.put("b", "1");
        bucket.put("c", "2");
        Map<String, String> settings = settings(
                RecordSettings.RECORD_VALUE,
                "envelope",
                RecordSettings.RECORD_DELETE,
                "envelope_and_tombstone",
                LivenessSettings.SIGNAL_BUCKET,
                name + "-signals",
                LivenessSettings.NOTIFICATION_TOPIC,
                NOTES);
        try (SourceTaskHarness task = SourceTaskHarness.start(settings)) {
            List<SourceRecord> records = new ArrayList<>();
            task.pollUntil(records, () -> types(records).contains("snapshot.completed"));
            records.clear();
            signals.put("test", signal("snapshot", "\"id\":\"again\""));
            task.pollUntil(records, () -> completed(records, "again"));
            assertThat(data(records))
                    .hasSize(4)
                    .allSatisfy(record -> assertThat(record.sourceOffset().get(SourceOffsets.REVISION))
                            .isEqualTo(3L));
        }
    }

    @Test
    void aSignalPausesAndResumesAlsoOverARestart() {
        KvBucket signals = create(name + "-signals");
        KvBucket other = create(name + "-2");
        signals.put("test.ours", signal("pause", "\"bucket\":\"" + name + "\""));
        signals.put("test.nonsense", "{\"type\":\"dance\"}");
        signals.put("another", signal("pause", "\"id\":\"not for us\""));
        bucket.put("a", "1");
        other.put("b", "2");
        Map<String, String> settings = settings(
                LivenessSettings.SIGNAL_BUCKET, name + "-signals", WatchSettings.BUCKETS, name + "," + name + "-2");
        StoredOffsets stored = new StoredOffsets();
        for (int start = 0; start < 2; start++) {
            try (SourceTaskHarness task = SourceTaskHarness.start(settings, 1, stored)) {
                List<SourceRecord> records = new ArrayList<>();
                other.put("b", "start " + start);
                task.pollUntil(
                        records,
                        () -> records.stream().anyMatch(record -> record.topic().equals("kv." + name + "-2")));
                assertThat(records).extracting(SourceRecord::key).containsOnly("b");
                task.commit(records);
            }
        }
        try (SourceTaskHarness task = SourceTaskHarness.start(settings, 1, stored)) {
            signals.put("test.ours", signal("resume", "\"bucket\":\"" + name + "\""));
            List<SourceRecord> records = new ArrayList<>();
            task.pollUntil(
                    records,
                    () -> records.stream().anyMatch(record -> record.key().equals("a")));
        }
    }

    @Test
    void showsHowItIsDoing() throws JMException {
        for (int i = 0; i < 10; i++) {
            bucket.put("k" + i, "v");
        }
        bucket.delete("k0");
        Map<String, String> settings = settings("name", "metrics-" + name);
        MBeanServer jmx = ManagementFactory.getPlatformMBeanServer();
        String task = "io.natskv.connect:type=source-task,connector=metrics-" + name + ",task=0";
        ObjectName watch = new ObjectName(task + ",bucket=" + name + ",filter=" + ObjectName.quote(">"));
        try (SourceTaskHarness harness = SourceTaskHarness.start(settings)) {
            List<SourceRecord> records = new ArrayList<>();
            harness.pollUntil(records, () -> records.size() >= 10);
            harness.pollUntil(records, () -> value(jmx, watch, "snapshot-running") == 0);
            assertThat(value(jmx, new ObjectName(task), "connected")).isEqualTo(1);
            assertThat(value(jmx, watch, "watching")).isEqualTo(1);
            assertThat(value(jmx, watch, "records-put-total")).isEqualTo(9);
            assertThat(value(jmx, watch, "records-delete-total")).isEqualTo(1);
            assertThat(value(jmx, watch, "snapshot-records")).isEqualTo(10);
            assertThat(value(jmx, watch, "lag-revisions")).isZero();
            assertThat(value(jmx, watch, "position-revision")).isEqualTo(11);
            server().kill();
            harness.pollUntil(records, () -> value(jmx, watch, "outages-total") == 1);
            server().restart();
            harness.pollUntil(records, () -> value(jmx, watch, "watching") == 1);
            assertThat(value(jmx, new ObjectName(task), "reconnects-total")).isEqualTo(1);
        }
        assertThat(jmx.isRegistered(watch)).isFalse();
        assertThat(jmx.isRegistered(new ObjectName(task))).isFalse();
    }

    @Test
    void showsItsPositionBeforeTheFirstEntryToo() throws JMException {
        bucket.put("a", "1");
        bucket.put("b", "2");
        String connector = "position-" + name;
        MBeanServer jmx = ManagementFactory.getPlatformMBeanServer();
        ObjectName watch = new ObjectName("io.natskv.connect:type=source-task,connector=" + connector
                + ",task=0,bucket=" + name + ",filter=" + ObjectName.quote(">"));
        Map<String, String> settings = settings("name", connector, WatchSettings.START_MODE, "updates_only");
        try (SourceTaskHarness harness = SourceTaskHarness.start(settings)) {
            List<SourceRecord> records = new ArrayList<>();
            harness.pollUntil(records, () -> jmx.isRegistered(watch) && value(jmx, watch, "position-revision") == 2);
            assertThat(records).isEmpty();
        }
    }

    private static long value(MBeanServer jmx, ObjectName name, String attribute) {
        try {
            return ((Number) jmx.getAttribute(name, attribute)).longValue();
        } catch (JMException e) {
            throw new AssertionError(e);
        }
    }

    private static String signal(String type, String more) {
        return "{\"type\":\"" + type + "\"," + more + "}";
    }

    private static List<SourceRecord> data(List<SourceRecord> records) {
        return records.stream()
                .filter(record -> record.topic().startsWith("kv."))
                .toList();
    }

    private static List<SourceRecord> notes(List<SourceRecord> records) {
        return records.stream().filter(record -> record.topic().equals(NOTES)).toList();
    }

    private static String lastState(List<SourceRecord> records) {
        return records.stream()
                .filter(record -> record.topic().equals(BEATS))
                .map(record -> text(record).replaceAll(".*\"state\":\"([^\"]*)\".*", "$1"))
                .reduce("", (before, last) -> last);
    }

    private static boolean completed(List<SourceRecord> records, String id) {
        return notes(records).stream()
                .map(SideWorkTest::text)
                .anyMatch(text -> text.contains("snapshot.completed") && text.contains("\"id\":\"" + id + "\""));
    }

    private static List<String> types(List<SourceRecord> records) {
        return notes(records).stream()
                .map(record -> text(record).replaceAll(".*\"type\":\"([^\"]*)\".*", "$1"))
                .toList();
    }

    private static String text(SourceRecord record) {
        if (record.value() instanceof Map<?, ?> map) {
            return "\"type\":\"" + map.get("type") + "\",\"id\":\"" + map.get("id") + "\"";
        }
        return new String((byte[]) record.value(), StandardCharsets.UTF_8);
    }
}
