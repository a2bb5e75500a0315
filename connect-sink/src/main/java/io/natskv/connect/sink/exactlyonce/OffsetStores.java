package io.natskv.connect.sink.exactlyonce;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.delivery.BucketOpener;
import io.natskv.connect.sink.delivery.BucketTroubles;
import io.natskv.core.bucket.OffsetSpace;
import io.natskv.core.connect.BackgroundConnection;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** The buckets of a task, opened when they are needed, without blocking. For one thread. */
final class OffsetStores implements AutoCloseable {
    private static final long FIRST_PAUSE_MS = 100;
    private static final long LONGEST_PAUSE_MS = 5_000;

    private final BackgroundConnection<KvConnection> connecting;
    private final BucketOpener opener;
    private final ExactlyOnceConfig config;
    private final Duration timeout;
    private final Map<String, Opening> openings = new HashMap<>();
    private final BucketTroubles troubles = new BucketTroubles();

    /**
     * @param retryAt when to open it again if it fails, in {@link System#nanoTime}
     * @param pause how long that was away, in milliseconds
     */
    private record Opening(CompletableFuture<OffsetStore> store, long retryAt, long pause) {}

    /**
     * Begins to connect.
     *
     * @param name of the task, for the connection
     */
    OffsetStores(SinkConfig settings, ExactlyOnceConfig config, String name) {
        this.connecting = new BackgroundConnection<>(settings.connection(name), opened -> opened);
        this.opener = new BucketOpener(settings);
        this.config = config;
        this.timeout = settings.ackTimeout();
    }

    /**
     * The offsets of a bucket.
     *
     * @return null if connection or bucket are not there yet
     * @throws KvException (fatal) if they never will be
     */
    OffsetStore of(String bucket) {
        KvConnection connection = connecting.await(Duration.ZERO);
        if (connection == null) {
            return null;
        }
        if (connection.isClosed()) {
            throw new KvException(
                    ErrorClass.FATAL, "The connection to NATS at " + connection.servers() + " is closed for good");
        }
        Opening opening = openings.get(bucket);
        if (opening == null) {
            openings.put(bucket, open(connection, bucket, FIRST_PAUSE_MS));
            return null;
        }
        if (!opening.store().isDone()) {
            return null;
        }
        try {
            OffsetStore store = opening.store().join();
            troubles.passed(bucket);
            return store;
        } catch (CompletionException e) {
            KvException failure = KvErrors.translate(e, "open bucket \"" + bucket + "\"");
            if (failure.errorClass() != ErrorClass.TRANSIENT) {
                throw failure;
            }
            troubles.met(bucket, failure);
            if (opening.retryAt() - System.nanoTime() <= 0) {
                openings.put(bucket, open(connection, bucket, Math.min(LONGEST_PAUSE_MS, 2 * opening.pause())));
            }
            return null;
        }
    }

    private Opening open(KvConnection connection, String bucket, long pause) {
        return new Opening(
                OffsetSpace.requireLevel(connection) // before a bucket is created in vain
                        .thenCompose(ok -> opener.open(connection, bucket))
                        .thenCompose(opened -> OffsetStore.open(connection, bucket, config, timeout)),
                System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pause),
                pause);
    }

    /** Why there is nothing for this bucket. */
    KvException whyNot(String bucket) {
        return troubles.of(bucket, isConnected());
    }

    /** Has the bucket opened anew. */
    void forget(String bucket) {
        openings.remove(bucket);
    }

    /** How often the connection was made anew. Not to be asked before there is one. */
    long links() {
        return connecting.await(Duration.ZERO).reconnects();
    }

    /** True if a server is at the other end. */
    boolean isConnected() {
        return connecting.isConnected();
    }

    @Override
    public void close() {
        connecting.close();
    }
}
