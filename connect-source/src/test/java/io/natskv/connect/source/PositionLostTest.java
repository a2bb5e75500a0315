package io.natskv.connect.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import io.natskv.testing.process.TempFolder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bucket is another one than the one that the offset was taken in. Each test has a server of its own, whose store it may replace. */
class PositionLostTest {
    private static final String NAME = "orders";

    private final StoredOffsets stored = new StoredOffsets();
    private NatsServer server;
    private KvConnection connection;
    private KvBuckets buckets;
    private KvBucket bucket;

    @BeforeEach
    void start() {
        server = NatsServer.start(NatsVersion.latest());
        connect();
        bucket = buckets.create(BucketConfig.of(NAME));
    }

    @AfterEach
    void stop() {
        connection.close();
        server.close();
    }

    private void connect() {
        connection = KvConnection.open(NatsConnectionConfig.of(server.url()));
        buckets = new KvBuckets(connection);
    }

    /** Deleted and made again while the connector was stopped. */
    private void recreate() {
        bucket.put("a", "1");
        bucket.put("b", "2");
        readAndCommit(2);
        buckets.delete(NAME);
        bucket = buckets.create(BucketConfig.of(NAME));
        bucket.put("c", "3");
    }

    /** Set back to an older store while the connector was stopped: what was read last is not there any more. */
    private void restore() {
        bucket.put("a", "1");
        connection.close();
        server.stop();
        try (TempFolder backup = TempFolder.create("backup")) {
            TempFolder.replace(backup.path(), server.storeDir());
            server.restart();
            connect();
            bucket = buckets.open(NAME);
            bucket.put("b", "2");
            bucket.put("c", "3");
            readAndCommit(3);
            connection.close();
            server.stop();
            TempFolder.replace(server.storeDir(), backup.path());
        }
        server.restart();
        connect();
        bucket = buckets.open(NAME);
    }

    @Test
    void failsAndSaysWhatWasFoundAndWhatCanBeDone() {
        recreate();
        try (SourceTaskHarness task = SourceTaskHarness.start(settings("fail"), 1, stored)) {
            assertThatThrownBy(() -> task.read(1))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContainingAll(
                            NAME,
                            "was created anew at",
                            "last revision 1",
                            "position 2",
                            WatchSettings.ON_POSITION_LOST)
                    .hasMessageContainingAll("=snapshot", "=continue", "reset its offsets");
        }
    }

    @Test
    void failsOnARestoredBucket() {
        restore();
        try (SourceTaskHarness task = SourceTaskHarness.start(settings("fail"), 1, stored)) {
            assertThatThrownBy(() -> task.read(1))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContainingAll("ends at revision 1", "below the position 3", "restored");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void beginsAnewWithASnapshot(boolean restored) {
        if (restored) {
            restore();
        } else {
            recreate();
        }
        try (SourceTaskHarness task = SourceTaskHarness.start(settings("snapshot"), 1, stored)) {
            List<SourceRecord> records = task.read(1);
            assertThat(records).extracting(SourceRecord::key).containsExactly(restored ? "a" : "c");
            task.commit(records);
        }
        goesOnFromThere();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void continuesWithWhatChangesFromThenOn(boolean restored) {
        if (restored) {
            restore();
        } else {
            recreate();
        }
        Map<String, String> settings = settings("continue");
        settings.put(LivenessSettings.HEARTBEAT_TOPIC, "beats");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings, 1, stored)) {
            List<SourceRecord> records = new ArrayList<>();
            // The first heartbeat behind the loss stores the new position.
            task.pollUntil(
                    records,
                    () -> records.stream()
                            .anyMatch(record -> record.topic().equals("beats")
                                    && record.sourceOffset()
                                            .get(SourceOffsets.REVISION)
                                            .equals(1L)));
            assertThat(records).extracting(SourceRecord::topic).containsOnly("beats");
            task.commit(records);
        }
        goesOnFromThere();
    }

    /** What was stored before the loss stands at higher revisions than what is stored after it. */
    @Test
    void aFilterGoesOnBehindTheLossAndNotWhereItWasBefore() {
        bucket.put("c", "1");
        connection.close();
        server.stop();
        Map<String, String> settings = settings("continue");
        settings.put(LivenessSettings.HEARTBEAT_TOPIC, "beats");
        try (TempFolder backup = TempFolder.create("backup")) {
            TempFolder.replace(backup.path(), server.storeDir());
            server.restart();
            connect();
            bucket = buckets.open(NAME);
            // An old offset of a wider filter, the filter's own, and its note.
            bucket.put("c", "2");
            bucket.put("c", "3");
            readAndCommit(1);
            settings.put(WatchSettings.KEY_FILTERS, "c");
            for (int i = 4; i <= 6; i++) {
                bucket.put("c", Integer.toString(i));
                try (SourceTaskHarness task = SourceTaskHarness.start(settings, 1, stored)) {
                    readAndCommit(task, i);
                }
            }
            connection.close();
            server.stop();
            TempFolder.replace(server.storeDir(), backup.path());
        }
        server.restart();
        connect();
        bucket = buckets.open(NAME);
        try (SourceTaskHarness task = SourceTaskHarness.start(settings, 1, stored)) {
            readAndCommit(task, 1);
            bucket.put("c", "2");
            readAndCommit(task, 2);
        }
        bucket.put("c", "3, while it was stopped");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings, 1, stored)) {
            assertThat(readAndCommit(task, 3)).extracting(SourceRecord::key).containsOnlyOnce("c");
        }
    }

    /** Until an offset of this revision is committed. */
    private static List<SourceRecord> readAndCommit(SourceTaskHarness task, long revision) {
        List<SourceRecord> records = new ArrayList<>();
        task.pollUntil(
                records,
                () -> records.stream()
                        .anyMatch(record -> record.sourceOffset()
                                .get(SourceOffsets.REVISION)
                                .equals(revision)));
        task.commit(records);
        return records;
    }

    /** With what was committed the position is good again. */
    private void goesOnFromThere() {
        bucket.put("d", "4");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings("fail"), 1, stored)) {
            assertThat(task.read(1)).extracting(SourceRecord::key).containsExactly("d");
        }
    }

    private void readAndCommit(int count) {
        try (SourceTaskHarness task = SourceTaskHarness.start(settings("fail"), 1, stored)) {
            task.commit(task.read(count));
        }
    }

    private Map<String, String> settings(String policy) {
        Map<String, String> settings = new HashMap<>();
        settings.put("name", "test");
        settings.put("nats.servers", server.url());
        settings.put(WatchSettings.BUCKETS, NAME);
        settings.put(WatchSettings.ON_POSITION_LOST, policy);
        settings.put(FlowSettings.POLL_MAX_WAIT_MS, "100");
        return settings;
    }
}
