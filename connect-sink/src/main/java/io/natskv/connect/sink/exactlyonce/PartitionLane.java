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
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.error.UnavailableException;
import io.natskv.core.error.WrongRevisionException;
import io.natskv.core.write.KvWrite;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * One partition: its records wait here, and go to the bucket batch by batch, each with the offset behind it. One batch is under way at a
 * time. A batch that may or may not have been stored can be sent again as it is, or as another one: each counts on the same last offset, so
 * only one of them is stored, and the stored offset tells which. Belongs to the task's thread.
 */
final class PartitionLane {
    private static final int BATCHES_DISABLED = 10174;
    private static final int BATCH_INCOMPLETE = 10176;

    private final TopicPartition partition;
    private final LaneContext context;
    private final LaneLog log;
    private final PartitionBuffer buffer = new PartitionBuffer();
    private final RetryBudget budget;
    private final Fences fences;

    private PartitionState state = new Waiting(System.nanoTime());
    /** Most records of a batch at present: less while the bucket is nearly full, or a record is searched that the server refuses. */
    private int limit;
    /** Where to go on if no offset is stored. */
    private long resumeAt = StoredOffset.NONE;
    /** Where to go on whatever is stored. */
    private OptionalLong forced = OptionalLong.empty();
    /** Behind the last record that was taken over: none may come from below. */
    private long position = StoredOffset.NONE;
    /** Up to where transforms have left records out; none of them came here. */
    private long filteredTo = StoredOffset.NONE;
    /** The worker seeks before its next poll: what it says of offsets until then is of before. */
    private boolean seeking;

    private boolean blocked;
    /** A batch of one write was incomplete: the server is asked for the reason. */
    private boolean asking;

    private long sentAt;

    PartitionLane(TopicPartition partition, LaneContext context) {
        this.partition = partition;
        this.context = context;
        this.log = new LaneLog(partition);
        this.limit = context.config().batchMaxRecords();
        this.budget = new RetryBudget(partition, context.deadline(), context.maxRetries());
        this.fences = new Fences(partition, context.config().maxFences());
    }

    /** The worker has polled since the last call: a seek that was asked for is done. */
    void polled() {
        seeking = false;
    }

    /**
     * Whether a record is to be handed over. One that is not will come again.
     *
     * @throws ConnectException if it can't belong to the topic that the stored offset is of
     */
    boolean takes(long offset) {
        if (!(state instanceof Claimed claimed)) {
            resumeAt = resumeAt == StoredOffset.NONE ? offset : Math.min(resumeAt, offset);
            return false;
        }
        if (position != StoredOffset.NONE && offset < position) {
            if (!context.config().resetsOnMismatch()) {
                throw new ConnectException(new OffsetMismatch(
                                partition,
                                claimed.held().offset().next(),
                                claimed.store().bucket(),
                                "record " + offset + " came behind offset " + position
                                        + ": the topic was deleted and made again, or has lost its end")
                        .getMessage());
            }
            log.wentBack(offset, position);
            forced = OptionalLong.of(offset);
            letGo(System.nanoTime());
            return false;
        }
        return true;
    }

