package io.natskv.connect.source.reconcile;

import io.natskv.connect.source.reconcile.TopicTable.Held;
import io.natskv.core.KvEntry;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.UnavailableException;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchPosition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Asks the leader for the last entries of keys, many at a time, and hands over the answers that are known to come from the bucket in which a
 * position was taken. Another bucket of that name may take its place at any moment, and its revisions are other changes. So the bucket is looked
 * at behind the answers: if it is the right one then, it was the right one before. For one thread.
 */
final class LeaderReads {
    /** The bucket is looked at once for so many keys. */
    private static final int BATCH = 16;
    /** Answers hold values. */
    private static final int BATCHES = 3;

    private final KvBucket bucket;
    private final WatchPosition position;
    private final Output output;
    private final Queue<Batch> batches = new ArrayDeque<>(BATCHES);
    private List<Read> next = new ArrayList<>(BATCH);

    /** Where the answers go, in the order of the questions. */
    interface Output {
        /**
         * May wait.
         *
         * @param held what the topic holds of the key
         * @param last the key's last entry; null if it has none
         */
        void accept(String key, Held held, KvEntry last) throws InterruptedException;
    }

    private record Read(String key, Held held, CompletableFuture<KvEntry> last) {}

    private record Batch(List<Read> reads, CompletableFuture<Optional<WatchEvent.PositionLost>> lost) {}

    LeaderReads(KvBucket bucket, WatchPosition position, Output output) {
        this.bucket = bucket;
        this.position = position;
        this.output = output;
    }

    /**
     * Asks for a key; answers to earlier questions may be handed over meanwhile.
     *
     * @throws io.natskv.core.error.KvException if they can't be had, the bucket is another one, or the thread is interrupted
     */
    void ask(String key, Held held) {
        next.add(new Read(key, held, bucket.lastAsync(key)));
        if (next.size() >= BATCH) {
            confirm();
        }
    }

    /** Hands over all that is left. Looks at the bucket once more, also if nothing was asked. Fails as {@link #ask}. */
    void finish() {
        confirm();
        while (!batches.isEmpty()) {
            handOver(batches.remove());
        }
    }

    private void confirm() {
        List<Read> reads = next;
        next = new ArrayList<>(BATCH);
        batches.add(new Batch(
                reads,
                CompletableFuture.allOf(reads.stream().map(Read::last).toArray(CompletableFuture<?>[]::new))
                        .thenCompose(answered -> bucket.lostAsync(position))));
        if (batches.size() >= BATCHES) {
            handOver(batches.remove());
        }
    }

    private void handOver(Batch batch) {
        try {
            WatchEvent.PositionLost lost = batch.lost.get().orElse(null);
            if (lost != null) {
                throw new UnavailableException(lost.message(), null); // the watch will find out, and say what to do
            }
            for (Read read : batch.reads) {
                output.accept(read.key, read.held, read.last.join());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("Interrupted while reading bucket \"" + bucket.name() + "\"", null);
        } catch (ExecutionException e) {
            throw KvErrors.translate(e, "get keys in bucket \"" + bucket.name() + "\"");
        }
    }
}
