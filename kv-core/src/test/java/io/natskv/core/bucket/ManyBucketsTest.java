package io.natskv.core.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.api.StorageType;
import io.natskv.core.PatientConnections;
import io.natskv.core.connection.KvConnection;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** More buckets than the server tells in one answer. */
class ManyBucketsTest {
    private static final int BUCKETS = 1_100;

    @ParameterizedTest
    @EnumSource(names = {"V2_9", "V2_15"})
    void allAreListed(NatsVersion version) {
        try (NatsServer server = NatsServer.start(version);
                KvConnection connection = PatientConnections.open(server.url())) {
            KvBuckets buckets = new KvBuckets(connection);
            List<String> names = IntStream.range(0, BUCKETS)
                    .mapToObj(i -> String.format("b%04d", i))
                    .toList();
            names.stream()
                    .map(name -> buckets.createAsync(BucketConfig.builder(name)
                            .storage(StorageType.Memory)
                            .build()))
                    .toList()
                    .forEach(CompletableFuture::join);
            assertThat(buckets.names()).containsExactlyElementsOf(names);
        }
    }
}
