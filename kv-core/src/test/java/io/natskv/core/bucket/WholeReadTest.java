package io.natskv.core.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.natskv.core.KvEntry;
import io.natskv.core.PatientConnections;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.UnavailableException;
import io.natskv.core.watch.WatchOptions;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class WholeReadTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final int KEYS = 3_000;

    @RegisterExtension
    static final NatsServerExtension SERVERS = NatsServerExtension.server(NatsVersion.V2_15);

    private KvConnection connection;
    private KvBucket bucket;

    @BeforeEach
    void fill(NatsServer server) {
        connection = PatientConnections.open(server.url());
        KvBuckets buckets = new KvBuckets(connection);
        bucket = buckets.createOrUpdate(BucketConfig.of("whole"));
        for (int i = 0; i < KEYS; i++) {
            bucket.putAsync("k." + i, new byte[] {1});
        }
        bucket.delete("k.0");
    }

    @AfterEach
    void close() {
        connection.close();
    }

    @Test
    void whatMovesToTheEndWhileItIsReadIsFoundThere() {
        Map<String, KvEntry> found = new HashMap<>();
        bucket.read(WatchOptions.DEFAULT.withBuffer(100, 1 << 20), LONG, LONG, entry -> {
            found.put(entry.key(), entry);
            if (found.size() % 100 == 0 && found.size() < KEYS) {
                // Always ahead of the reader, until it has read what lies between.
                bucket.put("k." + (KEYS - 1), "later");
            }
        });
        assertThat(found).hasSize(KEYS);
        assertThat(found.get("k.0").operation().isMarker()).isTrue();
        KvEntry last = bucket.get("k." + (KEYS - 1));
        assertThat(found.get(last.key()).revision()).isEqualTo(last.revision());
    }

    @Test
    void anOutageIsWaitedForAsLongAsAsked(NatsServer server) {
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> bucket.read(
                        WatchOptions.DEFAULT.withBuffer(2, 1 << 20), LONG, Duration.ofMillis(500), entry -> {
                            if (server.alive()) {
                                server.kill();
                            }
                        }))
                .withMessageContaining("\"whole\"")
                .withMessageContaining("out of reach for PT0.5S");
    }
}
