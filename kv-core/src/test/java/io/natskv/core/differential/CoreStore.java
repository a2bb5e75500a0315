package io.natskv.core.differential;

import io.natskv.core.KvEntry;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.error.KeyExistsException;
import io.natskv.core.error.KeyNotFoundException;
import io.natskv.core.error.WrongRevisionException;
import io.natskv.core.key.KeyFilter;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.watch.WatchStart;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** The bucket through kv-core: single writes by the bucket, or by its writer. */
final class CoreStore implements Store {
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private final KvBucket bucket;
    private final KvWriter writer;

    CoreStore(KvBucket bucket, KvWriter writer) {
        this.bucket = bucket;
        this.writer = writer;
    }

    @Override
    public Optional<Row> get(String key) {
        return found(() -> bucket.get(key));
    }

    @Override
    public Optional<Row> get(String key, long revision) {
        return found(() -> bucket.get(key, revision))
                .filter(row -> !row.operation().isMarker());
    }

    private static Optional<Row> found(Supplier<KvEntry> read) {
        try {
            return Optional.of(row(read.get(), false));
        } catch (KeyNotFoundException e) {
            return Optional.empty();
        }
    }

    @Override
    public List<Row> history(String key) {
        return bucket.history(key).stream().map(entry -> row(entry, false)).toList();
    }

    @Override
    public Collection<String> keys() {
        return bucket.keys();
    }

    @Override
    public Collection<String> keys(KeyFilter filter) {
        List<String> keys = new ArrayList<>();
        bucket.keys(List.of(filter), DEADLINE, keys::add);
        return keys;
    }

    @Override
    public List<Row> watch(WatchKind kind, long last) {
        WatchStart start = kind.from() > 0
                ? new WatchStart.FromRevision(kind.from())
                : kind.history() ? WatchStart.history() : WatchStart.snapshot();
        WatchOptions options = WatchOptions.DEFAULT
                .withFilters(List.of(kind.filter()))
                .withStart(start)
                .withIgnoreDeletes(kind.ignoreDeletes())
                .withMetaOnly(kind.metaOnly());
        List<Row> rows = new ArrayList<>();
        try (KvWatch watch = bucket.watch(options)) {
            while (true) {
                WatchEvent event = watch.next(DEADLINE);
                if (event instanceof WatchEvent.Change change) {
                    rows.add(row(change.entry(), kind.metaOnly()));
                } else if (event instanceof WatchEvent.SnapshotEnd) {
                    return rows;
                } else {
                    throw new AssertionError("In place of the end of the snapshot: " + event);
                }
            }
        }
    }

    private static Row row(KvEntry entry, boolean metaOnly) {
        return new Row(
                entry.key(),
                metaOnly ? Long.toString(entry.valueLength()) : HexFormat.of().formatHex(entry.value()),
                entry.revision(),
                entry.operation(),
                entry.created());
    }

    @Override
    public long values() {
        return bucket.status().values();
    }

    @Override
    public long write(Operation operation, byte[] value, long expected) throws Exception {
        try {
            return operation.via() == Operation.Via.BUCKET
                    ? byBucket(operation, value, expected)
                    : get(writer.submit(writeOf(operation, value, expected)).thenApply(result -> result.revision()));
        } catch (KeyExistsException | WrongRevisionException e) {
            return REFUSED;
        }
    }

    private long byBucket(Operation operation, byte[] value, long expected) throws Exception {
        String key = operation.key();
        return switch (operation.kind()) {
            case PUT -> bucket.put(key, value);
            case CREATE -> bucket.create(key, value);
            case UPDATE, UPDATE_OF_ANOTHER_REVISION -> bucket.update(key, value, expected);
            case DELETE -> bucket.delete(key);
            case DELETE_OF_REVISION, DELETE_OF_ANOTHER_REVISION -> bucket.delete(key, expected);
            case PURGE -> bucket.purge(key);
            case PURGE_OF_REVISION, PURGE_OF_ANOTHER_REVISION -> get(bucket.purgeAsync(key, OptionalLong.of(expected)));
            case PURGE_DELETES, PURGE_ALL_DELETES, READ -> throw new AssertionError(operation);
        };
    }

    /** The same for the write engine. */
    static KvWrite writeOf(Operation operation, byte[] value, long expected) {
        String key = operation.key();
        KvWrite.Condition revision = new KvWrite.Condition.LastRevision(Math.max(0, expected));
        return switch (operation.kind()) {
            case PUT -> KvWrite.put(key, value);
            case CREATE -> KvWrite.create(key, value);
            case UPDATE, UPDATE_OF_ANOTHER_REVISION -> KvWrite.update(key, value, expected);
            case DELETE -> KvWrite.delete(key);
            case DELETE_OF_REVISION, DELETE_OF_ANOTHER_REVISION ->
                KvWrite.of(key, io.natskv.core.KvOperation.DELETE, value, revision);
            case PURGE -> KvWrite.purge(key);
            case PURGE_OF_REVISION, PURGE_OF_ANOTHER_REVISION ->
                KvWrite.of(key, io.natskv.core.KvOperation.PURGE, value, revision);
            case PURGE_DELETES, PURGE_ALL_DELETES, READ -> throw new AssertionError(operation);
        };
    }

    @Override
    public void purgeDeletes(boolean markersToo) {
        bucket.purgeDeletes(markersToo ? Duration.ZERO : KvBucket.DEFAULT_MARKER_AGE);
    }

    static <T> T get(CompletableFuture<T> future) throws InterruptedException, TimeoutException {
        try {
            return future.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw (RuntimeException) e.getCause();
        }
    }
}
