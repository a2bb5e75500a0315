package io.natskv.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.testing.nats.NatsServer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The run's own buckets on a server of the user's. */
class OwnBucketsTest {
    private final NatsServer nats = NatsServer.builder().start();
    private final KvConnection connection = KvConnection.open(NatsConnectionConfig.of(nats.url()));
    private final KvBuckets buckets = new KvBuckets(connection);
    private final Cleanup cleanup = new Cleanup();
    private final Leftovers leftovers = new Leftovers(
            Options.parse(List.of("--nats", nats.url())).orElseThrow(), connection, "127.0.0.1:9092", cleanup);

    @AfterEach
    void stop() {
        connection.close();
        nats.close();
    }

    @Test
    void whatTheRunCreatedIsRemovedAtTheEnd() {
        Session.create(buckets, "made", leftovers);
        assertThat(buckets.names()).containsExactly("made");

        cleanup.close();

        assertThat(buckets.names()).isEmpty();
    }

    @Test
    void aBucketThatAppearedMeanwhileIsRefusedAndStays() {
        buckets.create(BucketConfig.of("theirs")).put("mine", "kept");

        assertThatThrownBy(() -> Session.create(buckets, "theirs", leftovers))
                .isInstanceOf(UserProblem.class)
                .hasMessageContaining("\"theirs\"");
        cleanup.close();

        assertThat(buckets.open("theirs").keys()).containsExactly("mine");
    }

    @Test
    void readingFromAServerThatHasEndedIsGivenUp() {
        KvBucket bucket = Session.create(buckets, "made", leftovers);
        nats.kill();

        assertThatThrownBy(() -> BucketReader.read(bucket, nats.url(), Duration.ofSeconds(1)))
                .isInstanceOf(UserProblem.class)
                .hasMessageContaining(nats.url());
    }
}
