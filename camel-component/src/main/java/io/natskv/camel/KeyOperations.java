package io.natskv.camel;

import io.natskv.core.KvEntry;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.error.KeyExistsException;
import io.natskv.core.error.KeyNotFoundException;
import io.natskv.core.error.WrongRevisionException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** The operations on one key. Nothing here waits; results are set by the client's thread before the future completes. */
final class KeyOperations {
    private KeyOperations() {}

    static CompletableFuture<Void> put(Request request, KvBucket bucket) {
        request.refuseTtl(NatsKvOperation.PUT);
        request.refuseRevision(NatsKvOperation.PUT);
        String key = request.key();
        return bucket.putAsync(key, request.body()).thenAccept(revision -> request.reportRevision(key, revision));
    }

    static CompletableFuture<Void> create(Request request, KvBucket bucket) {
        String key = request.key();
        byte[] value = request.body();
        Optional<Duration> ttl = request.ttl();
        return conditional(
                request,
                key,
                ttl.isPresent() ? bucket.createAsync(key, value, ttl.get()) : bucket.createAsync(key, value));
    }

    static CompletableFuture<Void> update(Request request, KvBucket bucket) {
        request.refuseTtl(NatsKvOperation.UPDATE);
        String key = request.key();
        return conditional(request, key, bucket.updateAsync(key, request.body(), request.updateRevision()));
    }

    static CompletableFuture<Void> delete(Request request, KvBucket bucket) {
        request.refuseTtl(NatsKvOperation.DELETE);
        String key = request.key();
        return conditional(request, key, bucket.deleteAsync(key, request.revision()));
    }

    static CompletableFuture<Void> purge(Request request, KvBucket bucket) {
        String key = request.key();
        OptionalLong revision = request.revision();
        Optional<Duration> ttl = request.ttl();
        return conditional(
                request,
                key,
                ttl.isPresent() ? bucket.purgeAsync(key, revision, ttl.get()) : bucket.purgeAsync(key, revision));
    }

    /** Waits for a write that may find the key in another state. */
    private static CompletableFuture<Void> conditional(Request request, String key, CompletableFuture<Long> write) {
        boolean flag = request.options().getConflict() == NatsKvConflictPolicy.FLAG;
        return write.handle((revision, error) -> {
            Throwable cause = unwrap(error);
            if (cause == null) {
                request.reportRevision(key, revision);
            } else if (!flag || !isConflict(cause)) {
                throw new CompletionException(typed(cause, request, key));
            } else {
                request.forgetRevision();
            }
            if (flag) {
                request.setHeader(NatsKvConstants.APPLIED, cause == null);
            }
            return null;
        });
    }

    static CompletableFuture<Void> get(Request request, KvBucket bucket) {
        String key = request.key();
        OptionalLong revision = request.revision();
        CompletableFuture<KvEntry> read =
                revision.isPresent() ? bucket.getAsync(key, revision.getAsLong()) : bucket.getAsync(key);
        return read.handle((entry, error) -> {
            Throwable cause = unwrap(error);
            if (cause == null && !entry.operation().isMarker()) {
                found(request, entry);
            } else if (cause != null && !(cause instanceof KeyNotFoundException)) {
                throw new CompletionException(cause);
            } else if (request.options().isFailIfAbsent()) {
                throw new CompletionException(
                        new NatsKvKeyNotFoundException(request.bucket(), key, request.exchange(), cause));
            } else {
                absent(request);
            }
            return null;
        });
    }

    /** Makes an entry the result. */
    static void found(Request request, KvEntry entry) {
        request.setHeader(NatsKvConstants.FOUND, true);
        request.reportRevision(entry.key(), entry.revision());
        request.setHeader(NatsKvConstants.CREATED, entry.created());
        request.setResult(entry.value());
    }

    private static void absent(Request request) {
        request.setHeader(NatsKvConstants.FOUND, false);
        request.forgetRevision();
        request.setResult(request.options().getDefaultValue());
    }

    private static boolean isConflict(Throwable cause) {
        return cause instanceof KeyExistsException || cause instanceof WrongRevisionException;
    }

    private static Throwable typed(Throwable cause, Request request, String key) {
        if (cause instanceof KeyExistsException) {
            return new NatsKvKeyExistsException(request.bucket(), key, request.exchange(), cause);
        }
        if (cause instanceof WrongRevisionException wrong) {
            return new NatsKvRevisionMismatchException(request.bucket(), key, request.exchange(), wrong);
        }
        return cause;
    }

    static Throwable unwrap(Throwable error) {
        return error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    }
}
