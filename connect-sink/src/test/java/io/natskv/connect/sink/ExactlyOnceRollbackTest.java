package io.natskv.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.exactlyonce.ExactlyOnceConfig;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server comes back as it was before: after a loss of power, or from a backup of its store. */
class ExactlyOnceRollbackTest {
    private static final String BUCKET = "orders";
    private static final TopicPartition PARTITION = new TopicPartition("orders", 0);

    @TempDir
    Path backup;

    private NatsServer server;

    @BeforeEach
    void start() {
        server = NatsServer.start(NatsVersion.V2_15);
        try (KvConnection connection = connect()) {
            new KvBuckets(connection).create(BucketConfig.of(BUCKET));
        }
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void whatTheServerHasForgottenIsWrittenAgain() throws IOException {
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, PARTITION)) {
            fill(sink, 0, 50);
            sink.untilCommitted();
            keep();
            fill(sink, 50, 100);
            sink.untilCommitted();
            putBack();
            fill(sink, 100, 120);
            sink.untilCommitted();
        }
        assertThat(keys()).hasSize(120);
    }

    @Test
    void whatTheServerHasForgottenIsWrittenAgainThoughNothingNewComes() throws IOException {
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, PARTITION)) {
            fill(sink, 0, 50);
            sink.untilCommitted();
            keep();
            fill(sink, 50, 100);
            sink.untilCommitted();
            putBack();
            Awaitility.await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> {
                sink.iterate();
                return keys().size() == 100;
            });
        }
    }

    @Test
    void aBucketThatHasForgottenItsOffsetIsFilledFromWhereTheTaskBegan() throws IOException {
        keep();
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, PARTITION)) {
            fill(sink, 0, 100);
            sink.untilCommitted();
            putBack();
            fill(sink, 100, 120);
            sink.untilCommitted();
        }
        assertThat(keys()).hasSize(120);
    }

    @Test
    void whereTheBeginningIsNotKnownTheTaskFailsOrBeginsWithTheTopic() throws IOException {
        keep();
        Map<String, String> settings = settings();
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, PARTITION)) {
            fill(sink, 0, 50);
            sink.untilCommitted();
        }
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, PARTITION)) {
            fill(sink, 0, 100);
            sink.untilCommitted();
            putBack();
            fill(sink, 100, 120);
            assertThatThrownBy(sink::untilCommitted)
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("up to offset 100")
                    .hasMessageContaining(ExactlyOnceConfig.ON_OFFSET_MISMATCH);
        }
        settings.put(ExactlyOnceConfig.ON_OFFSET_MISMATCH, "reset");
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, PARTITION)) {
            fill(sink, 0, 50);
            sink.untilCommitted();
        }
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, PARTITION)) {
            fill(sink, 0, 100);
            sink.untilCommitted();
            putBack();
            fill(sink, 100, 120);
            sink.untilCommitted();
        }
        assertThat(keys()).hasSize(120);
    }

    private void keep() throws IOException {
        server.stop();
        copy(server.storeDir(), backup);
        server.restart();
    }

    private void putBack() throws IOException {
        server.kill();
        copy(backup, server.storeDir());
        server.restart();
    }

    private static void copy(Path from, Path to) throws IOException {
        if (Files.exists(to)) {
            try (Stream<Path> old = Files.walk(to)) {
                for (Path file : old.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    private List<String> keys() {
        try (KvConnection connection = connect()) {
            return new KvBuckets(connection).open(BUCKET).keys();
        }
    }

    private KvConnection connect() {
        return KvConnection.open(NatsConnectionConfig.of(server.url()));
    }

    private static void fill(SinkTaskHarness sink, int from, int to) {
        for (int i = from; i < to; i++) {
            sink.append(PARTITION, "k" + i, "v" + i);
        }
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>();
        settings.put("name", "rollback");
        settings.put("nats.servers", server.url());
        settings.put(SinkConfig.BUCKET_TEMPLATE, BUCKET);
        settings.put(SinkConfig.DELIVERY, "exactly_once");
        settings.put(SinkConfig.ACK_TIMEOUT_MS, "1000");
        return settings;
    }
}
