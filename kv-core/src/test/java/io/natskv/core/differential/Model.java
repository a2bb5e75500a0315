package io.natskv.core.differential;

import io.natskv.core.KvOperation;
import io.natskv.core.key.KeyFilter;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What ADR-8 says of a bucket, in memory. */
final class Model implements Store {
    private final Map<String, Deque<Row>> rows = new TreeMap<>();
    private final int history;
    private long last;

    Model(int history) {
        this.history = history;
    }

    long last() {
        return last;
    }

    /** The key's last revision; 0 for none. */
    long last(String key) {
        Deque<Row> kept = rows.get(key);
        return kept == null ? 0 : kept.getLast().revision();
    }

    @Override
    public long write(Operation operation, byte[] value, long expected) {
        return write(operation, value, expected, last + 1);
    }

    /** @param revision the one that the write got if it was done */
    long write(Operation operation, byte[] value, long expected, long revision) {
        KvOperation kind = switch (operation.kind()) {
            case PUT, CREATE, UPDATE, UPDATE_OF_ANOTHER_REVISION -> KvOperation.PUT;
            case DELETE, DELETE_OF_REVISION, DELETE_OF_ANOTHER_REVISION -> KvOperation.DELETE;
            case PURGE, PURGE_OF_REVISION, PURGE_OF_ANOTHER_REVISION -> KvOperation.PURGE;
            case PURGE_DELETES, PURGE_ALL_DELETES, READ -> throw new AssertionError(operation);
        };
        boolean allowed = operation.kind() == Operation.Kind.CREATE
                ? get(operation.key()).isEmpty()
                : operation.kind().pipelined() || expected == last(operation.key());
        if (!allowed) {
            return REFUSED;
        }
        Deque<Row> kept = rows.computeIfAbsent(operation.key(), key -> new ArrayDeque<>());
        if (kind == KvOperation.PURGE) {
            kept.clear();
        } else if (kept.size() == history) {
            kept.removeFirst();
        }
        String stored = kind == KvOperation.PUT ? HexFormat.of().formatHex(value) : "";
        kept.addLast(new Row(operation.key(), stored, revision, kind, null));
        last = Math.max(last, revision);
        return revision;
    }

    @Override
    public void purgeDeletes(boolean markersToo) {
        rows.values().removeIf(kept -> {
            Row newest = kept.getLast();
            if (newest.operation().isMarker()) {
                kept.removeIf(row -> row != newest);
                return markersToo;
            }
            return false;
        });
    }

    @Override
    public Optional<Row> get(String key) {
        return Optional.ofNullable(rows.get(key))
                .map(Deque::getLast)
                .filter(row -> !row.operation().isMarker());
    }

    @Override
    public Optional<Row> get(String key, long revision) {
        return history(key).stream()
                .filter(row -> row.revision() == revision && !row.operation().isMarker())
                .findFirst();
    }

    @Override
    public List<Row> history(String key) {
        return List.copyOf(rows.getOrDefault(key, new ArrayDeque<>()));
    }

    @Override
    public Collection<String> keys() {
        return keys(KeyFilter.ALL);
    }

    @Override
    public Collection<String> keys(KeyFilter filter) {
        return rows.keySet().stream()
                .filter(filter::matches)
                .filter(key -> get(key).isPresent())
                .toList();
    }

    @Override
    public List<Row> watch(WatchKind kind, long last) {
        boolean all = kind.history() || kind.from() > 0;
        return rows.values().stream()
                .flatMap(kept -> all ? kept.stream() : Stream.of(kept.getLast()))
                .filter(row -> kind.filter().matches(row.key()))
                .filter(row -> row.revision() >= kind.from())
                .filter(row -> !kind.ignoreDeletes() || !row.operation().isMarker())
                .map(row -> kind.metaOnly() ? row.withoutValue() : row)
                .sorted(Comparator.comparingLong(Row::revision))
                .toList();
    }

    @Override
    public long values() {
        return rows.values().stream().mapToLong(Deque::size).sum();
    }
}
