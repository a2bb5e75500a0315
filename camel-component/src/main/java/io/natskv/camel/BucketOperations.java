package io.natskv.camel;

import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.KvErrors;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Predicate;

/** The operations on whole buckets. */
final class BucketOperations {
    private BucketOperations() {}

    static CompletableFuture<Void> status(Request request, KvBucket bucket) {
        return bucket.statusAsync().thenAccept(request::setResult);
    }

    static CompletableFuture<Void> list(Request request, KvBuckets buckets, Executor workers) {
        // Page by page, each of which is waited for.
        return CompletableFuture.runAsync(
                () -> request.setResult(buckets.names().sorted().toList()), workers);
    }

    static CompletableFuture<Void> create(Request request, KvBuckets buckets) {
        return flagged(
                request,
                buckets.createAsync(BucketOpener.configOf(request.bucket(), request.options())),
                error -> KvErrors.isCode(error, KvErrors.STREAM_EXISTS));
    }

    static CompletableFuture<Void> delete(Request request, KvBuckets buckets) {
        return flagged(
                request, buckets.deleteAsync(request.bucket()), error -> error instanceof BucketNotFoundException);
    }

    private static CompletableFuture<Void> flagged(
            Request request, CompletableFuture<?> done, Predicate<Throwable> conflict) {
        if (request.options().getConflict() == NatsKvConflictPolicy.THROW) {
            return done.thenAccept(ok -> {});
        }
        return done.handle((ok, error) -> {
            Throwable cause = KeyOperations.unwrap(error);
            if (cause != null && !conflict.test(cause)) {
                throw new CompletionException(cause);
            }
            request.setHeader(NatsKvConstants.APPLIED, cause == null);
            return null;
        });
    }
}
