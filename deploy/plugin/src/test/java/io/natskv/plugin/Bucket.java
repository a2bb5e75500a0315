package io.natskv.plugin;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamOptions;
import io.nats.client.KeyValue;
import io.nats.client.KeyValueOptions;
import io.nats.client.api.KeyValueConfiguration;
import io.nats.client.api.KeyValueEntry;
import io.nats.client.api.KeyValueWatcher;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A bucket, through jnats alone: what our own code does is not judged by our own code. */
final class Bucket {
    private final KeyValue kv;
    private final KeyValue givingUpSoon;

    private Bucket(KeyValue kv, KeyValue givingUpSoon) {
        this.kv = kv;
        this.givingUpSoon = givingUpSoon;
    }

    static Bucket create(Connection connection, String name, int history) throws IOException, JetStreamApiException {
        connection
                .keyValueManagement()
                .create(KeyValueConfiguration.builder()
                        .name(name)
                        .maxHistoryPerKey(history)
                        .build());
        return new Bucket(
                connection.keyValue(name, requestTimeout(Duration.ofSeconds(30))),
                connection.keyValue(name, requestTimeout(Duration.ofMillis(500))));
    }

    private static KeyValueOptions requestTimeout(Duration timeout) {
        return KeyValueOptions.builder()
                .jetStreamOptions(
                        JetStreamOptions.builder().requestTimeout(timeout).build())
                .build();
    }

    KeyValue kv() {
        return kv;
    }

    /** For traffic through outages: a write into a server that is away must not hold up the next for long. */
    KeyValue givingUpSoon() {
        return givingUpSoon;
    }

    /** The last state of every key, markers included. */
    Map<String, Entry> entries() throws IOException, JetStreamApiException, InterruptedException {
        Map<String, Entry> entries = new ConcurrentHashMap<>();
        CountDownLatch end = new CountDownLatch(1);
        var subscription = kv.watchAll(new KeyValueWatcher() {
            @Override
            public void watch(KeyValueEntry entry) {
                byte[] value = entry.getValue() == null ? new byte[0] : entry.getValue();
                entries.put(entry.getKey(), new Entry(entry.getOperation().name(), value));
            }

            @Override
            public void endOfData() {
                end.countDown();
            }
        });
        try {
            if (!end.await(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("bucket " + kv.getBucketName() + " was not read within 30 s");
            }
            return new HashMap<>(entries);
        } finally {
            subscription.unsubscribe();
        }
    }
}
