package io.natskv.core.differential;

import io.nats.client.JetStreamApiException;
import io.nats.client.KeyValue;
import io.nats.client.api.KeyValueEntry;
import io.nats.client.api.KeyValuePurgeOptions;
import io.nats.client.api.KeyValueWatchOption;
import io.nats.client.api.KeyValueWatcher;
import io.nats.client.impl.NatsKeyValueWatchSubscription;
import io.natskv.core.KvOperation;
import io.natskv.core.error.KvErrors;
import io.natskv.core.key.KeyFilter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The bucket through the client library's own KV. */
final class JnatsStore implements Store {
    private static final long DEADLINE_SECONDS = 30;

    private final KeyValue kv;
    private final boolean seesEnd;

    /** @param seesEnd false on server 2.9, by whose count of what is pending jnats ends too early or never */
    JnatsStore(KeyValue kv, boolean seesEnd) {
        this.kv = kv;
        this.seesEnd = seesEnd;
    }

    @Override
    public Optional<Row> get(String key) throws Exception {
        return Optional.ofNullable(kv.get(key)).map(entry -> row(entry, false));
    }

    @Override
    public Optional<Row> get(String key, long revision) throws Exception {
        return Optional.ofNullable(kv.get(key, revision)).map(entry -> row(entry, false));
    }

    @Override
    public List<Row> history(String key) throws Exception {
        return kv.history(key).stream().map(entry -> row(entry, false)).toList();
    }

    @Override
    public Collection<String> keys() throws Exception {
        return kv.keys();
    }

    @Override
    public Collection<String> keys(KeyFilter filter) throws Exception {
        return kv.keys(filter.pattern());
    }

    @Override
    @SuppressWarnings("try") // jnats declares close() to throw InterruptedException
    public List<Row> watch(WatchKind kind, long last) throws Exception {
        List<KeyValueWatchOption> options = new ArrayList<>();
        if (kind.history()) {
            options.add(KeyValueWatchOption.INCLUDE_HISTORY);
        }
        if (kind.ignoreDeletes()) {
            options.add(KeyValueWatchOption.IGNORE_DELETE);
        }
        if (kind.metaOnly()) {
            options.add(KeyValueWatchOption.META_ONLY);
        }
        List<Row> rows = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch end = new CountDownLatch(1);
        KeyValueWatcher watcher = new KeyValueWatcher() {
            @Override
            public void watch(KeyValueEntry entry) {
                rows.add(row(entry, kind.metaOnly()));
                if (!seesEnd && entry.getRevision() >= last) {
                    end.countDown();
                }
            }

            @Override
            public void endOfData() {
                if (seesEnd) {
                    end.countDown();
                }
            }
        };
        KeyValueWatchOption[] array = options.toArray(new KeyValueWatchOption[0]);
        if (!seesEnd && last == 0) {
            return List.of(); // nothing is due, and nothing would tell so
        }
        String filter = kind.filter().pattern();
        try (NatsKeyValueWatchSubscription watch =
                kind.from() > 0 ? kv.watch(filter, watcher, kind.from(), array) : kv.watch(filter, watcher, array)) {
            if (!end.await(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("jnats does not see the end of " + kind + " (" + watch + "), got " + rows);
            }
        }
        return List.copyOf(rows);
    }

    private static Row row(KeyValueEntry entry, boolean metaOnly) {
        byte[] value = entry.getValue() == null ? new byte[0] : entry.getValue();
        return new Row(
                entry.getKey(),
                metaOnly ? Long.toString(entry.getDataLen()) : HexFormat.of().formatHex(value),
                entry.getRevision(),
                KvOperation.valueOf(entry.getOperation().name()),
                entry.getCreated().toInstant());
    }

    @Override
    public long values() throws Exception {
        return kv.getStatus().getEntryCount();
    }

    @Override
    public long write(Operation operation, byte[] value, long expected) throws Exception {
        try {
            return tryToWrite(operation, value, expected);
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == KvErrors.WRONG_LAST_SEQUENCE) {
                return REFUSED;
            }
            throw e;
        }
    }

    private long tryToWrite(Operation operation, byte[] value, long expected)
            throws IOException, JetStreamApiException {
        String key = operation.key();
        switch (operation.kind()) {
            case PUT -> {
                return kv.put(key, value);
            }
            case CREATE -> {
                return kv.create(key, value);
            }
            case UPDATE, UPDATE_OF_ANOTHER_REVISION -> {
                return kv.update(key, value, expected);
            }
            case DELETE -> kv.delete(key);
            case DELETE_OF_REVISION, DELETE_OF_ANOTHER_REVISION -> kv.delete(key, expected);
            case PURGE -> kv.purge(key);
            case PURGE_OF_REVISION, PURGE_OF_ANOTHER_REVISION -> kv.purge(key, expected);
            case PURGE_DELETES, PURGE_ALL_DELETES, READ -> throw new AssertionError(operation);
        }
        return UNKNOWN;
    }

    @Override
    public void purgeDeletes(boolean markersToo) throws Exception {
        if (markersToo) {
            kv.purgeDeletes(
                    KeyValuePurgeOptions.builder().deleteMarkersNoThreshold().build());
        } else {
            kv.purgeDeletes();
        }
    }
}
