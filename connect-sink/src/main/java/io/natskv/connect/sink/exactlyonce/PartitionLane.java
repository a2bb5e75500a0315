package io.natskv.connect.sink.exactlyonce;

import io.natskv.connect.sink.exactlyonce.OffsetStore.Held;
import io.natskv.connect.sink.exactlyonce.PartitionBuffer.Batch;
import io.natskv.connect.sink.exactlyonce.PartitionBuffer.Item;
import io.natskv.connect.sink.exactlyonce.PartitionState.Checked;
import io.natskv.connect.sink.exactlyonce.PartitionState.Checking;
import io.natskv.connect.sink.exactlyonce.PartitionState.Claimed;
import io.natskv.connect.sink.exactlyonce.PartitionState.Claiming;
import io.natskv.connect.sink.exactlyonce.PartitionState.Pausing;
import io.natskv.connect.sink.exactlyonce.PartitionState.Ready;
import io.natskv.connect.sink.exactlyonce.PartitionState.Sending;
import io.natskv.connect.sink.exactlyonce.PartitionState.Waiting;
import io.natskv.core.connect.ConnectErrors;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.error.ValueTooLargeException;
import io.natskv.core.write.BatchWrite;
import java.util.OptionalLong;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * One partition: its records wait here, and go to the bucket batch by batch, each with the offset behind it. One batch is under way at a
 * time. A batch that may or may not have been stored can be sent again as it is, or as another one: each counts on the same last offset, so
 * only one of them is stored, and the stored offset tells which. Belongs to the task's thread.
 */
final class PartitionLane {
    private final TopicPartition partition;
    private final LaneContext context;
    private final LaneLog log;
    private final PartitionBuffer buffer = new PartitionBuffer();
    private final RetryBudget budget;
    private final LostClaims losses;
    private final BatchSize size;
    private final LaneSender sender;
    private PartitionState state = new Waiting(System.nanoTime());
    private final LanePosition position = new LanePosition();
    private volatile boolean closed;

    PartitionLane(TopicPartition partition, LaneContext context) {
        this.partition = partition;
        this.context = context;
        this.log = new LaneLog(partition);
        this.size = new BatchSize(context.config().batchMaxRecords());
        this.sender = new LaneSender(partition, context, buffer, position, size);
        this.budget = new RetryBudget(partition, context.deadline(), context.maxRetries());
        this.losses = new LostClaims(partition, context, log, position);
    }

    /** The worker has polled since the last call: a seek that was asked for is done. */
    void polled() {
        position.polled();
    }

    /**
     * Whether a record is to be handed over. One that is not will come again.
     *
     * @throws ConnectException if it can't belong to the topic that the stored offset is of
     */
    boolean takes(long offset) {
        if (!(state instanceof Claimed claimed)) {
            position.dropped(offset);
            return false;
        }
        if (position.isBehind(offset)) {
            if (!context.config().resetsOnMismatch()) {
                throw ConnectErrors.of(
                        OffsetMismatch.wentBack(claimed.store(), claimed.held().offset(), offset, position.taken()),
                        "");
            }
            log.wentBack(offset, position.taken());
            position.force(offset);
            state = lost(System.nanoTime());
            return false;
        }
        return true;
    }

    /**
     * Checks that a write fits into the bucket.
     *
     * @throws ValueTooLargeException if it does not
     */
    void checkSize(BatchWrite write, String bucket) {
        if (write.size() > state.sizeLimit()) {
            throw new ValueTooLargeException(
                    bucket,
                    write.write().key(),
                    write.size(),
                    state.sizeLimit(),
                    "max_value_size or max_payload, headers included");
        }
    }

    /** Takes a record over. */
    void add(Item item) {
        buffer.add(item);
        position.took(item.offset());
    }

    /**
     * A record is too large. If the limit was read a while ago the bucket is opened anew, and the record comes again.
     *
     * @return false if the limit is of now
     */
    boolean looksAgain(long offset) {
        if (!(state instanceof Claimed claimed && claimed.store().isOutdated())) {
            return false;
        }
        context.lookAgain(partition);
        position.dropped(offset);
        state = lost(System.nanoTime());
        return true;
    }

    /** Goes on as far as it can without waiting. */
    void advance(long now) {
        PartitionState before;
        do {
            before = state;
            state = after(before, now);
        } while (state != before);
    }

