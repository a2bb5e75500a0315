package io.natskv.benchmarks.mirror;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.KeyValueConfiguration;
import io.natskv.benchmarks.core.Data;
import io.natskv.benchmarks.core.RawWrites;
import java.io.IOException;

/** Makes a bucket on disk with history 1, and puts every key once, in order: the key of number n gets revision n + 1. */
record BucketLoad(Connection connection, String bucket, int valueBytes) {
    private static final int IN_FLIGHT = 1_000;

    void fill(int keys) throws IOException, JetStreamApiException, InterruptedException {
        connection
                .keyValueManagement()
                .create(KeyValueConfiguration.builder().name(bucket).build());
        new RawWrites(connection, bucket, new Data(keys, valueBytes), IN_FLIGHT, keys).run();
    }
}
