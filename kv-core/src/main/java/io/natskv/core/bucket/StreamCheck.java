package io.natskv.core.bucket;

import io.natskv.core.connection.JetStreamApi;
import io.natskv.core.error.KvErrors;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Asks the API whether a bucket is still there, at most once at a time for all writes that want to know. */
final class StreamCheck {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final JetStreamApi api;
    private final String stream;
    private CompletableFuture<Boolean> running = CompletableFuture.completedFuture(false);

    StreamCheck(JetStreamApi api, String stream) {
        this.api = api;
        this.stream = stream;
    }

    /** True if the API says that there is no such stream; false if there is one, or nobody tells. Never fails. */
    synchronized CompletableFuture<Boolean> gone() {
        if (running.isDone()) {
            running = api.streamInfo(stream, TIMEOUT)
                    .handle((info, error) -> KvErrors.isCode(error, KvErrors.STREAM_NOT_FOUND));
        }
        return running;
    }
}