    /**
     * Takes a record over.
     *
     * @param write null if there is nothing to write
     */
    void add(SinkRecord record, long offset, KvWrite write, long bytes) {
        buffer.add(new Item(record, offset, write, bytes));
        position = offset + 1;
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
            return send(ready);
        } else if (current instanceof Sending sending) {
            return sending.answer().isDone() ? sent(sending, now) : sending;
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
            budget.failed(now, new UnavailableException("NATS is not reachable", null));
            return waiting;
        }
        return new Claiming(store, context.ringing(context.claims().claim(store, partition, resumeAt, forced)));
    }

    private PartitionState claimed(Claiming claiming, long now) {
        Held held;
        try {
            held = claiming.claim().join();
        } catch (CompletionException e) {
            KvException error = KvErrors.translate(e, "claim partition " + partition);
            if (!(error instanceof WrongRevisionException) && error.errorClass() != ErrorClass.TRANSIENT) {
                throw ConnectErrors.of(error, "");
            }
            failed(claiming.store(), now, error);
            return new Waiting(budget.retryAt(now));
        }
        budget.succeeded();
        context.meter().claims.increment();
        forced = OptionalLong.empty();
        long next = held.offset().next();
        position = next;
        if (next != StoredOffset.NONE) {
            resumeAt = next;
            seeking = true;
            context.seek(partition, next);
        }
        log.claimed(claiming.store(), held.offset());
        return new Ready(claiming.store(), held);
    }

    private PartitionState send(Ready ready) {
        Batch batch;
        if (!buffer.isEmpty()) {
            batch = buffer.batch(limit, context.config().batchMaxBytes());
        } else if (filteredTo > ready.held().offset().next()) {
            batch = new Batch(List.of(), filteredTo, 0);
        } else {
            return ready;
        }
        sentAt = System.nanoTime();
        CompletableFuture<Held> answer = ready.store()
                .write(
                        batch.writes(),
                        ready.held().offset().movedTo(batch.next()),
                        ready.held().revision(),
                        asking && batch.writes().size() == 1);
        return new Sending(ready.store(), ready.held(), batch, context.ringing(answer));
    }

    private PartitionState sent(Sending sending, long now) {
        try {
            return stored(sending, sending.answer().join());
        } catch (CompletionException e) {
            KvException error = KvErrors.translate(e, "store partition " + partition);
            if (KvErrors.isCode(error, KvErrors.STORE_FAILED)) {
                return full(sending, error, now);
            }
            boolean conflict = error instanceof WrongRevisionException;
            if (error.errorClass() == ErrorClass.REJECTED && !conflict) {
                return refused(sending, error);
            }
            if (error.errorClass() == ErrorClass.FATAL && !KvErrors.isCode(error, BATCHES_DISABLED)) {
                throw ConnectErrors.of(error, "Partition " + partition);
            }
            if (KvErrors.isCode(error, BATCH_INCOMPLETE)) {
                // A message was lost, or the server refuses one of them.
                asking = sending.batch().writes().size() == 1;
                limit = Math.max(1, sending.batch().writes().size() / 2);
            }
            if (!conflict) {
                failed(sending.store(), now, error);
            }
            return check(sending, error);
        }
    }

    private PartitionState stored(Sending sending, Held held) {
        Batch batch = sending.batch();
        context.meter().common.batches.increment();
        context.meter().common.ackMillis.record(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - sentAt));
        context.meter().records.add(batch.writes().size());
        limit = Math.min(context.config().batchMaxRecords(), 2 * limit);
        asking = false;
        if (blocked) {
            blocked = false;
            log.goesOn(sending.store());
        }
        return at(sending.store(), held);
    }

    /** What is stored is known. */
    private Ready at(OffsetStore store, Held held) {
        budget.succeeded();
        resumeAt = held.offset().next();
        buffer.removeBelow(held.offset().next());
        return new Ready(store, held);
    }

    /** The bucket has no room for the whole batch: its bytes have to be free, even where it replaces what is there. */
    private PartitionState full(Sending sending, KvException error, long now) {
        int size = sending.batch().writes().size();
        if (size > 1) {
            limit = Math.max(1, size / 2);
            return new Ready(sending.store(), sending.held());
        }
        if (!blocked) {
            blocked = true;
            log.blocked(sending.store(), sending.batch().bytes(), error);
        }
        failed(sending.store(), now, error);
        return new Pausing(sending.store(), sending.held(), budget.retryAt(now));
    }

    /** The server refuses one of the writes and does not say which: smaller batches lead there. */
    private PartitionState refused(Sending sending, KvException error) {
        int size = sending.batch().writes().size();
        if (size == 0) {
            throw new ConnectException(
                    "The offset of partition " + partition + " can't be stored: " + error.getMessage(), error);
        }
        if (size > 1) {
            limit = size / 2;
        } else {
            Item item = buffer.firstWrite();
            context.report(item.record(), partition + "-" + item.offset(), error);
            buffer.leaveOutFirstWrite();
        }
        return new Ready(sending.store(), sending.held());
    }

    private PartitionState check(Sending sending, KvException cause) {
        OffsetStore store = sending.store();
        CompletableFuture<Checked> answer = store.prepareAgain()
                .thenCompose(changed -> store.read(partition).thenApply(found -> new Checked(found, changed)));
        return new Checking(store, sending.held(), cause, context.ringing(answer));
    }

    private PartitionState checked(Checking checking, long now) {
        Checked checked;
        OffsetStore store = checking.store();
        try {
            checked = checking.answer().join();
        } catch (CompletionException e) {
            KvException error = KvErrors.translate(e, "look for the offset of partition " + partition);
            if (error.errorClass() != ErrorClass.TRANSIENT) {
                throw ConnectErrors.of(error, "Partition " + partition);
            }
            failed(store, now, error);
            return new Pausing(store, checking.held(), budget.retryAt(now));
        }
        if (checked.madeRoom()) {
            context.claims().madeRoomAgain(store);
        }
        StoredOffset held = checking.held().offset();
        StoredOffset found = checked.found().offset();
        if (checked.found().revision() == 0) {
            log.purged(store, held);
            return lost(now);
        }
        if (!found.isSameClaimAs(held)) {
            context.meter().common.fenced.increment();
            log.fenced(store, held, found);
            return lost(fences.fenced(now, found));
        }
        if (checked.found().revision() != checking.held().revision()) {
            return at(store, checked.found()); // the acknowledgement was lost alone
        }
        failed(store, now, checking.cause());
        return new Pausing(store, checking.held(), budget.retryAt(now));
    }

    private void failed(OffsetStore store, long now, KvException error) {
        if (!budget.isFailing()) {
            log.triesAgain(error);
        }
        context.meter().retries.increment();
        budget.failed(now, error);
        if (error.errorClass() == ErrorClass.TRANSIENT) {
            store.probe();
        }
    }

    private void letGo(long until) {
        state = lost(until);
    }

    /** Without a claim the records here are worth nothing: they are read again behind the next one. */
    private Waiting lost(long until) {
        if (!buffer.isEmpty()) {
            long first = buffer.first();
            resumeAt = resumeAt == StoredOffset.NONE ? first : Math.min(resumeAt, first);
        }
        buffer.clear();
        filteredTo = StoredOffset.NONE;
        blocked = false;
        limit = context.config().batchMaxRecords();
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

    /** A batch is under way whose answer is not there yet. */
    boolean isAwaiting() {
        return state instanceof Sending sending && !sending.answer().isDone();
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
        if (state instanceof Ready && !seeking && buffer.isEmpty() && current > next) {
            filteredTo = current;
        }
        return next == StoredOffset.NONE ? next : Math.min(next, current);
    }

    /** True if records are to be read. */
    boolean wantsRecords() {
        return state instanceof Claimed && !isFull();
    }

    /** Two batches are there: one to send, one to fill the time of its acknowledgement. */
    boolean isFull() {
        return buffer.size() >= 2 * context.config().batchMaxRecords()
                || buffer.bytes() >= 2 * context.config().batchMaxBytes();
    }

    /** True if it has to be looked after. */
    boolean isBusy() {
        return !(state instanceof Ready ready)
                || seeking
                || !buffer.isEmpty()
                || filteredTo > ready.held().offset().next();
    }

    boolean isClaimed() {
        return state instanceof Claimed;
    }

    int recordsInFlight() {
        return state instanceof Sending sending ? sending.batch().writes().size() : 0;
    }

    long bytesInFlight() {
        return state instanceof Sending sending ? sending.batch().bytes() : 0;
    }

    /** How many records are here that are not stored. */
    int waiting() {
        return buffer.size();
    }

    boolean isBlocked() {
        return blocked;
    }

    /** A batch is under way, and there are records for another one. */
    boolean hasMore() {
        return state instanceof Sending sending && position > sending.batch().next();
    }

    /** Most bytes of a write, as {@link io.natskv.core.write.AtomicBatchWriter#size} counts them. */
    long sizeLimit() {
        return state instanceof Claimed claimed ? claimed.store().sizeLimit() : Long.MAX_VALUE;
    }

    @Override
    public String toString() {
        return partition + " " + state.getClass().getSimpleName();
    }
}
