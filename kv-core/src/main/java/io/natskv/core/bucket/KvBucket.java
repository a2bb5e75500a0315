package io.natskv.core.bucket;

import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.api.CompressionOption;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.PublishAck;
import io.nats.client.api.StreamInfo;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import io.natskv.core.KvEntry;
import io.natskv.core.KvHeaders;
import io.natskv.core.KvOperation;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.KeyExistsException;
import io.natskv.core.error.KeyNotFoundException;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.error.WrongRevisionException;
import io.natskv.core.key.BucketSubjects;
import io.natskv.core.key.KeyFilter;
import io.natskv.core.key.KvNames;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.watch.WatchStart;
import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriterOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One bucket: single operations, and the way to the two engines, {@link #watch} and {@link #writer}. Thread-safe. Reads go to the
 * leader, so that a read sees what was acknowledged before it. Async first; the synchronous forms throw what the futures fail with.
 */
public final class KvBucket {
    private final KvConnection connection;
    private final BucketSubjects subjects;

    KvBucket(KvConnection connection, BucketSubjects subjects) {
        this.connection = connection;
        this.subjects = subjects;
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
        return Await.result(getAsync(key), action("get", key));
    }

    /** {@link #get} as a future. */
    public CompletableFuture<KvEntry> getAsync(String key) {
        return lastAsync(key).thenApply(entry -> {
            if (entry == null || entry.operation().isMarker()) {
                throw new KeyNotFoundException(name(), key);
            }
            return entry;
        });
    }

    /** The key's last revision, a marker included; null if there is none. */
    public CompletableFuture<KvEntry> lastAsync(String key) {
        KvNames.checkKey(key);
        return connection
                .api()
                .lastMessage(subjects.stream(), subjects.readSubject(key))
                .thenApply(message -> message == null ? null : entry(message))
                .exceptionally(error -> {
                    throw failure(error, action("get", key));
                });
    }

    /**
     * One revision of a key; a marker is returned as such.
     *
     * @throws KeyNotFoundException if the bucket does not hold that revision, or holds it for another key
     */
    public KvEntry get(String key, long revision) {
        return Await.result(getAsync(key, revision), action("get", key));
    }

    /** {@link #get(String, long)} as a future. */
    public CompletableFuture<KvEntry> getAsync(String key, long revision) {
        KvNames.checkKey(key);
        checkRevision(revision, 1);
        return connection.api().messageAt(subjects.stream(), revision).handle((message, error) -> {
            if (error != null) {
                throw failure(error, action("get", key));
            }
            if (message == null || !subjects.readSubject(key).equals(message.getSubject())) {
                throw new KeyNotFoundException(name(), key);
            }
            return entry(message);
        });
    }

    /** Stores a value; the last writer wins. Returns its revision. */
    public long put(String key, byte[] value) {
        return Await.result(putAsync(key, value), action("put", key));
    }

    /** Stores a text as UTF-8. */
    public long put(String key, String value) {
        return put(key, value.getBytes(StandardCharsets.UTF_8));
    }

    /** {@link #put(String, byte[])} as a future. */
    public CompletableFuture<Long> putAsync(String key, byte[] value) {
        return publish(key, value, KvOperation.PUT, null, OptionalLong.empty());
    }

    /** Stores a value with headers; control headers among them are left out. */
    public CompletableFuture<Long> putAsync(String key, byte[] value, Headers headers) {
        return publish(key, value, KvOperation.PUT, headers, OptionalLong.empty());
    }

    /**
     * Stores a value if the key has none; a marker is no value.
     *
     * @throws KeyExistsException if there is a value
     */
    public long create(String key, byte[] value) {
        return Await.result(createAsync(key, value), action("create", key));
    }

    /** {@link #create} as a future. */
    public CompletableFuture<Long> createAsync(String key, byte[] value) {
        return publish(key, value, KvOperation.PUT, null, OptionalLong.of(0))
                .handle((revision, error) -> {
                    if (error == null) {
                        return CompletableFuture.completedFuture(revision);
                    }
                    if (!(KvErrors.translate(error, "") instanceof WrongRevisionException)) {
                        return CompletableFuture.<Long>failedFuture(error);
                    }
                    return createOverMarker(key, value);
                })
                .thenCompose(future -> future);
    }

    private CompletableFuture<Long> createOverMarker(String key, byte[] value) {
        return lastAsync(key).thenCompose(last -> {
            if (last != null && !last.operation().isMarker()) {
                throw new KeyExistsException(name(), key);
            }
            return publish(key, value, KvOperation.PUT, null, OptionalLong.of(last == null ? 0 : last.revision()))
                    .exceptionally(error -> {
                        KvException failure = KvErrors.translate(error, "");
                        throw failure instanceof WrongRevisionException ? new KeyExistsException(name(), key) : failure;
                    });
        });
    }

    /**
     * Stores a value if the key's last revision is the expected one; 0 means that there is none.
     *
     * @throws WrongRevisionException if it is another
     */
    public long update(String key, byte[] value, long lastRevision) {
        return Await.result(updateAsync(key, value, lastRevision), action("update", key));
    }

    /** {@link #update} as a future. */
    public CompletableFuture<Long> updateAsync(String key, byte[] value, long lastRevision) {
        checkRevision(lastRevision, 0);
        return publish(key, value, KvOperation.PUT, null, OptionalLong.of(lastRevision));
    }

    /** Marks the key as deleted; its history stays. Returns the marker's revision. */
    public long delete(String key) {
        return Await.result(deleteAsync(key, OptionalLong.empty()), action("delete", key));
    }

    /**
     * {@link #delete}, on condition that the key's last revision is the expected one.
     *
     * @throws WrongRevisionException if it is another
     */
    public long delete(String key, long lastRevision) {
        return Await.result(deleteAsync(key, OptionalLong.of(lastRevision)), action("delete", key));
    }

    /** {@link #delete} as a future. */
    public CompletableFuture<Long> deleteAsync(String key, OptionalLong lastRevision) {
        lastRevision.ifPresent(revision -> checkRevision(revision, 1));
        return publish(key, new byte[0], KvOperation.DELETE, null, lastRevision);
    }

    /** Marks the key as deleted and removes its history. Returns the marker's revision. */
    public long purge(String key) {
        return Await.result(purgeAsync(key, OptionalLong.empty()), action("purge", key));
    }

    /**
     * {@link #purge}, on condition that the key's last revision is the expected one.
     *
     * @throws WrongRevisionException if it is another
     */
    public long purge(String key, long lastRevision) {
        return Await.result(purgeAsync(key, OptionalLong.of(lastRevision)), action("purge", key));
    }

    /** {@link #purge} as a future. */
    public CompletableFuture<Long> purgeAsync(String key, OptionalLong lastRevision) {
        lastRevision.ifPresent(revision -> checkRevision(revision, 1));
        return publish(key, new byte[0], KvOperation.PURGE, null, lastRevision);
    }

    /**
     * Hands every key that has a value to a consumer, once, in the order of their last revisions.
     *
     * @param timeout how long the whole listing may take
     * @throws io.natskv.core.error.UnavailableException if it took longer; a partial list is never returned as a whole one
     */
    public void keys(List<KeyFilter> filters, Duration timeout, Consumer<String> consumer) {
        WatchOptions options = WatchOptions.DEFAULT.withFilters(filters).withMetaOnly(true);
        Scan.run(this, options, timeout, (entry, live) -> {
            if (live) {
                consumer.accept(entry.key());
            }
        });
    }

    /** Every key that has a value, as a list. */
    public List<String> keys() {
        List<String> keys = new ArrayList<>();
        keys(List.of(KeyFilter.ALL), Duration.ofMinutes(5), keys::add);
        return keys;
    }

    /** The revisions of a key that the bucket still keeps, oldest first, markers included; empty if there are none. */
    public List<KvEntry> history(String key) {
        KvNames.checkKey(key);
        List<KvEntry> entries = new ArrayList<>();
        WatchOptions options =
                WatchOptions.DEFAULT.withFilters(List.of(new KeyFilter(key))).withStart(WatchStart.history());
        Scan.run(this, options, Duration.ofMinutes(1), (entry, live) -> entries.add(entry));
        return entries;
    }

    /** State and settings. */
    public BucketStatus status() {
        return Await.result(statusAsync(), "status of bucket \"" + name() + "\"");
    }

    /** {@link #status} as a future. */
    public CompletableFuture<BucketStatus> statusAsync() {
        return connection.api().streamInfo(subjects.stream()).handle((info, error) -> {
            if (error != null) {
                throw failure(error, "status of bucket \"" + name() + "\"");
            }
            return statusOf(info);
        });
    }

    /** Opens a watch. It connects to the bucket with the first {@link KvWatch#next}. */
    public KvWatch watch(WatchOptions options) {
        return new KvWatch(connection, subjects, options);
    }

    /** Opens a writer. */
    public KvWriter writer(WriterOptions options) {
        return new KvWriter(connection, subjects, options);
    }

    static BucketStatus statusOf(StreamInfo info) {
        var config = info.getConfiguration();
        var state = info.getStreamState();
        return new BucketStatus(
                info.getConfiguration().getName().substring("KV_".length()),
                state.getMsgCount(),
                (int) config.getMaxMsgsPerSubject(),
                config.getMaxAge(),
                state.getByteCount(),
                "JetStream",
                config.getCompressionOption() != null && config.getCompressionOption() != CompressionOption.None,
                state.getLastSequence(),
                info.getCreateTime().toInstant(),
                info);
    }

    private CompletableFuture<Long> publish(
            String key, byte[] value, KvOperation operation, Headers extra, OptionalLong expected) {
        KvNames.checkKey(key);
        Headers headers = KvHeaders.withoutControl(extra);
        if (operation.isMarker()) {
            headers.put(KvHeaders.OPERATION, operation.headerValue());
        }
        if (operation == KvOperation.PURGE) {
            headers.put(KvHeaders.ROLLUP, "sub");
        }
        expected.ifPresent(revision -> headers.put(KvHeaders.EXPECTED_LAST_SUBJECT_SEQUENCE, Long.toString(revision)));
        String action = action(operation.name().toLowerCase(Locale.ROOT), key);
        Duration timeout = connection.api().timeout();
        try {
            NatsMessage message = NatsMessage.builder()
                    .subject(subjects.writeSubject(key))
                    .headers(headers)
                    .data(value)
                    .build();
            return connection
                    .nats()
                    .requestWithTimeout(message, timeout)
                    .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                    .handle((reply, error) -> {
                        if (error != null) {
                            throw failure(error, action);
                        }
                        return revisionOf(reply, key, expected, action);
                    });
        } catch (IllegalStateException | IllegalArgumentException e) {
            return CompletableFuture.failedFuture(failure(e, action));
        }
    }

    private long revisionOf(Message reply, String key, OptionalLong expected, String action) {
        try {
            return new PublishAck(reply).getSeqno();
        } catch (JetStreamApiException e) {
            int code = e.getApiErrorCode();
            if (expected.isPresent()
                    && (code == KvErrors.WRONG_LAST_SEQUENCE || code == KvErrors.WRONG_LAST_SEQUENCE_IN_FLIGHT)) {
                throw new WrongRevisionException(
                        name(), key, expected.getAsLong(), KvErrors.sequenceIn(e.getErrorDescription()));
            }
            throw failure(e, action);
        } catch (IOException e) {
            throw failure(e, action);
        }
    }

    private KvEntry entry(MessageInfo message) {
        return new KvEntry(
                name(),
                subjects.keyOf(message.getSubject()),
                message.getData(),
                message.getSeq(),
                message.getTime().toInstant(),
                0,
                KvOperation.of(message.getHeaders()),
                message.getHeaders());
    }

    private KvException failure(Throwable error, String action) {
        return KvErrors.isCode(error, KvErrors.STREAM_NOT_FOUND)
                ? new BucketNotFoundException(name(), subjects.stream())
                : KvErrors.translate(error, action);
    }

    private String action(String verb, String key) {
        return verb + " key \"" + key + "\" in bucket \"" + name() + "\"";
    }

    private static void checkRevision(long revision, long least) {
        if (revision < least) {
            throw new IllegalArgumentException("A revision must be " + least + " or more, not " + revision);
        }
    }
}
