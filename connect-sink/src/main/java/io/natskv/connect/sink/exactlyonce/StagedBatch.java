package io.natskv.connect.sink.exactlyonce;

import io.natskv.connect.sink.exactlyonce.OffsetStore.Held;
import io.natskv.connect.sink.exactlyonce.PartitionBuffer.Batch;
import io.natskv.core.error.KvException;
import io.natskv.core.write.AtomicBatchWriter.OpenBatch;
import io.natskv.core.write.BatchWrite;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A batch whose writes are with the server already, which sets them aside until the commit, and drops them if none comes. For one thread.
 */
final class StagedBatch {
    /** Less than the ten seconds after which a server, unless it is set otherwise, drops a batch without a commit. */
    private static final Duration FRESH = Duration.ofSeconds(7);

    private final OffsetStore store;
    private final OpenBatch open;
    private final List<BatchWrite> sent = new ArrayList<>();
    private final long begun = System.nanoTime();

    StagedBatch(OffsetStore store, OpenBatch open) {
        this.store = store;
        this.open = open;
    }

    /** True if the server may still have it. */
    boolean isFresh() {
        return System.nanoTime() - begun < FRESH.toNanos();
    }

    /** True if a batch begins with what was sent, write by write. */
    boolean fits(Batch batch) {
        int size = sent.size();
        return batch.writes().size() >= size && batch.writes().subList(0, size).equals(sent);
    }

    /**
     * Sends what the server does not have yet.
     *
     * @param batch all of it, which {@link #fits}
     * @throws KvException if it can't be sent; this is to be given up then
     */
    void send(Batch batch) {
        for (BatchWrite write :
                batch.writes().subList(sent.size(), batch.writes().size())) {
            open.add(write);
            sent.add(write);
        }
    }

    /** Stores it, as {@link OffsetStore#write} does. */
    CompletableFuture<Held> commit(StoredOffset offset, long heldRevision) {
        return store.commit(open, offset, heldRevision);
    }
}
