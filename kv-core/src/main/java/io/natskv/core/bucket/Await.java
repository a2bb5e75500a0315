package io.natskv.core.bucket;

import io.natskv.core.error.KvErrors;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** The synchronous face of the futures. */
final class Await {
    private Await() {}

    /** Waits for a future, which ends by itself: every request has a time-out. Fails with a {@link io.natskv.core.error.KvException}. */
    static <T> T result(CompletableFuture<T> future, String action) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            future.cancel(false); // it has no one who waits
            throw KvErrors.translate(e, action);
        } catch (ExecutionException e) {
            throw KvErrors.translate(e, action);
        }
    }
}
