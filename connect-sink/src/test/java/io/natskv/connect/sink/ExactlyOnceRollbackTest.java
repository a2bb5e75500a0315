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
import io.natskv.testing.process.TempFolder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    void whatTheServerHasForgottenIsWrittenAgain() {
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
    void whatTheServerHasForgottenIsWrittenAgainThoughNothingNewComes() {
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
    void aBucketThatHasForgottenItsOffsetIsFilledFromWhereTheTaskBegan() {
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
    void whereTheBeginningIsNotKnownTheTaskFailsOrBeginsWithTheTopic() {
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

    private void keep() {
        server.stop();
        TempFolder.replace(backup, server.storeDir());
        server.restart();
    }

    private void putBack() {
        server.kill();
        TempFolder.replace(server.storeDir(), backup);
        server.restart();
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
