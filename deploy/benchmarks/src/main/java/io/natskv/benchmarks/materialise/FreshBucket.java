package io.natskv.benchmarks.materialise;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.KeyValueConfiguration;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamState;
import java.io.IOException;

/** A new bucket on disk with history 1, deleted at the end: every round of every side begins with an empty one. */
record FreshBucket(Connection connection, String name) implements AutoCloseable {
    static FreshBucket create(Connection connection, String name) throws IOException, JetStreamApiException {
        connection
                .keyValueManagement()
                .create(KeyValueConfiguration.builder().name(name).build());
        return new FreshBucket(connection, name);
    }

    /** Has it take atomic batches. */
    void allowBatches() throws IOException, JetStreamApiException {
        JetStreamManagement management = connection.jetStreamManagement();
        StreamConfiguration config = management.getStreamInfo(stream()).getConfiguration();
        management.updateStream(
                StreamConfiguration.builder(config).allowAtomicPublish(true).build());
    }

    StreamState state() throws IOException, JetStreamApiException {
        return connection.jetStreamManagement().getStreamInfo(stream()).getStreamState();
    }

    private String stream() {
        return "KV_" + name;
    }

    @Override
    public void close() throws IOException, JetStreamApiException {
        connection.keyValueManagement().delete(name);
    }
}
