package io.natskv.benchmarks.core;

import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriterOptions;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** A fresh server with a bucket and a connection for each side; everything ends with it. */
public final class Bench implements AutoCloseable {
    public static final NatsVersion VERSION = NatsVersion.V2_15;

    private final NatsServer server = NatsServer.start(VERSION);
    private final Deque<Runnable> endings = new ArrayDeque<>();

    public NatsServer server() {
        return server;
    }

    /** jnats as it comes. */
    public Connection raw() throws IOException, InterruptedException {
        Connection connection = Nats.connect(Options.builder()
                .server(server.url())
                // Without one, jnats prints what a killed server brings about.
                .errorListener(new ErrorListener() {})
                .build());
        endings.push(() -> close(connection));
        return connection;
    }

    /** kv-core as it comes. */
    KvConnection ours() {
        KvConnection connection = KvConnection.open(NatsConnectionConfig.of(server.url()));
        endings.push(connection::close);
        return connection;
    }

    /** A new bucket on disk, with history 1, over a connection of its own. */
    public KvBucket bucket(String name) {
        return new KvBuckets(ours()).create(BucketConfig.of(name));
    }

    KvWriter writer(KvBucket bucket, WriterOptions options) {
        KvWriter writer = bucket.writer(options);
        endings.push(writer::close);
        return writer;
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        try (server) {
            endings.forEach(Runnable::run);
        }
    }
}
