package io.natskv.core.differential;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.bucket.KvBucket;
import io.natskv.core.differential.Operation.Kind;
import io.natskv.core.differential.Operation.Via;
import io.natskv.core.differential.Store.WatchKind;
import io.natskv.core.key.KeyFilter;
import io.natskv.core.write.AtomicBatchWriter;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriteResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/** Applies a sequence to a bucket and to the model, and compares what everybody reads. */
final class Replay {
    private static final int MAX_UNDER_WAY = 50;

    private final KvBucket bucket;
    private final KvWriter writer;
    private final CoreStore core;
    private final Store jnats;
    private final Model model;
    private final List<UnderWay> underWay = new ArrayList<>();
    private AtomicBatchWriter batches;

    /** An unconditional write that has no result yet. */
    private record UnderWay(Operation operation, byte[] value) {}

    Replay(KvBucket bucket, KvWriter writer, Store jnats, int history) {
        this.bucket = bucket;
        this.writer = writer;
        this.core = new CoreStore(bucket, writer);
        this.jnats = jnats;
        this.model = new Model(history);
    }

    /** @throws AssertionError where two differ */
    void run(List<Operation> operations) throws Exception {
        for (int i = 0; i < operations.size(); i++) {
            try {
                apply(operations.get(i), valueOf(operations.get(i), i));
            } catch (Exception | AssertionError e) {
                throw new AssertionError("at " + i + ", " + operations.get(i) + ": " + e.getMessage(), e);
            }
        }
        settle();
        compare();
    }

    /** By its place in the sequence, so that a stale value is seen. */
    private static byte[] valueOf(Operation operation, int index) {
        byte[] value = new byte[operation.size()];
        new Random(index).nextBytes(value);
        return value;
    }

    private void apply(Operation operation, byte[] value) throws Exception {
        boolean together = operation.kind().pipelined()
                && (operation.via() == Via.WRITER || operation.via() == Via.BATCH)
                && underWay.size() < MAX_UNDER_WAY
                && (underWay.isEmpty() || underWay.get(0).operation().via() == operation.via());
        if (!together) {
            settle();
        }
        if (operation.kind().pipelined() && (operation.via() == Via.WRITER || operation.via() == Via.BATCH)) {
            underWay.add(new UnderWay(operation, value));
        } else if (operation.kind() == Kind.READ) {
            compare();
        } else if (operation.kind().concernsBucket()) {
            boolean markersToo = operation.kind() == Kind.PURGE_ALL_DELETES;
            storeOf(operation).purgeDeletes(markersToo);
            model.purgeDeletes(markersToo);
        } else {
            long expected = expected(operation);
            long wanted = model.write(operation, value, expected);
            long revision = storeOf(operation).write(operation, value, expected);
            if (revision != Store.UNKNOWN) {
                assertThat(revision).as("revision").isEqualTo(wanted);
            }
        }
    }

    private Store storeOf(Operation operation) {
        return operation.via() == Via.JNATS ? jnats : core;
    }

    private long expected(Operation operation) {
        long last = model.last(operation.key());
        return switch (operation.kind()) {
            case UPDATE -> last;
            // A key without any revision has none to delete: a condition that can't hold.
            case DELETE_OF_REVISION, PURGE_OF_REVISION -> last == 0 ? model.last() + 1 : last;
            case UPDATE_OF_ANOTHER_REVISION, DELETE_OF_ANOTHER_REVISION, PURGE_OF_ANOTHER_REVISION ->
                last > 1 && operation.size() % 2 == 0 ? last - 1 : last + 1;
            default -> 0;
        };
    }

    private void settle() throws Exception {
        if (underWay.isEmpty()) {
            return;
        }
        List<Long> revisions = underWay.get(0).operation().via() == Via.BATCH ? commit() : pipeline();
        underWay.clear();
        for (long revision : revisions) {
            assertThat(revision).as("revision").isPositive();
        }
    }

