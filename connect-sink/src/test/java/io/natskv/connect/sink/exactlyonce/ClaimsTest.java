package io.natskv.connect.sink.exactlyonce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.delivery.SinkMetrics;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where a claim goes on, by what is stored and what Kafka says of the topic. */
class ClaimsTest {
    private static final TopicPartition PARTITION = new TopicPartition("orders", 0);

    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.V2_15);

    @ParameterizedTest
    @CsvSource({
        // stored id, id now, end, goes on at
        "a, a, 200, 100",
        "a, a, 10, 10", // has lost its end
        "a, b, 10, 0",
        "a, b, 200, 0",
        "'', a, 10, 0", // another topic, for all that is known
        "a, '', 10, 0",
        "'', '', 10, 0",
        "'', a, 200, 100",
        "'', '', -1, 100",
    })
    void aMismatchIsResetToWhatTheTopicHolds(String storedId, String id, long end, long next) {
        assertThat(claim(storedId, new TopicLog.State(id, end, -1), true)).isEqualTo(next);
    }

    @Test
    void aMismatchFailsTheClaimIfItIsNotToBeReset() {
        assertThatThrownBy(() -> claim("", new TopicLog.State("a", 10, -1), false))
                .hasCauseInstanceOf(OffsetMismatch.class)
                .hasMessageContaining("ends at offset 10");
    }

    @Test
    void aGroupAheadOfAnothersOffsetIsTold() {
        Claims claims = new Claims(
                "now",
                partition -> CompletableFuture.completedFuture(TopicLog.State.UNKNOWN),
                false,
                new ExactlyOnceMeter(new SinkMetrics()));
        StoredOffset none = StoredOffset.none("claims", PARTITION);
        StoredOffset others = none.claimedBy("before", 100, "");
        assertThat(claims.isBehindGroup(others, new TopicLog.State("", -1, 101)))
                .isTrue();
        assertThat(claims.isBehindGroup(others, new TopicLog.State("", -1, 100)))
                .isFalse();
        assertThat(claims.isBehindGroup(others, TopicLog.State.UNKNOWN)).isFalse();
        assertThat(claims.isBehindGroup(none.claimedBy("now", 100, ""), new TopicLog.State("", -1, 101)))
                .isFalse();
        assertThat(claims.isBehindGroup(none, new TopicLog.State("", -1, 101))).isFalse();
    }

    private static long claim(String storedId, TopicLog.State state, boolean reset) {
        SinkConfig settings = new SinkConfig(Map.of("name", "claims", "nats.servers", NATS.url()));
        ExactlyOnceMeter meter = new ExactlyOnceMeter(new SinkMetrics());
        try (KvConnection connection = KvConnection.open(NatsConnectionConfig.of(NATS.url()))) {
            new KvBuckets(connection).create(BucketConfig.of("orders"));
            OffsetStore store = OffsetStore.open(
                            connection, "orders", new ExactlyOnceConfig(settings), Duration.ofSeconds(5))
                    .join();
            long held = store.read(PARTITION).join().revision();
            store.write(List.of(), StoredOffset.none("claims", PARTITION).claimedBy("before", 100, storedId), held)
                    .join();
            return new Claims("now", partition -> CompletableFuture.completedFuture(state), reset, meter)
                    .claim(store, PARTITION, StoredOffset.NONE, OptionalLong.empty(), () -> true)
                    .join()
                    .offset()
                    .next();
        }
    }
}
