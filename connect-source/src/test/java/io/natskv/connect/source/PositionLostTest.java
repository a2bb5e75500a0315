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
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
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
    private void restore() throws IOException {
        bucket.put("a", "1");
        connection.close();
        server.stop();
        try (TempFolder backup = TempFolder.create("backup")) {
            copy(server.storeDir(), backup.path());
            server.restart();
            connect();
            bucket = buckets.open(NAME);
            bucket.put("b", "2");
            bucket.put("c", "3");
            readAndCommit(3);
            connection.close();
            server.stop();
            delete(server.storeDir());
            copy(backup.path(), server.storeDir());
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
    void failsOnARestoredBucket() throws IOException {
        restore();
        try (SourceTaskHarness task = SourceTaskHarness.start(settings("fail"), 1, stored)) {
            assertThatThrownBy(() -> task.read(1))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContainingAll("ends at revision 1", "below the position 3", "restored");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void beginsAnewWithASnapshot(boolean restored) throws IOException {
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
    void continuesWithWhatChangesFromThenOn(boolean restored) throws IOException {
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

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException error) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
