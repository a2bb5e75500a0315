package io.natskv.core.write;

import io.natskv.core.connection.KvConnection;
import io.natskv.core.key.BucketSubjects;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Pipelined, per-key ordered writes. Thread-safe; writes to one key are done in the order in which they were submitted.
 */
public final class KvWriter implements AutoCloseable {
    public KvWriter(KvConnection connection, BucketSubjects subjects, WriterOptions options) {}

    /**
     * Hands a write over. Waits while the writer is full.
     *
     * @return the result; fails with a {@link io.natskv.core.error.KvException}. Actions attached to it run on the thread that receives
     *     acknowledgements and must not block
     */
    public CompletableFuture<WriteResult> submit(KvWrite write) {
        throw new IllegalStateException();
    }

    /** Waits until everything submitted before has settled; true if it did in time. */
    public boolean flush(Duration timeout) {
        throw new IllegalStateException();
    }

    /** How it is doing. */
    public WriterStats stats() {
        throw new IllegalStateException();
    }

    /** Gives up what has not settled: those futures fail with "unavailable", and nothing of it is sent any more. */
    @Override
    public void close() {
        throw new IllegalStateException();
    }
}
