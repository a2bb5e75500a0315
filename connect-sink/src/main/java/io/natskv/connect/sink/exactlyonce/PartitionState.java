package io.natskv.connect.sink.exactlyonce;

import io.natskv.connect.sink.exactlyonce.OffsetStore.Held;
import io.natskv.connect.sink.exactlyonce.PartitionBuffer.Batch;
import io.natskv.core.error.KvException;
import java.util.concurrent.CompletableFuture;

/**
 * Where a partition stands. {@link Waiting} → {@link Claiming} → {@link Ready} ⇄ {@link Sending}; a batch that failed leads to
 * {@link Checking}, from there to {@link Ready} again, or back to {@link Waiting} if somebody else has claimed the partition.
 */
sealed interface PartitionState {
    default boolean isClaimed() {
        return this instanceof Claimed;
    }

    /** A batch is under way whose answer is not there yet. */
    default boolean isAwaiting() {
        return this instanceof Sending sending && !sending.answer().isDone();
    }

    /** The server has records of the next batch already. */
    default boolean isAhead() {
        return this instanceof Sending sending && sending.staged() != null
                || this instanceof Ready ready && ready.staged() != null;
    }

    /** Most bytes of a write, as {@link io.natskv.core.write.BatchWrite#size} counts them. */
    default long sizeLimit() {
        return this instanceof Claimed claimed ? claimed.store().sizeLimit() : Long.MAX_VALUE;
    }

    /** Kafka's id of the topic, as the claim has learned it; empty if it is not known. */
    default String topicId() {
        return this instanceof Claimed claimed ? claimed.held().offset().topicId() : "";
    }

    default int writesInFlight() {
        return this instanceof Sending sending ? sending.batch().writes().size() : 0;
    }

    default long bytesInFlight() {
        return this instanceof Sending sending ? sending.batch().bytes() : 0;
    }

    /** A state in which the partition is ours, as far as we know. */
    sealed interface Claimed extends PartitionState {
        OffsetStore store();

        /** The offset that was stored last. */
        Held held();
    }

    /**
     * Not claimed: its records are paused.
     *
     * @param until when to claim it, in {@link System#nanoTime}
     */
    record Waiting(long until) implements PartitionState {}

    /** The claim is under way. */
    record Claiming(OffsetStore store, CompletableFuture<Held> claim) implements PartitionState {}

    /**
     * Nothing is under way that could be stored.
     *
     * @param staged what the server has of the next batch; null if nothing
     */
    record Ready(OffsetStore store, Held held, StagedBatch staged) implements Claimed {
        Ready(OffsetStore store, Held held) {
            this(store, held, null);
        }
    }

    /**
     * A batch is under way.
     *
     * @param staged what the server has of the one behind it; null if nothing
     */
    record Sending(OffsetStore store, Held held, Batch batch, CompletableFuture<Held> answer, StagedBatch staged)
            implements Claimed {
        Sending withStaged(StagedBatch changed) {
            return changed == staged ? this : new Sending(store, held, batch, answer, changed);
        }
    }

    /** The leader is asked what is stored: because a batch failed, or, without cause, because the link is a new one. */
    record Checking(OffsetStore store, Held held, KvException cause, CompletableFuture<Checked> answer)
            implements Claimed {}

    /** Before the next attempt. */
    record Pausing(OffsetStore store, Held held, long until) implements Claimed {}

    /**
     * What the leader said.
     *
     * @param found the stored offset
     * @param madeRoom true if the bucket had lost the room for offsets
     * @param lastRevision the last one of the whole bucket
     * @param replaced true if the bucket was made anew since it was opened
     */
    record Checked(Held found, boolean madeRoom, long lastRevision, boolean replaced) {}
}
