package io.natskv.connect.sink.delivery;

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
import java.util.concurrent.TimeUnit;

/** A writer for each bucket that records go to, opened when the first one comes, without blocking. For one thread. */
public final class BucketWriters implements AutoCloseable {
    private static final long FIRST_PAUSE_MS = 100;
    private static final long LONGEST_PAUSE_MS = 5_000;

    private final BackgroundConnection<KvConnection> connecting;
    private final WriterOptions options;
    private final Map<String, CompletableFuture<KvBucket>> buckets = new HashMap<>();
    private final Map<String, Pause> pauses = new HashMap<>();
    private final Map<String, KvWriter> writers = new HashMap<>();

    /** Before a bucket is opened again: a refusal may come back in no time. */
    private record Pause(long millis, long until) {
        private static Pause after(Pause last) {
            long millis = last == null ? FIRST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, 2 * last.millis);
            return new Pause(millis, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis));
        }
    }

    /** Begins to connect. */
    public BucketWriters(NatsConnectionConfig config, WriterOptions options) {
        this.connecting = new BackgroundConnection<>(config, connection -> connection);
        this.options = options;
    }

    /**
     * The writer of a bucket.
     *
     * @return null if connection or bucket are not there yet
     * @throws KvException (fatal) if they never will be
     */
    public KvWriter of(String bucket) {
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
        Pause pause = pauses.get(bucket);
        if (pause != null && pause.until - System.nanoTime() > 0) {
            return null;
        }
        CompletableFuture<KvBucket> opening =
                buckets.computeIfAbsent(bucket, name -> new KvBuckets(connection).openAsync(name));
        if (!opening.isDone()) {
            return null;
        }
        try {
            KvWriter opened = opening.join().writer(options);
            writers.put(bucket, opened);
            pauses.remove(bucket);
            return opened;
        } catch (CompletionException e) {
            KvException failure = KvErrors.translate(e, "open bucket \"" + bucket + "\"");
            if (failure.errorClass() != ErrorClass.TRANSIENT) {
                throw failure;
            }
            buckets.remove(bucket);
            pauses.compute(bucket, (name, last) -> Pause.after(last));
            return null;
        }
    }

    /** True if a server is at the other end. */
    public boolean isConnected() {
        return connecting.isConnected();
    }

    /** Gives up all writes that have not settled; the next ones get new writers. */
    public void abandon() {
        writers.values().forEach(KvWriter::close);
        writers.clear();
    }

    @Override
    public void close() {
        abandon();
        connecting.close();
    }
}