    private PartitionState after(PartitionState current, long now) {
        if (current instanceof Waiting waiting) {
            return now - waiting.until() < 0 ? waiting : claim(waiting, now);
        } else if (current instanceof Claiming claiming) {
            return claiming.claim().isDone() ? claimed(claiming, now) : claiming;
        } else if (current instanceof Ready ready) {
            return sender.send(ready);
        } else if (current instanceof Sending sending) {
            return sending.answer().isDone() ? sent(sending, now) : sender.sendAhead(sending);
        } else if (current instanceof Checking checking) {
            return checking.answer().isDone() ? checked(checking, now) : checking;
        } else if (current instanceof Pausing pausing) {
            return now - pausing.until() < 0 ? pausing : new Ready(pausing.store(), pausing.held());
        }
        throw new IllegalStateException("Unknown state " + current);
    }

    private PartitionState claim(Waiting waiting, long now) {
        OffsetStore store = context.storeFor(partition);
        if (store == null) {
            budget.failed(now, context.whyNoStore(partition));
            return waiting;
        }
        sender.asks();
        return new Claiming(
                store,
                context.ringing(context.claims()
                        .claim(store, partition, position.resumeAt(), position.forced(), () -> !closed)));
    }

    private PartitionState claimed(Claiming claiming, long now) {
        Held held;
        try {
            held = claiming.claim().join();
        } catch (CompletionException e) {
            KvException error = KvErrors.translate(e, "claim partition " + partition);
            return switch (Failure.of(error)) {
                case MISSING -> missing(now);
                case REFUSED, FATAL -> throw ConnectErrors.of(error, "");
                case FULL, PASSING -> {
                    if (Failure.of(error) == Failure.FULL && size.block()) {
                        log.blocked(claiming.store(), 0, error);
                    }
                    failed(claiming.store(), now, error);
                    yield new Waiting(budget.retryAt(now));
                }
            };
        }
        budget.succeeded();
        if (size.unblock()) {
            log.goesOn(claiming.store());
        }
        context.meter().claims.increment();
        if (position.claimedAt(held.offset().next())) {
            context.seek(partition, held.offset().next());
        }
        log.claimed(claiming.store(), held.offset());
        return new Ready(claiming.store(), held);
    }

    private PartitionState sent(Sending sending, long now) {
        try {
            return stored(sending, sending.answer().join());
        } catch (CompletionException e) {
            KvException error = KvErrors.translate(e, "store partition " + partition);
            return switch (Failure.of(error)) {
                case FULL -> full(sending, error, now);
                case REFUSED -> refused(sending, error);
                case FATAL -> throw ConnectErrors.of(error, "Partition " + partition);
                case MISSING, PASSING -> check(sending, error);
            };
        }
    }

    /** The stored offset tells what became of the batch. */
    private Checking check(Sending sending, KvException error) {
        size.failed(error, sending.batch().writes().size());
        sending.store().suspect(error);
        return sender.look(sending.store(), sending.held(), error);
    }

    private PartitionState stored(Sending sending, Held held) {
        Batch batch = sending.batch();
        context.meter().stored(batch.writes().size(), sender.nanosUnderWay());
        if (size.stored()) {
            log.goesOn(sending.store());
        }
        return at(sending.store(), held, sending.staged());
    }

    /** What is stored is known. */
    private Ready at(OffsetStore store, Held held, StagedBatch staged) {
        budget.succeeded();
        position.storedUpTo(held.offset().next());
        buffer.removeBelow(held.offset().next());
        return new Ready(store, held, staged);
    }

    /** The bucket has no room for the whole batch: its bytes have to be free, even where it replaces what is there. */
    private PartitionState full(Sending sending, KvException error, long now) {
        int writes = sending.batch().writes().size();
        if (writes > 1) {
            size.halve(writes);
            return new Ready(sending.store(), sending.held());
        }
        if (size.block()) {
            log.blocked(sending.store(), sending.batch().bytes(), error);
        }
        failed(sending.store(), now, error);
        return new Pausing(sending.store(), sending.held(), budget.retryAt(now));
    }

    /** The server refuses one of the writes and does not say which: smaller batches lead there. */
    private PartitionState refused(Sending sending, KvException error) {
        int writes = sending.batch().writes().size();
        if (writes == 0) {
            throw new ConnectException(
                    "The offset of partition " + partition + " can't be stored: " + error.getMessage(), error);
        }
        if (writes > 1) {
            size.halve(writes);
        } else {
            Item item = buffer.firstWrite();
            buffer.leaveOutFirstWrite(context.report(item.record(), partition + "-" + item.offset(), error));
        }
        return new Ready(sending.store(), sending.held());
    }