    /** All at once, each result of its own: revisions of one key in order, all of them without a gap. */
    private List<Long> pipeline() throws Exception {
        List<CompletableFuture<WriteResult>> results = underWay.stream()
                .map(write -> writer.submit(CoreStore.writeOf(write.operation(), write.value(), 0)))
                .toList();
        long before = model.last();
        List<Long> revisions = new ArrayList<>();
        Map<String, Long> lastOfKey = new HashMap<>();
        Map<Long, UnderWay> byRevision = new java.util.TreeMap<>();
        for (int i = 0; i < results.size(); i++) {
            WriteResult result = CoreStore.get(results.get(i));
            UnderWay write = underWay.get(i);
            String key = write.operation().key();
            assertThat(result.outcome()).isEqualTo(WriteResult.Outcome.STORED);
            assertThat(result.revision()).as("order of key %s", key).isGreaterThan(lastOfKey.getOrDefault(key, before));
            lastOfKey.put(key, result.revision());
            revisions.add(result.revision());
            byRevision.put(result.revision(), write);
        }
        assertThat(new TreeSet<>(revisions).last())
                .as("revisions %s", revisions)
                .isEqualTo(before + revisions.size());
        byRevision.forEach((revision, write) -> model.write(write.operation(), write.value(), 0, revision));
        return revisions;
    }

    /** In atomic batches; a purge behind another write of its key begins a new one. */
    private List<Long> commit() throws Exception {
        if (batches == null) {
            batches = CoreStore.get(bucket.batchWriter());
        }
        List<Long> revisions = new ArrayList<>();
        List<KvWrite> batch = new ArrayList<>();
        Set<String> keys = new HashSet<>();
        for (UnderWay write : underWay) {
            boolean again = !keys.add(write.operation().key());
            if (again && write.operation().kind() == Kind.PURGE) {
                commit(batch, revisions);
                keys.clear();
                keys.add(write.operation().key());
            }
            batch.add(CoreStore.writeOf(write.operation(), write.value(), 0));
        }
        commit(batch, revisions);
        for (int i = 0; i < underWay.size(); i++) {
            UnderWay write = underWay.get(i);
            assertThat(revisions.get(i)).as("revision").isEqualTo(model.write(write.operation(), write.value(), 0));
        }
        return revisions;
    }

    private void commit(List<KvWrite> batch, List<Long> revisions) throws Exception {
        AtomicBatchWriter.Committed committed = CoreStore.get(batches.write(List.copyOf(batch)));
        for (long revision = committed.firstRevision(); revision <= committed.lastRevision(); revision++) {
            revisions.add(revision);
        }
        batch.clear();
    }

    private void compare() throws Exception {
        Map<String, Object> expected = everything(model);
        Map<String, Object> ours = everything(core);
        Map<String, Object> theirs = everything(jnats);
        expected.forEach((what, rows) -> {
            assertThat(timeless(ours.get(what))).as("kv-core, %s", what).isEqualTo(rows);
            assertThat(timeless(theirs.get(what))).as("jnats, %s", what).isEqualTo(rows);
            assertThat(ours.get(what)).as("kv-core against jnats, %s", what).isEqualTo(theirs.get(what));
        });
    }

    private Map<String, Object> everything(Store store) throws Exception {
        Map<String, Object> all = new LinkedHashMap<>();
        KeyFilter some = new KeyFilter("a.>");
        all.put("values", store.values());
        for (String key : Operation.keys()) {
            all.put("get " + key, store.get(key).map(List::of).orElse(List.of()));
            all.put("history of " + key, store.history(key));
            for (long revision : revisionsAround(key)) {
                all.put(
                        "get " + key + " at " + revision,
                        store.get(key, revision).map(List::of).orElse(List.of()));
            }
        }
        all.put("keys", new TreeSet<>(store.keys()));
        all.put("keys of a.>", new TreeSet<>(store.keys(some)));
        for (WatchKind kind : List.of(
                new WatchKind(KeyFilter.ALL, false, false, false, 0),
                new WatchKind(KeyFilter.ALL, true, false, false, 0),
                new WatchKind(KeyFilter.ALL, false, true, false, 0),
                new WatchKind(KeyFilter.ALL, true, true, true, 0),
                new WatchKind(KeyFilter.ALL, false, false, true, 0),
                new WatchKind(some, false, false, false, 0),
                new WatchKind(KeyFilter.ALL, false, false, false, model.last() / 2 + 1))) {
            List<Row> due = model.watch(kind, 0);
            all.put(
                    kind.toString(),
                    store.watch(
                            kind, due.isEmpty() ? 0 : due.get(due.size() - 1).revision()));
        }
        return all;
    }

    /** Of the key, and of another one. */
    private List<Long> revisionsAround(String key) {
        long last = model.last(key);
        return last < 2 ? List.of(1L) : List.of(last, last - 1);
    }

    private static Object timeless(Object rows) {
        return rows instanceof List<?> list
                ? list.stream().map(row -> ((Row) row).withoutTime()).toList()
                : rows;
    }
}
