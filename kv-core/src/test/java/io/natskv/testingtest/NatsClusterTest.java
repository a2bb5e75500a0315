package io.natskv.testingtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.Connection;
import io.nats.client.KeyValue;
import io.nats.client.api.KeyValueConfiguration;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsCluster;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

// jnats declares close() to throw InterruptedException, which the lint "try" reports at every use.
@SuppressWarnings("try")
class NatsClusterTest {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.cluster(NatsVersion.latest());

    @Test
    void electsAMetaLeaderAndTakesThreeReplicas(NatsCluster cluster) throws Exception {
        assertThat(cluster.urls()).hasSize(3).doesNotHaveDuplicates();
        assertThat(cluster.metaLeader()).isPresent().get().isIn(cluster.nodes());
        try (Connection connection = cluster.connect()) {
            bucket(connection, "replicated").put("key", "value");
        }
        assertThat(cluster.followersOf("KV_replicated")).hasSize(2).doesNotContain(cluster.leaderOf("KV_replicated"));
    }

    @Test
    void survivesTheKillOfAStreamsLeader(NatsCluster cluster) throws Exception {
        try (Connection connection = cluster.connect()) {
            bucket(connection, "killed").put("key", "value");
        }
        cluster.awaitReplicas("KV_killed");
        NatsServer leader = cluster.leaderOf("KV_killed");

        leader.kill();

        assertThat(cluster.leaderOf("KV_killed")).isNotEqualTo(leader);
        leader.restart();
        cluster.awaitReady();
        cluster.awaitReplicas("KV_killed");
        try (Connection connection = leader.connect()) {
            assertThat(connection.keyValue("killed").get("key").getValueAsString())
                    .isEqualTo("value");
        }
    }

    @Test
    void survivesAPausedStreamLeader(NatsCluster cluster) throws Exception {
        try (Connection connection = cluster.connect()) {
            bucket(connection, "paused").put("key", "value");
        }
        NatsServer leader = cluster.leaderOf("KV_paused");

        leader.pause();

        assertThat(cluster.leaderOf("KV_paused")).isNotEqualTo(leader);
        leader.resume();
        cluster.awaitReplicas("KV_paused");
    }

    @Test
    void stepDownMovesTheLeader(NatsCluster cluster) throws Exception {
        try (Connection connection = cluster.connect()) {
            bucket(connection, "moved").put("key", "value");
        }
        cluster.awaitReplicas("KV_moved");
        NatsServer before = cluster.leaderOf("KV_moved");

        assertThat(cluster.stepDown("KV_moved")).isNotEqualTo(before).isEqualTo(cluster.leaderOf("KV_moved"));
    }

    private static KeyValue bucket(Connection connection, String name) throws Exception {
        connection
                .keyValueManagement()
                .create(KeyValueConfiguration.builder().name(name).replicas(3).build());
        return connection.keyValue(name);
    }
}
