package io.natskv.connect.sink;

import io.natskv.core.KvEntry;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connect.KvKafkaHeaders;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;

/** A connection, and a bucket with a history that is named as the test. */
abstract class SinkTaskFixture {
    NatsServer server;
    KvConnection connection;
    KvBuckets buckets;
    KvBucket bucket;
    String name;
    TopicPartition partition;

    abstract NatsServerExtension nats();

    @BeforeEach
    void createBucket(TestInfo test) {
        server = nats().server();
        connection = KvConnection.open(NatsConnectionConfig.of(server.url()));
        buckets = new KvBuckets(connection);
        name = test.getTestMethod().orElseThrow().getName();
        bucket = buckets.create(BucketConfig.builder(name).history(64).build());
        partition = new TopicPartition(name, 0);
    }

    @AfterEach
    void close() {
        connection.close();
    }

    /** Starts the server that was killed; waits for the connection of the test, which may be later back than that of the task. */
    void restartServer() {
        long before = connection.reconnects();
        server.restart();
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> connection.reconnects() > before);
    }

    static ConnectHeaders operation(String operation) {
        ConnectHeaders headers = new ConnectHeaders();
        headers.addString(KvKafkaHeaders.OPERATION, operation);
        return headers;
    }

    static String text(KvEntry entry) {
        return new String(entry.value(), StandardCharsets.UTF_8);
    }
}
