package io.natskv.camel;

import io.natskv.core.KvEntry;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.key.KeyFilter;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriteResult;
import io.natskv.core.write.WriterOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;

/** The operations on many keys of a bucket; those that wait do so on the workers. Owns the writer of PUT_ALL. */
final class BulkOperations implements AutoCloseable {
    private static final long IN_FLIGHT_BYTES = 32L << 20;

    private final NatsKvConfiguration options;
    private final Executor workers;
    private final ReentrantLock lock = new ReentrantLock();
    /** Made by the first PUT_ALL. With the lock. */
    private KvWriter writer;

    private boolean closed;

    BulkOperations(NatsKvConfiguration options, Executor workers) {
        this.options = options;
        this.workers = workers;
    }

    CompletableFuture<Void> keys(Request request, KvBucket bucket) {
        List<KeyFilter> filters = request.filters();
        Duration timeout = request.listTimeout();
        return CompletableFuture.runAsync(() -> request.setResult(bucket.keys(filters, timeout)), workers);
    }

    CompletableFuture<Void> history(Request request, KvBucket bucket) {
        String key = request.key();
        Duration timeout = request.listTimeout();
        return CompletableFuture.runAsync(() -> request.setResult(bucket.history(key, timeout)), workers);
    }

    CompletableFuture<Void> getAll(Request request, KvBucket bucket) {
        CompletableFuture<List<String>> keys = request.listedKeys()
                .map(CompletableFuture::completedFuture)
                .orElseGet(() -> {
                    List<KeyFilter> filters = request.filters();
                    return CompletableFuture.supplyAsync(() -> bucket.keys(filters, request.listTimeout()), workers);
                });
        return keys.thenCompose(
                wanted -> bucket.getAllAsync(wanted).thenAccept(found -> request.setResult(inOrder(wanted, found))));
    }

    private static Map<String, byte[]> inOrder(List<String> wanted, Map<String, KvEntry> found) {
        Map<String, byte[]> values = new LinkedHashMap<>();
        for (String key : wanted) {
            KvEntry entry = found.get(key);
            if (entry != null) {
                values.put(key, entry.value());
            }
        }
        return values;
    }

    CompletableFuture<Void> purgeDeletes(Request request, KvBucket bucket) {
        Duration threshold = Duration.ofMillis(options.getMarkerThreshold());
        return CompletableFuture.runAsync(
                () -> request.setHeader(NatsKvConstants.PURGED, bucket.purgeDeletes(threshold)), workers);
    }

    /** Pipelined, in order within each key. What can't be a write at all fails it before anything is written. */
    CompletableFuture<Void> putAll(Request request, KvBucket bucket) {
        List<KvWrite> writes = writes(request);
        // The writer waits while it is full.
        return CompletableFuture.supplyAsync(() -> submit(writes, bucket), workers)
                .thenCompose(results -> CompletableFuture.allOf(results.toArray(new CompletableFuture<?>[0]))
                        .handle((done, error) -> {
                            report(request, writes, results);
                            return null;
                        }));
    }

    private List<KvWrite> writes(Request request) {
        Object body = request.exchange().getMessage().getBody();
        List<KvWrite> writes = new ArrayList<>();
        if (body instanceof Map<?, ?> map) {
            map.forEach((key, value) -> writes.add(put(request, String.valueOf(key), value)));
        } else if (body instanceof Iterable<?> entries) {
            entries.forEach(entry -> writes.add(write(request, entry)));
        } else {
            throw unusable(request, body);
        }
        return writes;
    }

    private KvWrite put(Request request, String key, Object value) {
        if (value == null && !options.isAllowNullBody()) {
            throw new IllegalArgumentException("PUT_ALL into bucket \"" + request.bucket() + "\": the value of key \""
                    + key + "\" is null; allowNullBody=true stores an empty one");
        }
        return KvWrite.put(key, request.bytes(key, value));
    }

    private static KvWrite write(Request request, Object element) {
        if (element instanceof KvEntry entry) {
            return KvWrite.of(entry.key(), entry.operation(), entry.value(), KvWrite.Condition.ALWAYS);
        }
        throw unusable(request, element);
    }

    private static IllegalArgumentException unusable(Request request, Object found) {
        return new IllegalArgumentException("PUT_ALL into bucket \"" + request.bucket()
                + "\" takes a Map of keys to values, or a List of KvEntry; found "
                + (found == null ? "null" : found.getClass().getName()));
    }

    private List<CompletableFuture<WriteResult>> submit(List<KvWrite> writes, KvBucket bucket) {
        KvWriter to = writer(bucket);
        List<CompletableFuture<WriteResult>> results = new ArrayList<>(writes.size());
        writes.forEach(write -> results.add(to.submit(write)));
        return results;
    }

    private KvWriter writer(KvBucket bucket) {
        lock.lock();
        try {
            if (closed) {
                throw new RejectedExecutionException(
                        "The producer for bucket \"" + bucket.name() + "\" is not started");
            }
            if (writer == null) {
                Duration ack = Duration.ofMillis(options.getRequestTimeout());
                Duration total = Duration.ofMillis(options.getListTimeout());
                writer = bucket.writer(WriterOptions.DEFAULT
                        .withInFlight(options.getMaxInFlight(), IN_FLIGHT_BYTES)
                        .withTimeouts(ack, total.compareTo(ack) < 0 ? ack : total));
            }
            return writer;
        } finally {
            lock.unlock();
        }
    }

    private static void report(Request request, List<KvWrite> writes, List<CompletableFuture<WriteResult>> results) {
        Map<String, Long> revisions = new LinkedHashMap<>();
        Map<String, Throwable> failures = new LinkedHashMap<>();
        for (int i = 0; i < writes.size(); i++) {
            String key = writes.get(i).key();
            try {
                revisions.put(key, results.get(i).join().revision());
            } catch (CompletionException e) {
                failures.putIfAbsent(key, KeyOperations.unwrap(e));
            }
        }
        revisions.keySet().removeAll(failures.keySet());
        request.setHeader(NatsKvConstants.REVISIONS, revisions);
        if (!failures.isEmpty()) {
            throw new CompletionException(
                    new NatsKvPutAllException(request.bucket(), revisions, failures, request.exchange()));
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            if (writer != null) {
                writer.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
