package io.natskv.core.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nats.client.Connection;
import io.natskv.core.KvEntry;
import io.natskv.core.PatientConnections;
import io.natskv.core.TappedConnection;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.UnavailableException;
import io.natskv.core.watch.WatchOptions;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
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

    /** As in a listing that a replica answers which has only now caught up. */
    @Test
    @SuppressWarnings("try") // closing a connection may be interrupted
    void aKeyThatComesTwiceIsListedWhereItCameLast(NatsServer server) throws Exception {
        AtomicBoolean asked = new AtomicBoolean();
        try (Connection nats = server.connect();
                KvConnection tapped = KvConnection.using(
                        TappedConnection.of(nats, sent -> {
                            // All was read, and the leader is asked whether that was all.
                            if (sent.subject().contains("STREAM.MSG.GET") && !asked.getAndSet(true)) {
                                bucket.put("k.1", "later");
                            }
                            return true;
                        }),
                        "$JS.API.",
                        LONG)) {
            assertThat(new KvBuckets(tapped).open("whole").keys())
                    .hasSize(KEYS - 1)
                    .startsWith("k.2", "k.3")
                    .endsWith("k.1");
        }
        assertThat(asked).isTrue();
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
