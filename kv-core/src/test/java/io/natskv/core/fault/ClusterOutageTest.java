package io.natskv.core.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.Connection;
import io.natskv.core.PatientConnections;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriteResult;
import io.natskv.core.write.WriterOptions;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsCluster;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Writes through a node of a cluster that stops in mid-air, and comes back with old bytes in its sockets. */
class ClusterOutageTest {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.cluster(NatsVersion.V2_15);

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * The client sits on a follower that is stopped with a write in its socket. Elsewhere the write is done again, and others after it. When the
     * follower goes on, the old bytes are delivered to the leader: they must not win.
     */
    @Test
    void bytesThatWereHeldUpNeverLandAfterALaterWrite() throws Exception {
        NatsCluster cluster = NATS.cluster();
        String name = "late" + UUID.randomUUID().toString().replace("-", "");
        try (KvConnection admin = PatientConnections.open(cluster.url())) {
            KvBucket bucket = new KvBuckets(admin)
                    .create(BucketConfig.builder(name).replicas(3).history(20).build());
            String stream = bucket.subjects().stream();
            cluster.awaitReplicas(stream);
            NatsServer leader = cluster.leaderOf(stream);
            NatsServer follower = cluster.followersOf(stream).get(0);
            List<String> keys = new ArrayList<>();
            try (KvConnection connection = KvConnection.open(NatsConnectionConfig.builder()
                            .servers(List.of(follower.url(), leader.url()))
                            .ignoreDiscoveredServers(true)
                            .build());
                    KvWriter writer = new KvBuckets(connection)
                            .open(name)
                            .writer(WriterOptions.DEFAULT.withTimeouts(Duration.ofMillis(500), DEADLINE))) {
                moveTo(connection, follower);
                for (int i = 0; i < 20; i++) {
                    keys.add("k" + i);
                    writer.submit(KvWrite.put("k" + i, bytes("v0"))).get(30, TimeUnit.SECONDS);
                }
                follower.pause();
                try {
                    keys.forEach(key -> writer.submit(KvWrite.put(key, bytes("v1"))));
                    // The writer finds out by itself, and goes on over the other server.
                    List<WriteResult> second = new ArrayList<>();
                    for (String key : keys) {
                        second.add(writer.submit(KvWrite.put(key, bytes("v2"))).get(60, TimeUnit.SECONDS));
                    }
                    assertThat(second).hasSize(keys.size());
                } finally {
                    follower.resume();
                }
                // What the follower still had is through when a write of its own client is.
                try (KvConnection late = KvConnection.open(NatsConnectionConfig.builder()
                        .servers(List.of(follower.url()))
                        .ignoreDiscoveredServers(true)
                        .build())) {
                    Awaitility.await()
                            .atMost(DEADLINE)
                            .ignoreExceptions()
                            .until(() -> new KvBuckets(late).open(name).put("marker", "x") > 0);
                }
                cluster.awaitReplicas(stream);
            }
            for (String key : keys) {
                assertThat(bucket.history(key).stream()
                                .map(entry -> new String(entry.value(), StandardCharsets.UTF_8))
                                .toList())
                        .as(key)
                        .containsExactly("v0", "v1", "v2");
            }
        }
    }

    private static void moveTo(KvConnection connection, NatsServer server) throws Exception {
        while (!connection.nats().getStatus().equals(Connection.Status.CONNECTED)
                || connection.nats().getServerInfo().getPort() != server.port()) {
            connection.nats().forceReconnect();
            Awaitility.await().atMost(DEADLINE).until(connection::isConnected);
        }
    }
}
