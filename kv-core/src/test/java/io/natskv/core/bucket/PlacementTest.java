package io.natskv.core.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.api.CompressionOption;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.Placement;
import io.nats.client.api.Republish;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.natskv.core.PatientConnections;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.KvServerException;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Buckets on the servers of a cluster that the caller asks for; each server has a tag of its own here. */
class PlacementTest {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.cluster(NatsVersion.V2_15);

    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private KvConnection connection;
    private KvBuckets buckets;

    @BeforeEach
    void open() {
        connection = PatientConnections.open(NATS.cluster().node(0).url());
        buckets = new KvBuckets(connection);
        for (int i = 0; i < 3; i++) {
            NATS.cluster().node(i).reload("server_tags: [ \"rack:" + i + "\", \"all\" ]");
            KvBucket probe = placed(BucketConfig.builder(name()), "rack:" + i, "all");
            assertThat(leader(probe)).isEqualTo(NATS.cluster().node(i).name());
        }
    }

    @AfterEach
    void close() {
        connection.close();
    }

    private static String name() {
        return "b" + UUID.randomUUID();
    }

    private String cluster() {
        return connection.nats().getServerInfo().getCluster();
    }

    /** The servers tell each other of new tags by and by. */
    private KvBucket placed(BucketConfig.Builder config, String... tags) {
        BucketConfig wanted =
                config.placement(Placement.builder().tags(tags).build()).build();
        return Awaitility.await()
                .atMost(DEADLINE)
                .ignoreExceptions()
                .until(() -> buckets.create(wanted), bucket -> bucket != null);
    }

    private static String leader(KvBucket bucket) {
        return bucket.status().stream().getClusterInfo().getLeader();
    }

    @Test
    void aBucketWithEverySettingLiesWhereItIsAskedFor() {
        String name = name();
        KvBucket bucket = buckets.create(BucketConfig.builder(name)
                .description("everything")
                .history(7)
                .ttl(Duration.ofMinutes(10))
                .limitMarkerTtl(Duration.ofSeconds(30))
                .maxBytes(1 << 20)
                .maxValueSize(2_000)
                .storage(StorageType.File)
                .replicas(3)
                .placement(Placement.builder().cluster(cluster()).tags("all").build())
                .republish(Republish.builder()
                        .source("$KV." + name + ".>")
                        .destination("again." + name + ".>")
                        .headersOnly(true)
                        .build())
                .compression(true)
                .metadata(Map.of("owner", "tests"))
                .build());
        StreamInfo info = bucket.status().stream();
        StreamConfiguration stream = info.getConfiguration();
        assertThat(stream.getDescription()).isEqualTo("everything");
        assertThat(stream.getSubjects()).containsExactly("$KV." + name + ".>");
        assertThat(stream.getMaxMsgsPerSubject()).isEqualTo(7);
        assertThat(stream.getMaxAge()).isEqualTo(Duration.ofMinutes(10));
        assertThat(stream.getDuplicateWindow()).isEqualTo(Duration.ofMinutes(2));
        assertThat(stream.getAllowMessageTtl()).isTrue();
        assertThat(stream.getSubjectDeleteMarkerTtl()).isEqualTo(Duration.ofSeconds(30));
        assertThat(stream.getMaxBytes()).isEqualTo(1 << 20);
        assertThat(stream.getMaximumMessageSize()).isEqualTo(2_000);
        assertThat(stream.getStorageType()).isEqualTo(StorageType.File);
        assertThat(stream.getReplicas()).isEqualTo(3);
        assertThat(stream.getPlacement().getCluster()).isEqualTo(cluster());
        assertThat(stream.getPlacement().getTags()).containsExactly("all");
        assertThat(stream.getRepublish().getDestination()).isEqualTo("again." + name + ".>");
        assertThat(stream.getRepublish().isHeadersOnly()).isTrue();
        assertThat(stream.getCompressionOption()).isEqualTo(CompressionOption.S2);
        assertThat(stream.getMetadata()).containsEntry("owner", "tests");
        assertThat(stream.getDiscardPolicy()).isEqualTo(DiscardPolicy.New);
        assertThat(stream.getAllowRollup()).isTrue();
        assertThat(stream.getDenyDelete()).isTrue();
        assertThat(stream.getAllowDirect()).isTrue();
        assertThat(info.getClusterInfo().getReplicas()).hasSize(2);
        bucket.put("a", "1");
        assertThat(bucket.get("a").value()).asString().isEqualTo("1");
        assertThat(bucket.status().compressed()).isTrue();
    }

    @Test
    void noServerWithTheTagIsToldAndNothingIsMade() {
        BucketConfig nowhere = BucketConfig.builder(name())
                .placement(Placement.builder().tags("rack:9").build())
                .build();
        BucketConfig tooMany = BucketConfig.builder(name())
                .replicas(3)
                .placement(Placement.builder().tags("rack:1").build())
                .build();
        BucketConfig elsewhere = BucketConfig.builder(name())
                .placement(Placement.builder().cluster("elsewhere").build())
                .build();
        for (BucketConfig config : List.of(nowhere, tooMany, elsewhere)) {
            assertThatThrownBy(() -> buckets.create(config))
                    .isInstanceOfSatisfying(
                            KvServerException.class, e -> assertThat(e.code()).isEqualTo(10005))
                    .hasMessageContaining(config.bucket())
                    .hasMessageContaining("no suitable peers for placement");
            assertThatThrownBy(() -> buckets.open(config.bucket())).isInstanceOf(BucketNotFoundException.class);
        }
    }

    @Test
    void anotherPlacementMovesTheBucketWithWhatIsInIt() {
        BucketConfig.Builder config = BucketConfig.builder(name()).history(3);
        KvBucket bucket = placed(config, "rack:1");
        bucket.put("a", "1");
        buckets.update(config.description("the same place").build());
        assertThat(leader(bucket)).isEqualTo(NATS.cluster().node(1).name());
        assertThat(bucket.status().stream().getConfiguration().getPlacement().getTags())
                .containsExactly("rack:1");

        buckets.update(
                config.placement(Placement.builder().tags("rack:2").build()).build());
        Awaitility.await()
                .atMost(DEADLINE)
                .ignoreExceptions()
                .until(() -> leader(bucket).equals(NATS.cluster().node(2).name()));
        assertThat(bucket.get("a").value()).asString().isEqualTo("1");
        assertThat(bucket.put("a", "2")).isEqualTo(2);

        buckets.update(config.placement(null).build());
        Placement none = bucket.status().stream().getConfiguration().getPlacement();
        assertThat(none == null || !none.hasData()).isTrue();
    }
}