    private PartitionState checked(Checking checking, long now) {
        Checked checked;
        OffsetStore store = checking.store();
        try {
            checked = checking.answer().join();
        } catch (CompletionException e) {
            KvException error = KvErrors.translate(e, "look for the offset of partition " + partition);
            if (error instanceof BucketNotFoundException) {
                return missing(now);
            }
            if (error.errorClass() != ErrorClass.TRANSIENT) {
                throw ConnectErrors.of(error, "Partition " + partition);
            }
            sender.unanswered();
            failed(store, now, error);
            return new Pausing(store, checking.held(), budget.retryAt(now));
        }
        if (checked.madeRoom()) {
            context.claims().madeRoomAgain(store);
        }
        Finding finding = Finding.of(checking.held(), checked);
        return switch (finding) {
            case UNCHANGED -> {
                if (checking.cause() == null) {
                    yield at(store, checking.held(), null);
                }
                failed(store, now, checking.cause());
                yield new Pausing(store, checking.held(), budget.retryAt(now));
            }
            case STORED -> at(store, checked.found(), null);
            case CLAIMED_AWAY, PURGED, ROLLED_BACK -> {
                lost(now);
                yield new Waiting(
                        losses.claimAgainAt(finding, checking, checked.found().offset(), now));
            }
        };
    }

    /** The bucket was deleted: opening it anew makes it, where that is set, or says that it is not there. */
    private PartitionState missing(long now) {
        context.lookAgain(partition);
        return lost(budget.retryAt(now));
    }

    private void failed(OffsetStore store, long now, KvException error) {
        if (!budget.isFailing()) {
            log.triesAgain(error);
        }
        context.meter().retries.increment();
        budget.failed(now, error);
        store.suspect(error);
    }

    /** Without a claim the records here are worth nothing: they are read again behind the next one. */
    private Waiting lost(long until) {
        if (!buffer.isEmpty()) {
            position.dropped(buffer.first());
        }
        buffer.clear();
        size.reset();
        return new Waiting(until);
    }

    /** Acts on a batch that was stored, and on nothing else. */
    void settle() {
        if (state instanceof Sending sending
                && sending.answer().isDone()
                && !sending.answer().isCompletedExceptionally()) {
            state = stored(sending, sending.answer().join());
        }
    }

    TopicPartition partition() {
        return partition;
    }

    PartitionState state() {
        return state;
    }

    /**
     * Up to where everything is stored; {@link StoredOffset#NONE} if that is not known.
     *
     * @param current up to where the worker has read. Where nothing is left to be stored, the offset follows with an empty batch
     */
    long committable(long current) {
        if (!(state instanceof Claimed claimed)) {
            return StoredOffset.NONE;
        }
        long next = claimed.held().offset().next();
        if (state instanceof Ready && !position.isSeeking() && buffer.isEmpty() && current > next) {
            position.filteredTo(current);
        }
        return next == StoredOffset.NONE ? next : Math.min(next, current);
    }

    /** True if records are to be read. */
    boolean wantsRecords() {
        return state instanceof Claimed && !isFull();
    }

    /** Two batches are there: one to send, one to fill the time of its acknowledgement. */
    private boolean isFull() {
        return buffer.size() >= 2 * context.config().batchMaxRecords()
                || buffer.bytes() >= 2 * context.config().batchMaxBytes();
    }

    /** True if it has to be looked after. */
    boolean isBusy() {
        return !(state instanceof Ready ready)
                || position.isSeeking()
                || !buffer.isEmpty()
                || position.filteredTo() > ready.held().offset().next();
    }

    /** It belongs to another task: a claim that has not been sent is not to be sent any more. */
    void close() {
        closed = true;
    }

    /** How many records are here that are not stored. */
    int waiting() {
        return buffer.size();
    }

    /** Nothing is to be done, or nothing has failed lately. */
    boolean isCalm() {
        return !isBusy() || size.isCalm() && !budget.isFailing();
    }

    boolean isBlocked() {
        return size.isBlocked();
    }

    /** For how long a batch has been under way behind which there are records for another one, in nanoseconds. */
    OptionalLong holdsUp() {
        return state instanceof Sending sending
                        && position.taken() > sending.batch().next()
                ? OptionalLong.of(sender.nanosUnderWay())
                : OptionalLong.empty();
    }
}
