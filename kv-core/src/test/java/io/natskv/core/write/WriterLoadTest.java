package io.natskv.core.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.PatientConnections;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.write.WriteResult.Outcome;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Many writes at a time. */
class WriterLoadTest {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    @RegisterExtension
    static final NatsServerExtension SERVER = NatsServerExtension.server(NatsVersion.latest());

    private KvConnection connection;
    private KvBucket bucket;

    @BeforeEach
    void open(NatsServer server) {
        connection = PatientConnections.open(server.url());
        bucket = new KvBuckets(connection)
                .create(BucketConfig.of("b" + UUID.randomUUID().toString().replace("-", "")));
    }

    @AfterEach
    void close() {
        connection.close();
    }

    private static byte[] bytes(int value) {
        return Integer.toString(value).getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void aWholeWindowMayBeAReplayOfOneKey() throws Exception {
        int replays = 50_000;
        List<CompletableFuture<WriteResult>> results = new ArrayList<>();
        try (KvWriter writer = bucket.writer(WriterOptions.DEFAULT.withInFlight(replays + 1, 64 << 20))) {
            for (int i = 0; i <= replays; i++) {
                // The first is the last record of the topic: all behind it are there already.
                results.add(writer.submit(
                        KvWrite.put("a", bytes(replays - i)).withOrigin(new KvWrite.Origin("t", 0, replays - i))));
            }
            long revision =
                    results.get(0).get(DEADLINE.toSeconds(), TimeUnit.SECONDS).revision();
            assertThat(writer.flush(DEADLINE)).isTrue();
            assertThat(results.subList(1, replays + 1))
                    .extracting(CompletableFuture::join)
                    .containsOnly(new WriteResult(revision, Outcome.SUPERSEDED));
        }
        assertThat(bucket.get("a").value()).isEqualTo(bytes(replays));
    }

    @Test
    void severalCallersShareASmallWindow() {
        int each = 3_000;
        try (KvWriter writer = bucket.writer(WriterOptions.DEFAULT.withInFlight(7, 200))) {
            List<CompletableFuture<Void>> callers = IntStream.range(0, 4)
                    .mapToObj(caller -> CompletableFuture.runAsync(() -> {
                        for (int i = 0; i < each; i++) {
                            // Also larger ones than the whole window.
                            writer.submit(
                                    KvWrite.put("k" + caller + "." + i % 10, new byte[i % 50 == 0 ? 500 : i % 40]));
                        }
                    }))
                    .toList();
            callers.forEach(CompletableFuture::join);
            assertThat(writer.flush(DEADLINE)).isTrue();
            assertThat(writer.stats().stored()).isEqualTo(4L * each);
            assertThat(writer.stats().inFlight()).isZero();
            assertThat(writer.stats().inFlightBytes()).isZero();
        }
    }
}
