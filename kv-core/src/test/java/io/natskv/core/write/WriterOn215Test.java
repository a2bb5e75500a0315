package io.natskv.core.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.core.KvHeaders;
import io.natskv.core.PatientConnections;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class WriterOn215Test extends WriterContract {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.V2_15);

    @Override
    NatsServer server() {
        return NATS.server();
    }

    @Test
    void aTimeToLiveGoesWithTheWriteAndKeepsItFromCoalescing() {
        try (KvConnection connection = PatientConnections.open(server().url())) {
            KvBucket bucket = new KvBuckets(connection)
                    .create(BucketConfig.builder("ttl" + System.nanoTime())
                            .history(10)
                            .limitMarkerTtl(Duration.ofMinutes(1))
                            .build());
            byte[] value = "v".getBytes(StandardCharsets.UTF_8);
            try (KvWriter writer = bucket.writer(WriterOptions.DEFAULT.withCoalesce(true))) {
                server().pause();
                List<CompletableFuture<WriteResult>> results = Stream.of(
                                KvWrite.put("a", value),
                                KvWrite.put("a", value).withTtl(Duration.ofMillis(60_001)),
                                KvWrite.put("a", value),
                                KvWrite.purge("a").withTtl(Duration.ofHours(1)))
                        .map(writer::submit)
                        .toList();
                server().resume();
                assertThat(results)
                        .allSatisfy(result -> assertThat(result.get().outcome()).isEqualTo(WriteResult.Outcome.STORED));
                writer.submit(KvWrite.put("b", value).withTtl(Duration.ofMillis(60_001)))
                        .join();
            } finally {
                server().resume();
            }
            assertThat(ttl(connection, bucket, "a")).isEqualTo("3600");
            assertThat(ttl(connection, bucket, "b")).isEqualTo("61");
        }
    }

    private static String ttl(KvConnection connection, KvBucket bucket, String key) {
        return connection
                .api()
                .lastMessage(bucket.subjects().stream(), bucket.subjects().readSubject(key))
                .join()
                .getHeaders()
                .getLast(KvHeaders.TTL);
    }

    @Test
    void aTimeToLiveIsPositive() {
        KvWrite write = KvWrite.delete("a");
        assertThatThrownBy(() -> write.withTtl(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
    }
}
