package io.natskv.connect.source;

import io.nats.client.NUID;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connect.KvKafkaHeaders;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.testing.nats.NatsServer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;

/** A bucket of five revisions a key for each test, and settings of a connector that reads it. */
abstract class WithBucket {
    KvConnection connection;
    KvBuckets buckets;
    KvBucket bucket;
    String name;

    abstract NatsServer server();

    @BeforeEach
    void createBucket(TestInfo test) {
        connection = KvConnection.open(NatsConnectionConfig.of(server().url()));
        buckets = new KvBuckets(connection);
        // A test with parameters runs several times on one server.
        name = test.getTestMethod().orElseThrow().getName() + "-" + NUID.nextGlobal();
        bucket = create(name);
    }

    @AfterEach
    void close() {
        connection.close();
    }

    KvBucket create(String bucketName) {
        return buckets.create(BucketConfig.builder(bucketName).history(5).build());
    }

    /** @param more names and values in turn */
    Map<String, String> settings(String... more) {
        Map<String, String> settings = new HashMap<>();
        settings.put("name", "test");
        settings.put("nats.servers", server().url());
        settings.put(WatchSettings.BUCKETS, name);
        settings.put(FlowSettings.POLL_MAX_WAIT_MS, "100");
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        return settings;
    }

    static Object header(SourceRecord record, String header) {
        return record.headers().lastWithName(header) == null
                ? null
                : record.headers().lastWithName(header).value();
    }

    static List<Long> revisions(List<SourceRecord> records) {
        return records.stream()
                .map(record -> (Long) header(record, KvKafkaHeaders.REVISION))
                .toList();
    }
}
