package io.natskv.benchmarks.materialise;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.KeyValueConfiguration;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamState;
import io.nats.client.support.JsonParser;
import io.nats.client.support.JsonValueUtils;
import java.io.IOException;

/** A new bucket on disk with history 1, deleted at the end: every round of every side begins with an empty one. */
record FreshBucket(Connection connection, String name) implements AutoCloseable {
    private static final int NO_MESSAGE = 10037;

    static FreshBucket create(Connection connection, String name) throws IOException, JetStreamApiException {
        connection
                .keyValueManagement()
                .create(KeyValueConfiguration.builder().name(name).build());
        return new FreshBucket(connection, name);
    }

    void allowBatches() throws IOException, JetStreamApiException {
        StreamConfiguration config = connection.jetStreamManagement().getStreamInfo("KV_" + name).getConfiguration();
        connection
                .jetStreamManagement()
                .updateStream(StreamConfiguration.builder(config)
                        .allowAtomicPublish(true)
                        .build());
    }

    /** Up to where a topic of one partition is stored by an exactly-once sink. */
    long storedOffset() throws IOException, JetStreamApiException {
        try {
            MessageInfo offset = connection.jetStreamManagement().getLastMessage("KV_" + name, "$KV." + name + "=o.>");
            return JsonValueUtils.readLong(JsonParser.parseUnchecked(offset.getData()), "next", 0);
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == NO_MESSAGE) {
                return 0;
            }
            throw e;
        }
    }

    StreamState state() throws IOException, JetStreamApiException {
        return connection.jetStreamManagement().getStreamInfo("KV_" + name).getStreamState();
    }

    @Override
    public void close() throws IOException, JetStreamApiException {
        connection.keyValueManagement().delete(name);
    }
}
