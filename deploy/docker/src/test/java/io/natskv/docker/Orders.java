package io.natskv.docker;

import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.KeyValue;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.KeyValueConfiguration;
import io.nats.client.api.KeyValueEntry;
import io.nats.client.api.KeyValueOperation;
import io.nats.client.api.KeyValueWatcher;
import io.nats.client.impl.NatsKeyValueWatchSubscription;
import io.natskv.testing.kafka.ConnectRest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.config.ConfigResource;

/**
 * The flow that the README shows: bucket orders, topic kv.orders, bucket orders-copy, by the configurations in the folder
 * connectors. Buckets are read and written by jnats alone.
 */
final class Orders implements AutoCloseable {
    static final String BUCKET = "orders";
    static final String TOPIC = "kv.orders";
    static final String COPY = "orders-copy";

    private static final Duration DEADLINE = Duration.ofMinutes(2);

    /** What a bucket says last of a key. The value is empty for delete and purge. */
    record Entry(KeyValueOperation operation, String value) {}

    private final Connection connection;
    private final KeyValue bucket;

    Orders(String natsUrl) throws IOException, InterruptedException, JetStreamApiException {
        connection = Nats.connectReconnectOnConnect(
                Options.builder().server(natsUrl).maxReconnects(100).build());
        for (String name : new String[] {BUCKET, COPY}) {
            connection
                    .keyValueManagement()
                    .create(KeyValueConfiguration.builder()
                            .name(name)
                            .maxHistoryPerKey(5)
                            .build());
        }
        bucket = connection.keyValue(BUCKET);
    }

    /** Creates both connectors and waits until they run. */
    static void connect(ConnectRest rest) throws IOException {
        for (String name : new String[] {"orders-source", "orders-sink"}) {
            String config =
                    Files.readString(WorkerImage.folder().resolve("connectors").resolve(name + ".json"));
            rest.call("PUT", "/connectors/" + name + "/config", config);
        }
        rest.awaitRunning("orders-source", DEADLINE);
        rest.awaitRunning("orders-sink", DEADLINE);
    }

    /** Partitions and cleanup policy of the topic, which the source's configuration names. */
    static String topicSettings(String bootstrap) throws Exception {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, TOPIC);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            int partitions = admin.describeTopics(Set.of(TOPIC))
                    .allTopicNames()
                    .get(30, TimeUnit.SECONDS)
                    .get(TOPIC)
                    .partitions()
                    .size();
            return partitions + " "
                    + admin.describeConfigs(Set.of(topic))
                            .all()
                            .get(30, TimeUnit.SECONDS)
                            .get(topic)
                            .get("cleanup.policy")
                            .value();
        }
    }

    /** Every operation, to keys that begin with a prefix. */
    void change(String prefix) throws IOException, JetStreamApiException {
        bucket.put(prefix + ".put", "one");
        bucket.put(prefix + ".updated", "before");
        bucket.put(prefix + ".updated", "after");
        bucket.put(prefix + ".empty", new byte[0]);
        bucket.put(prefix + ".emptied", "something");
        bucket.put(prefix + ".emptied", new byte[0]);
        bucket.put(prefix + ".binary", new byte[] {0, (byte) 0xff, 0x0a, (byte) 0x80, 0});
        bucket.put(prefix + ".deleted", "gone");
        bucket.delete(prefix + ".deleted");
        bucket.put(prefix + ".purged", "gone");
        bucket.put(prefix + ".purged", "gone, too");
        bucket.purge(prefix + ".purged");
        bucket.put(prefix + ".back", "first");
        bucket.delete(prefix + ".back");
        bucket.put(prefix + ".back", "second");
        bucket.put(prefix + "/odd=key_-.X", "odd");
    }

    /** The same changes as one expects to find them. */
    static Map<String, Entry> changed(String prefix) {
        return Map.of(
                prefix + ".put", put("one"),
                prefix + ".updated", put("after"),
                prefix + ".empty", put(""),
                prefix + ".emptied", put(""),
                prefix + ".binary", put("\0\u00ff\n\u0080\0"),
                prefix + ".deleted", new Entry(KeyValueOperation.DELETE, ""),
                prefix + ".purged", new Entry(KeyValueOperation.PURGE, ""),
                prefix + ".back", put("second"),
                prefix + "/odd=key_-.X", put("odd"));
    }

    /** Waits until the copy says the same as the bucket, and returns it. */
    Map<String, Entry> awaitCopy() throws Exception {
        Map<String, Entry> wanted = entries(BUCKET);
        await("copy of bucket " + BUCKET)
                .atMost(DEADLINE)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> entries(COPY).equals(wanted));
        return entries(COPY);
    }

    /** The last entry of each key, deleted ones too. */
    Map<String, Entry> entries(String name) throws IOException, JetStreamApiException, InterruptedException {
        Map<String, Entry> entries = new ConcurrentSkipListMap<>();
        CountDownLatch complete = new CountDownLatch(1);
        KeyValueWatcher watcher = new KeyValueWatcher() {
            @Override
            public void watch(KeyValueEntry entry) {
                byte[] value = entry.getValue();
                entries.put(entry.getKey(), new Entry(entry.getOperation(), value == null ? "" : text(value)));
            }

            @Override
            public void endOfData() {
                complete.countDown();
            }
        };
        NatsKeyValueWatchSubscription watch = connection.keyValue(name).watchAll(watcher);
        try {
            if (!complete.await(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("bucket " + name + " was not read within 30 s");
            }
        } finally {
            watch.unsubscribe();
        }
        return new TreeMap<>(entries);
    }

    /** Bytes so that each is to be seen in a failed comparison. */
    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static Entry put(String value) {
        return new Entry(KeyValueOperation.PUT, value);
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
