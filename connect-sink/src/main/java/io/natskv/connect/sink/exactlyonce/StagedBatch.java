package io.natskv.connect.sink.exactlyonce;

import io.natskv.connect.sink.exactlyonce.OffsetStore.Held;
import io.natskv.core.error.KvException;
import io.natskv.core.write.AtomicBatchWriter.OpenBatch;
import io.natskv.core.write.BatchWrite;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;

/**
 * A batch whose writes are with the server already, which sets them aside until the commit, and drops them if none comes. For one thread.
 */
final class StagedBatch {
    /** Half of the time after which a server, by its own default, gives up a batch that does not grow. */
    private static final Duration FRESH = Duration.ofSeconds(5);

    private final OpenBatch open;
    private final BiFunction<StoredOffset, Long, CompletableFuture<Held>> commit;
    private int sent;
    private long sentAt = System.nanoTime();

    /**
     * @param commit ends it with an offset, which counts on the revision of the one before
     */
    StagedBatch(OpenBatch open, BiFunction<StoredOffset, Long, CompletableFuture<Held>> commit) {
        this.open = open;
        this.commit = commit;
    }

    /** True if the server may still have it. */
    boolean isFresh() {
        return System.nanoTime() - sentAt < FRESH.toNanos();
    }

    /**
     * Sends what the server does not have yet.
     *
     * @param writes all of the batch: those of the last call, and maybe more
     * @throws KvException if they can't be sent; the batch is to be given up then
     */
    void send(List<BatchWrite> writes) {
        while (sent < writes.size()) {
            open.add(writes.get(sent));
            sent++;
            sentAt = System.nanoTime();
        }
    }

    /** Stores it, as {@link OffsetStore#write} does. */
    CompletableFuture<Held> commit(StoredOffset offset, long heldRevision) {
        return commit.apply(offset, heldRevision);
    }
}
