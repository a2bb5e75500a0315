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
    private static final int MOST_IN_A_ROW = 16;

    private final TopicPartition partition;
    private final LaneContext context;
    private final PartitionBuffer buffer;
    private final LanePosition position;
    private final BatchSize size;
    private long sentAt;
    private long lookedTo; // behind the last record that was there when batches were last sent ahead
    private int aheadInRow; // batches that were
    private boolean givenUp; // until the next batch
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
        lookedTo = batch.next();
        givenUp = false;
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
        boolean usable = staged != null && sameLink && staged.isFresh() && staged.fits(batch);
        aheadInRow = usable ? aheadInRow + 1 : 0;
        if (!usable) {
            return ready.store().write(batch.writes(), offset, revision);
        }
        try {
            staged.send(batch);
        } catch (KvException e) {
            return CompletableFuture.failedFuture(e);
        }
        return staged.commit(offset, revision);
    }

    /** Sends, but for the commit, what is there behind a batch that is under way. */
    Sending sendAhead(Sending sending) {
        StagedBatch staged = sending.staged();
        if (position.taken() <= lookedTo
                || link != context.links()
                || !sending.store().takesMore()
                || staged == null && !mayBegin()) {
            return sending;
        }
        lookedTo = position.taken();
        Batch batch = batchFrom(sending.batch().next());
        if (batch == null || batch.writes().isEmpty()) {
            return sending;
        }
        if (staged == null) {
            staged = sending.store().stage();
        } else if (!staged.isFresh() || !staged.fits(batch)) {
            return notAhead(sending);
        }
        try {
            staged.send(batch);
        } catch (KvException e) {
            return notAhead(sending); // the batch under way tells what is wrong
        }
        return sending.withStaged(staged);
    }

    /** Now and then the server has one unfinished batch less: another task may wait for that. */
    private boolean mayBegin() {
        return !givenUp && aheadInRow < MOST_IN_A_ROW && context.beginAhead();
    }

    private Sending notAhead(Sending sending) {
        givenUp = true;
        return sending.withStaged(null);
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
