package io.natskv.connect.sink.exactlyonce;

import io.natskv.connect.sink.exactlyonce.OffsetStore.Held;
import io.natskv.connect.sink.exactlyonce.PartitionBuffer.Batch;
import io.natskv.connect.sink.exactlyonce.PartitionState.Checking;
import io.natskv.connect.sink.exactlyonce.PartitionState.Ready;
import io.natskv.connect.sink.exactlyonce.PartitionState.Sending;
import io.natskv.core.error.KvException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.TopicPartition;

/**
 * Sends the batches of a partition. Only one has its commit under way; meanwhile the records of the next one go to the server, which sets them
 * aside, so that its commit alone is left to be sent when the answer is there. For one thread.
 */
final class LaneSender {
    private final TopicPartition partition;
    private final LaneContext context;
    private final PartitionBuffer buffer;
    private final LanePosition position;
    private final BatchSize size;
    private long sentAt;
    private long link; // over which the server was last asked for anything

    LaneSender(
            TopicPartition partition,
            LaneContext context,
            PartitionBuffer buffer,
            LanePosition position,
            BatchSize size) {
        this.partition = partition;
        this.context = context;
        this.buffer = buffer;
        this.position = position;
        this.size = size;
    }

    /** The server is asked for something. */
    void asks() {
        link = context.links();
    }

    /** Nobody has answered: whoever does next may not hold what was stored before. */
    void unanswered() {
        link = LaneContext.NO_LINK;
    }

    /** For how long the last batch was under way, in nanoseconds. */
    long nanosUnderWay() {
        return System.nanoTime() - sentAt;
    }

    /** Sends what is there; the same state again if that is nothing. */
    PartitionState send(Ready ready) {
        boolean sameLink = link == context.links();
        Batch batch;
        if (!buffer.isEmpty()) {
            batch = batchFrom(buffer.first());
        } else if (position.filteredTo() > ready.held().offset().next()) {
            batch = new Batch(List.of(), position.filteredTo(), 0);
        } else {
            // A server that came back without the end of its stream would else be noticed with the next record only.
            return sameLink ? ready : look(ready.store(), ready.held(), null);
        }
        if (batch == null) {
            return ready; // the dead-letter topic is to have the next record first
        }
        sentAt = System.nanoTime();
        asks();
        return new Sending(ready.store(), ready.held(), batch, context.ringing(commit(ready, batch, sameLink)), null);
    }

    private CompletableFuture<Held> commit(Ready ready, Batch batch, boolean sameLink) {
        StoredOffset offset = ready.held().offset().movedTo(batch.next());
        long revision = ready.held().revision();
        if (size.isAsking() && batch.writes().size() == 1) {
            return ready.store().writeAsking(batch.writes().get(0), offset, revision);
        }
        StagedBatch staged = ready.staged();
        if (staged == null || !sameLink || !staged.isFresh()) {
            return ready.store().write(batch.writes(), offset, revision);
        }
        try {
            staged.send(batch.writes());
        } catch (KvException e) {
            return CompletableFuture.failedFuture(e);
        }
        return staged.commit(offset, revision);
    }

    /** Sends, but for the commit, what is there behind a batch that is under way. */
    Sending sendAhead(Sending sending) {
        if (position.taken() <= sending.batch().next() || !size.isCalm()) {
            return sending;
        }
        StagedBatch staged = sending.staged();
        if (staged == null && !context.maySendAhead()) {
            return sending;
        }
        Batch batch = batchFrom(sending.batch().next());
        if (batch == null || batch.writes().isEmpty()) {
            return sending;
        }
        StagedBatch next = staged == null ? sending.store().stage() : staged;
        try {
            next.send(batch.writes());
        } catch (KvException e) {
            next = null; // the batch under way tells what is wrong
        }
        return next == staged
                ? sending
                : new Sending(sending.store(), sending.held(), sending.batch(), sending.answer(), next);
    }

    private Batch batchFrom(long offset) {
        return buffer.batch(offset, size.limit(), context.config().batchMaxBytes());
    }

    /** Asks what is stored. */
    Checking look(OffsetStore store, Held held, KvException cause) {
        asks();
        return new Checking(store, held, cause, context.ringing(store.check(partition)));
    }
}
