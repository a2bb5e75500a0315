package io.natskv.core.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.api.StorageType;
import io.natskv.core.KvEntry;
import io.natskv.core.PatientConnections;
import io.natskv.core.connection.KvConnection;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A server cuts a client for which more waits than {@code max_pending}: what is asked for at once has to stay below. */
class LargeReadTest {
    private static final int SIZE = 1_000_000;

    @ParameterizedTest
    @EnumSource(names = {"V2_9", "V2_15"})
    void manyLargeValuesDoNotCostTheConnection(NatsVersion version) {
        try (NatsServer server = NatsServer.builder()
                        .version(version)
                        .config("max_pending: 24MB")
                        .start();
                KvConnection connection = PatientConnections.open(server.url())) {
            KvBucket bucket = new KvBuckets(connection)
                    .create(BucketConfig.builder("b")
                            .storage(StorageType.Memory)
                            .build());
            List<String> keys = IntStream.range(0, 60).mapToObj(i -> "k" + i).toList();
            for (int i = 0; i < keys.size(); i++) {
                bucket.put(keys.get(i), filled(i));
            }
            Map<String, KvEntry> found = bucket.getAll(keys);
            assertThat(found).containsOnlyKeys(keys);
            for (int i = 0; i < keys.size(); i++) {
                assertThat(Arrays.equals(found.get(keys.get(i)).value(), filled(i)))
                        .as(keys.get(i))
                        .isTrue();
            }
            assertThat(connection.reconnects()).isZero();
            assertThat(server.logTail()).doesNotContain("Slow Consumer");
        }
    }

    private static byte[] filled(int i) {
        byte[] value = new byte[SIZE];
        Arrays.fill(value, (byte) i);
        return value;
    }
}
