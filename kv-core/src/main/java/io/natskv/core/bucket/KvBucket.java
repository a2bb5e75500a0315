package io.natskv.core.bucket;

import io.nats.client.impl.Headers;
import io.natskv.core.KvEntry;
import io.natskv.core.KvOperation;
import io.natskv.core.bucket.BucketWrites.Write;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.KeyNotFoundException;
import io.natskv.core.key.BucketSubjects;
import io.natskv.core.key.KeyFilter;
import io.natskv.core.key.KvNames;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.PositionCheck;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.watch.WatchPosition;
import io.natskv.core.watch.WatchStart;
import io.natskv.core.write.AtomicBatchWriter;
import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriterOptions;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * One bucket: single operations, and the way to the two engines, {@link #watch} and {@link #writer}. Thread-safe. Reads go to the
 * leader, so that a read sees what was acknowledged before it. Async first; the synchronous forms throw what the futures fail with.
 *
 * <p>A write that finds no leader has gone to nobody, and is sent again until the request time-out is over (ADR-22), or its future was ended. Two writes to a key of which the
 * second does not wait for the first may so be stored in either order: {@link #writer} keeps it.
 */
public final class KvBucket {
    /** How long markers are kept by {@link #purgeDeletes()}: long enough for every watcher to have seen them. */
    public static final Duration DEFAULT_MARKER_AGE = Duration.ofMinutes(30);

    private static final Duration LIST_TIMEOUT = Duration.ofMinutes(5);

    private final KvConnection connection;
    private final BucketSubjects subjects;
    private final BucketReads reads;
    private final BucketWrites writes;

    KvBucket(KvConnection connection, BucketSubjects subjects) {
        this.connection = connection;
        this.subjects = subjects;
        this.reads = new BucketReads(connection, subjects);
        this.writes = new BucketWrites(connection, subjects, reads);
    }

    public String name() {
        return subjects.bucket();
    }

    public BucketSubjects subjects() {
        return subjects;
    }

    /**
     * The key's last value.
     *
     * @throws KeyNotFoundException if there is none, or the last revision is a marker
     */
    public KvEntry get(String key) {
        return Await.result(getAsync(key), reads.action("get", key));
    }

    /** {@link #get(String)} as a future. */
    public CompletableFuture<KvEntry> getAsync(String key) {
        return reads.last(key).thenApply(entry -> {
            if (entry == null || entry.operation().isMarker()) {
                throw new KeyNotFoundException(name(), key);
            }
            return entry;
        });
    }

    /** The key's last revision, a marker included; null if there is none. */
    public CompletableFuture<KvEntry> lastAsync(String key) {
        return reads.last(key);
    }

    /**
     * One revision of a key; a marker is returned as such.
     *
     * @param revision 1 or more
     * @throws KeyNotFoundException if the bucket does not hold that revision, or holds it for another key
     */
    public KvEntry get(String key, long revision) {
        return Await.result(getAsync(key, revision), reads.action("get", key));
    }

    /** {@link #get(String, long)} as a future. */
    public CompletableFuture<KvEntry> getAsync(String key, long revision) {
        checkRevision(revision, 1);
        return reads.at(key, revision).thenApply(entry -> {
            if (entry == null) {
                throw new KeyNotFoundException(name(), key);
            }
            return entry;
        });
    }

    /**
     * The last values of many keys; keys without one are left out. From server 2.11 on by one request for up to 1,000 keys, which any
     * replica may answer, one that lags too; below by one request each.
     */
    public Map<String, KvEntry> getAll(Collection<String> keys) {
        return Await.result(getAllAsync(keys), "get " + keys.size() + " keys in bucket \"" + name() + "\"");
    }

    /** {@link #getAll} as a future. */
    public CompletableFuture<Map<String, KvEntry>> getAllAsync(Collection<String> keys) {
        return reads.lasts(keys).thenApply(found -> {
            found.values().removeIf(entry -> entry.operation().isMarker());
            return found;
        });
    }

    /** Stores a value; the last writer wins. Returns its revision. */
    public long put(String key, byte[] value) {
        return Await.result(putAsync(key, value), reads.action("put", key));
    }

    /** Stores a text as UTF-8. */
    public long put(String key, String value) {
        return put(key, value.getBytes(StandardCharsets.UTF_8));
    }

    /** {@link #put(String, byte[])} as a future. */
    public CompletableFuture<Long> putAsync(String key, byte[] value) {
        return writes.publish(Write.put(key, value));
    }

    /** Stores a value with headers; control headers among them are left out. */
    public CompletableFuture<Long> putAsync(String key, byte[] value, Headers headers) {
        return writes.publish(new Write(key, KvOperation.PUT, value, headers, OptionalLong.empty(), Optional.empty()));
    }

    /**
     * Stores a value if the key has none; a marker is no value.
     *
     * @throws io.natskv.core.error.KeyExistsException if there is a value
     */
    public long create(String key, byte[] value) {
        return Await.result(createAsync(key, value), reads.action("create", key));
    }

    /** {@link #create(String, byte[])} as a future. */
    public CompletableFuture<Long> createAsync(String key, byte[] value) {
        return writes.create(Write.put(key, value));
    }

    /**
     * {@link #create(String, byte[])} for a time (server 2.11, ADR-48): the value expires, unless it is updated before. The bucket must allow
     * it ({@link BucketConfig.Builder#limitMarkerTtl}).
     *
     * @param ttl in whole seconds, rounded up
     * @throws io.natskv.core.error.FeatureUnsupportedException if the server is older
     */
    public long create(String key, byte[] value, Duration ttl) {
        return Await.result(createAsync(key, value, ttl), reads.action("create", key));
    }

    /** {@link #create(String, byte[], Duration)} as a future. */
    public CompletableFuture<Long> createAsync(String key, byte[] value, Duration ttl) {
        return writes.create(new Write(key, KvOperation.PUT, value, null, OptionalLong.empty(), Optional.of(ttl)));
    }

    /**
     * Stores a value if the key's last revision is the expected one; 0 means that there is none.
     *
     * @throws io.natskv.core.error.WrongRevisionException if it is another
     */
    public long update(String key, byte[] value, long lastRevision) {
        return Await.result(updateAsync(key, value, lastRevision), reads.action("update", key));
    }

    /** {@link #update} as a future. */
    public CompletableFuture<Long> updateAsync(String key, byte[] value, long lastRevision) {
        checkRevision(lastRevision, 0);
        return writes.publish(Write.put(key, value).expecting(lastRevision));
    }

    /** Marks the key as deleted; its history stays. Returns the marker's revision. */
    public long delete(String key) {
        return Await.result(deleteAsync(key, OptionalLong.empty()), reads.action("delete", key));
    }

    /**
     * {@link #delete(String)}, on condition that the key's last revision is the expected one.
     *
     * @param lastRevision 1 or more
     * @throws io.natskv.core.error.WrongRevisionException if it is another
     */
    public long delete(String key, long lastRevision) {
        return Await.result(deleteAsync(key, OptionalLong.of(lastRevision)), reads.action("delete", key));
    }

    /** {@link #delete(String, long)} as a future. */
    public CompletableFuture<Long> deleteAsync(String key, OptionalLong lastRevision) {
        return mark(key, KvOperation.DELETE, lastRevision, Optional.empty());
    }

    /** Marks the key as deleted and removes its history. Returns the marker's revision. */
    public long purge(String key) {
        return Await.result(purgeAsync(key, OptionalLong.empty()), reads.action("purge", key));
    }

    /**
     * {@link #purge(String)}, on condition that the key's last revision is the expected one.
     *
     * @param lastRevision 1 or more
     * @throws io.natskv.core.error.WrongRevisionException if it is another
     */
    public long purge(String key, long lastRevision) {
        return Await.result(purgeAsync(key, OptionalLong.of(lastRevision)), reads.action("purge", key));
    }

    /** {@link #purge(String, long)} as a future. */
    public CompletableFuture<Long> purgeAsync(String key, OptionalLong lastRevision) {
        return mark(key, KvOperation.PURGE, lastRevision, Optional.empty());
    }

    /**
     * {@link #purgeAsync(String, OptionalLong)} with a marker that expires (server 2.11, ADR-48).
     *
     * @param markerTtl in whole seconds, rounded up; the bucket must allow it
     */
    public CompletableFuture<Long> purgeAsync(String key, OptionalLong lastRevision, Duration markerTtl) {
        return mark(key, KvOperation.PURGE, lastRevision, Optional.of(markerTtl));
    }

    private CompletableFuture<Long> mark(
            String key, KvOperation operation, OptionalLong lastRevision, Optional<Duration> ttl) {
        lastRevision.ifPresent(revision -> checkRevision(revision, 1));
        return writes.publish(new Write(key, operation, BucketWrites.EMPTY, null, lastRevision, ttl));
    }

    /**
     * Hands every key that has a value to a consumer, as it is read, in the order of their last revisions. A key that is written meanwhile may come
     * twice, one that is deleted meanwhile may come although it is gone by then; none that is there all the time is left out. In a cluster, "meanwhile"
     * begins when the replica that is read had last caught up.
     *
     * @param timeout how long the whole listing may take
     * @throws io.natskv.core.error.UnavailableException if it took longer; a partial list is never returned as a whole one
     */
    public void keys(List<KeyFilter> filters, Duration timeout, Consumer<String> consumer) {
        WatchOptions options =
                WatchOptions.DEFAULT.withFilters(filters).withMetaOnly(true).withIgnoreDeletes(true);
        read(options, timeout, timeout, entry -> consumer.accept(entry.key()));
    }

    /** Every key that has a value, once, in the order of their last revisions. */
    public List<String> keys() {
        return keys(List.of(KeyFilter.ALL), LIST_TIMEOUT);
    }

    /**
     * Every key that filters select and that has a value, once, in the order of their last revisions.
     *
     * @param timeout how long the whole listing may take
     * @throws io.natskv.core.error.UnavailableException if it took longer
     */
    public List<String> keys(List<KeyFilter> filters, Duration timeout) {
        Set<String> keys = new LinkedHashSet<>();
        read(WatchOptions.DEFAULT.withFilters(filters).withMetaOnly(true), timeout, timeout, entry -> {
            keys.remove(entry.key()); // one that comes again comes later
            if (!entry.operation().isMarker()) {
                keys.add(entry.key());
            }
        });
        return List.copyOf(keys);
    }

    /** The revisions of a key that the bucket still keeps, oldest first, markers included; empty if there are none. */
    public List<KvEntry> history(String key) {
        return history(key, LIST_TIMEOUT);
    }

    /**
     * {@link #history(String)} within a time.
     *
     * @throws io.natskv.core.error.UnavailableException if it took longer
     */
    public List<KvEntry> history(String key, Duration timeout) {
        KvNames.checkKey(key);
        List<KvEntry> entries = new ArrayList<>();
        WatchOptions options =
                WatchOptions.DEFAULT.withFilters(List.of(new KeyFilter(key))).withStart(WatchStart.history());
        read(options, timeout, timeout, entries::add);
        return entries;
    }

    /**
     * Hands over what a watch of these options would begin with, in the order of revisions, to the end that the bucket has by then. A key that is
     * written meanwhile may come twice; none that is there all the time is left out.
     *
     * @param timeout how long it may take in all
     * @param outage how long the bucket may be out of reach meanwhile
     * @throws io.natskv.core.error.UnavailableException if it was not read to its end
     */
    public void read(WatchOptions options, Duration timeout, Duration outage, Consumer<KvEntry> consumer) {
        new Scan(this, () -> reads.lastRevision(options.filters())).run(options, timeout, outage, consumer);
    }

    /** {@link #purgeDeletes(Duration)} with {@link #DEFAULT_MARKER_AGE}. */
    public long purgeDeletes() {
        return purgeDeletes(DEFAULT_MARKER_AGE);
    }

    /**
     * Removes what lies behind delete and purge markers, and the markers themselves where they are older than an age. A value that is
     * written meanwhile is never removed: the purge ends at the marker's revision.
     *
     * @param markerAge markers younger than this stay; zero or less removes all
     * @return how many revisions were removed
     */
    public long purgeDeletes(Duration markerAge) {
        return new MarkerPurge(connection.api(), this, reads, Clock.systemUTC()).run(markerAge, LIST_TIMEOUT);
    }

    /** The last revision of all keys that a filter selects, a marker's included; 0 if there is none. */
    public CompletableFuture<Long> lastRevisionAsync(KeyFilter filter) {
        return reads.lastRevision(filter);
    }

    /** State and settings. */
    public BucketStatus status() {
        return Await.result(statusAsync(), "status of bucket \"" + name() + "\"");
    }

    /** {@link #status} as a future. */
    public CompletableFuture<BucketStatus> statusAsync() {
        return connection
                .api()
                .streamInfo(subjects.stream())
                .thenCompose(info -> OffsetSpace.status(connection.api(), subjects, info))
                .handle((status, error) -> {
                    if (error != null) {
                        throw reads.failure(error, "status of bucket \"" + name() + "\"");
                    }
                    return status;
                });
    }

    /**
     * Whether this is still the bucket in which a watch took a position, by the leader; empty if it is.
     *
     * @return fails as {@link PositionCheck#run} says
     */
    public CompletableFuture<Optional<WatchEvent.PositionLost>> lostAsync(WatchPosition position) {
        return new PositionCheck(connection.api(), subjects).run(position);
    }

    /** Opens a watch. It connects to the bucket with the first {@link KvWatch#next}. */
    public KvWatch watch(WatchOptions options) {
        return new KvWatch(connection, subjects, options);
    }

    /** Opens a writer. */
    public KvWriter writer(WriterOptions options) {
        return new KvWriter(connection, subjects, options);
    }

    /**
     * Opens a writer of atomic batches.
     *
     * @return fails as {@link AtomicBatchWriter#open} says
     */
    public CompletableFuture<AtomicBatchWriter> batchWriter() {
        return AtomicBatchWriter.open(connection, subjects, connection.api().timeout());
    }

    private static void checkRevision(long revision, long least) {
        if (revision < least) {
            throw new IllegalArgumentException("A revision must be " + least + " or more, not " + revision);
        }
    }
}
