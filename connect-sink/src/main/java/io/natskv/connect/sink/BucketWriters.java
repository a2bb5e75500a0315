package io.natskv.connect.sink;

import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connect.BackgroundConnection;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriterOptions;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** A writer for each bucket that records go to, opened when the first one comes, without blocking. For one thread. */
final class BucketWriters implements AutoCloseable {
    private final BackgroundConnection<KvConnection> connecting;
    private final WriterOptions options;
    private final Map<String, CompletableFuture<KvBucket>> buckets = new HashMap<>();
    private final Map<String, KvWriter> writers = new HashMap<>();

    /** Begins to connect. */
    BucketWriters(NatsConnectionConfig config, WriterOptions options) {
        this.connecting = new BackgroundConnection<>(config, connection -> connection);
        this.options = options;
    }

    /**
     * The writer of a bucket.
     *
     * @return null if connection or bucket are not there yet
     * @throws KvException (fatal) if they never will be
     */
    KvWriter of(String bucket) {
        KvWriter writer = writers.get(bucket);
        if (writer != null) {
            return writer;
        }
        KvConnection connection = connecting.await(Duration.ZERO);
        if (connection == null) {
            return null;
        }
        if (connection.isClosed()) {
            throw new KvException(
                    ErrorClass.FATAL, "The connection to NATS at " + connection.servers() + " is closed for good");
        }
        CompletableFuture<KvBucket> opening =
                buckets.computeIfAbsent(bucket, name -> new KvBuckets(connection).openAsync(name));
        if (!opening.isDone()) {
            return null;
        }
        try {
            KvWriter opened = opening.join().writer(options);
            writers.put(bucket, opened);
            return opened;
        } catch (CompletionException e) {
            KvException failure = KvErrors.translate(e, "open bucket \"" + bucket + "\"");
            if (failure.errorClass() != ErrorClass.TRANSIENT) {
                throw failure;
            }
            buckets.remove(bucket);
            return null;
        }
    }

    /** True if a server is at the other end. */
    boolean isConnected() {
        return connecting.isConnected();
    }

    /** Gives up all writes that have not settled; the next ones get new writers. */
    void abandon() {
        writers.values().forEach(KvWriter::close);
        writers.clear();
    }

    @Override
    public void close() {
        abandon();
        connecting.close();
    }
}
