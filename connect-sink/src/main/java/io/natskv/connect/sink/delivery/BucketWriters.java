package io.natskv.connect.sink.delivery;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.core.connect.BackgroundConnection;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriterOptions;
import io.natskv.core.write.WriterStats;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A writer for each bucket that records go to, opened when the first one comes, without blocking. For one thread, but for {@link #stats}.
 */
public final class BucketWriters implements AutoCloseable {
    private static final long FIRST_PAUSE_MS = 100;
    private static final long LONGEST_PAUSE_MS = 5_000;
    private static final long UP_TO_DATE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final WriterStats NOTHING = new WriterStats(0, 0, 0, 0, 0, 0, 0, 0);

    private final BackgroundConnection<KvConnection> connecting;
    private final BucketOpener opener;
    private final WriterOptions options;
    private final Map<String, CompletableFuture<SinkBucket>> buckets = new HashMap<>();
    private final Map<String, CompletableFuture<SinkBucket>> looks = new HashMap<>();
    private final Map<String, Pause> pauses = new HashMap<>();
    private final Map<String, Open> writers = new ConcurrentHashMap<>();
    /** Of the writers that are closed. */
    private volatile WriterStats before = NOTHING;

    /** A bucket and its writer. */
    public record Open(SinkBucket bucket, KvWriter writer) {}

    /** Before a bucket is opened again: a refusal may come back in no time. */
    private record Pause(long millis, long until) {
        private static Pause after(Pause last) {
            long millis = last == null ? FIRST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, 2 * last.millis);
            return new Pause(millis, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis));
        }
    }

    /**
     * Begins to connect.
     *
     * @param name of the task, for the connection
     */
    public BucketWriters(SinkConfig config, String name) {
        this.connecting = new BackgroundConnection<>(config.connection(name), connection -> connection);
        this.opener = new BucketOpener(config);
        this.options = config.writerOptions();
    }

    /**
     * The bucket of a name with its writer.
     *
     * @return null if connection or bucket are not there yet
     * @throws KvException (fatal) if they never will be
     */
    public Open of(String bucket) {
        Open known = writers.get(bucket);
        if (known != null) {
            return known;
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
        CompletableFuture<SinkBucket> opening = buckets.computeIfAbsent(bucket, name -> opener.open(connection, name));
        if (!opening.isDone()) {
            return null;
        }
        try {
            SinkBucket found = opening.join();
            Open opened = new Open(found, found.bucket().writer(options));
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

    /**
     * What is known of a bucket, no older than some seconds: before a record is refused by its settings, which may have been changed.
     *
     * @return null if the answer is not there yet
     */
    public Open upToDate(Open known) {
        if (System.nanoTime() - known.bucket().seenAt() < UP_TO_DATE_NANOS) {
            return known;
        }
        KvConnection connection = connecting.await(Duration.ZERO);
        CompletableFuture<SinkBucket> look =
                looks.computeIfAbsent(known.bucket().name(), name -> opener.open(connection, name));
        if (!look.isDone()) {
            return null;
        }
        looks.remove(known.bucket().name());
        if (look.isCompletedExceptionally()) {
            return null;
        }
        Open fresh = new Open(look.join(), known.writer());
        writers.put(fresh.bucket().name(), fresh);
        return fresh;
    }

    /** True if a server is at the other end. */
    public boolean isConnected() {
        return connecting.isConnected();
    }

    /** What keeps the writes of a bucket from being stored, by bucket; of those where all goes well nothing. */
    public Map<String, KvException> troubles() {
        Map<String, KvException> troubles = new HashMap<>();
        writers.forEach((bucket, open) -> open.writer().trouble().ifPresent(error -> troubles.put(bucket, error)));
        return troubles;
    }

    /** Of all writers together, those included that were given up. */
    public WriterStats stats() {
        return writers.values().stream().map(open -> open.writer().stats()).reduce(before, BucketWriters::sum);
    }

    private static WriterStats sum(WriterStats a, WriterStats b) {
        return new WriterStats(
                a.inFlight() + b.inFlight(),
                a.inFlightBytes() + b.inFlightBytes(),
                a.stored() + b.stored(),
                a.retries() + b.retries(),
                a.coalesced() + b.coalesced(),
                a.superseded() + b.superseded(),
                a.conflicts() + b.conflicts(),
                a.failed() + b.failed());
    }

    /** Gives up all writes that have not settled; the next ones get new writers. */
    public void abandon() {
        writers.values().forEach(open -> open.writer().close());
        WriterStats all = stats();
        before = new WriterStats(
                0, 0, all.stored(), all.retries(), all.coalesced(), all.superseded(), all.conflicts(), all.failed());
        writers.clear();
    }

    @Override
    public void close() {
        abandon();
        connecting.close();
    }
}
