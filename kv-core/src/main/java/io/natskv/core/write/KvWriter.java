package io.natskv.core.write;

import io.nats.client.Dispatcher;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.NUID;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.PublishAck;
import io.nats.client.impl.NatsMessage;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.error.UnavailableException;
import io.natskv.core.error.ValueTooLargeException;
import io.natskv.core.key.BucketSubjects;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Pipelined writes, in order within each key. Thread-safe; writes to one key are done in the order in which they were submitted.
 *
 * <p>How it stays right: one write to a key is under way at a time, and each counts on the key's last revision (compare-and-set). A write that was
 * sent and not acknowledged is sent again counting on the same revision, so that at most one copy is stored, and no copy that was held
 * up somewhere can land after a later write. A refusal is resolved by asking the leader who wrote what is there.
 */
public final class KvWriter implements AutoCloseable {
    private static final Duration TICK = Duration.ofMillis(25);

    private final KvConnection connection;
    private final BucketSubjects subjects;
    private final WriterOptions options;
    private final String writerId = NUID.nextGlobalSequence();
    private final String inbox;
    private final Dispatcher dispatcher;
    private final ScheduledExecutorService timer;
    private final Runnable onReconnect = this::resendAll;
    private final Consumer<KvErrors.Violation> onViolation = this::refused;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition settledSome = lock.newCondition();
    private final Map<Long, PendingWrite> outstanding = new LinkedHashMap<>();
    private final Lanes lanes;
    private final RevisionCache revisions;
    private final WriterMeter meter = new WriterMeter();
    private long lastId;
    private long bytesInFlight;
    private boolean closed;

    public KvWriter(KvConnection connection, BucketSubjects subjects, WriterOptions options) {
        this.connection = connection;
        this.subjects = subjects;
        this.options = options;
        this.lanes = new Lanes(options.coalesce());
        this.revisions = new RevisionCache(options.revisionCacheSize());
        this.inbox = connection.nats().createInbox() + ".";
        this.dispatcher = connection.nats().createDispatcher(this::onReply);
        this.dispatcher.setPendingLimits(-1, -1); // bounded by what is in flight
        this.dispatcher.subscribe(inbox + "*");
        this.timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "natskv-writer-" + subjects.bucket());
            thread.setDaemon(true);
            return thread;
        });
        timer.scheduleWithFixedDelay(this::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
        connection.onReconnect(onReconnect);
        connection.onViolation(onViolation);
    }

    /**
     * Hands a write over. Waits while the writer is full.
     *
     * @return the result; fails with a {@link KvException}: "unavailable" means that the write may or may not have been stored. Actions
     *     attached to it run on the writer's threads and must not block
     */
    public CompletableFuture<WriteResult> submit(KvWrite write) {
        // What the write adds on the wire; the guard's and mark's headers are estimated, the server's own check is
        // exact.
        long bytes = write.value().length + write.headers().serializedLength();
        long limit = connection.nats().getMaxPayload();
        if (limit > 0 && bytes + 200 > limit) {
            meter.failed.increment();
            return CompletableFuture.failedFuture(new ValueTooLargeException(
                    subjects.bucket(), write.key(), bytes, limit - 200, "max_payload of the server less 200"));
        }
        PendingWrite pending;
        boolean first;
        lock.lock();
        try {
            while (!closed && !hasRoom(bytes)) {
                settledSome.await();
            }
            if (closed) {
                return CompletableFuture.failedFuture(closedError(write));
            }
            long id = ++lastId;
            long deadline = System.nanoTime() + options.deadline().toNanos();
            pending = new PendingWrite(
                    id,
                    write,
                    WriteCodec.mark(write, writerId, id),
                    bytes + write.key().length(),
                    deadline);
            outstanding.put(id, pending);
            bytesInFlight += pending.bytes;
            first = lanes.add(pending);
        } catch (InterruptedException e) {
            return CompletableFuture.failedFuture(KvErrors.translate(e, action(write)));
        } finally {
            lock.unlock();
        }
        if (first) {
            start(pending);
        }
        return pending.future;
    }

    /** Waits until everything that was submitted before has settled; true if it did in time, and the thread was not interrupted. */
    public boolean flush(Duration timeout) {
        long nanos = timeout.toNanos();
        lock.lock();
        try {
            long last = lastId;
            while (!outstanding.isEmpty() && outstanding.keySet().iterator().next() <= last) {
                if (nanos <= 0) {
                    return false;
                }
                nanos = settledSome.awaitNanos(nanos);
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** How it is doing. */
    public WriterStats stats() {
        lock.lock();
        try {
            return meter.stats(outstanding.size(), bytesInFlight);
        } finally {
            lock.unlock();
        }
    }

    /** Gives up what has not settled: those futures fail with "unavailable", and nothing of it is sent any more. */
    @Override
    public void close() {
        List<PendingWrite> given;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            given = new ArrayList<>(outstanding.values());
            outstanding.clear();
            lanes.clear();
            bytesInFlight = 0;
            settledSome.signalAll();
        } finally {
            lock.unlock();
        }
        connection.removeReconnectListener(onReconnect);
        connection.removeViolationListener(onViolation);
        timer.shutdownNow();
        if (!connection.isClosed()) {
            connection.nats().closeDispatcher(dispatcher);
        }
        given.forEach(pending -> pending.future.completeExceptionally(closedError(pending.write)));
    }

    private boolean hasRoom(long bytes) {
        return outstanding.isEmpty()
                || outstanding.size() < options.maxInFlight() && bytesInFlight + bytes <= options.maxInFlightBytes();
    }

    // ---- sending ----

    /** The write's turn has come: what it counts on is fixed now. */
    private void start(PendingWrite pending) {
        lock.lock();
        try {
            KvWrite.Condition condition = pending.write.condition();
            if (condition instanceof KvWrite.Condition.LastRevision wanted) {
                pending.expected = wanted.revision();
            } else if (condition instanceof KvWrite.Condition.Absent) {
                pending.expected = 0;
            } else if (options.guard()) {
                pending.expected = revisions.get(pending.write.key());
            }
        } finally {
            lock.unlock();
        }
        send(pending);
    }

    private void send(PendingWrite pending) {
        NatsMessage message;
        lock.lock();
        try {
            if (!outstanding.containsKey(pending.id)) {
                return;
            }
            pending.state = PendingWrite.State.SENT;
            pending.sentAt = System.nanoTime();
            pending.copies++;
            message = WriteCodec.message(
                    subjects, pending.write, pending.mark, pending.expected, inbox + Long.toString(pending.id, 36));
        } finally {
            lock.unlock();
        }
        try {
            connection.nats().publish(message);
        } catch (IllegalStateException e) {
            lock.lock();
            try {
                pending.copies--; // never left this process
            } finally {
                lock.unlock();
            }
            failed(pending, KvErrors.translate(e, action(pending.write)));
        } catch (IllegalArgumentException e) {
            settle(
                    pending,
                    null,
                    new KvException(ErrorClass.REJECTED, action(pending.write) + ": " + e.getMessage(), e));
        }
    }

    private void tick() {
        long now = System.nanoTime();
        List<PendingWrite> due = new ArrayList<>();
        List<PendingWrite> late = new ArrayList<>();
        lock.lock();
        try {
            for (PendingWrite pending : outstanding.values()) {
                if (pending.state != PendingWrite.State.WAITING && now - pending.deadline > 0) {
                    late.add(pending);
                } else if (pending.state == PendingWrite.State.BACKOFF && now - pending.retryAt >= 0
                        || pending.state == PendingWrite.State.SENT
                                && now - pending.sentAt > options.ackTimeout().toNanos()) {
                    due.add(pending);
                }
            }
        } finally {
            lock.unlock();
        }
        if (!due.isEmpty()) {
            connection.probe();
        }
        due.forEach(this::resend);
        late.forEach(pending -> settle(
                pending,
                null,
                new UnavailableException(
                        action(pending.write) + " was not acknowledged within " + options.deadline()
                                + "; it may or may not have been stored",
                        null)));
    }

    private void resendAll() {
        List<PendingWrite> sent;
        lock.lock();
        try {
            sent = outstanding.values().stream()
                    .filter(p -> p.state == PendingWrite.State.SENT || p.state == PendingWrite.State.BACKOFF)
                    .toList();
        } finally {
            lock.unlock();
        }
        // Not on jnats' callback thread: sending may wait for room in its queue.
        timer.execute(() -> sent.forEach(this::resend));
    }

    private void resend(PendingWrite pending) {
        meter.retries.increment();
        send(pending);
    }

    // ---- answers ----

    private void onReply(Message reply) {
        long id = Long.parseLong(reply.getSubject().substring(inbox.length()), 36);
        PendingWrite pending;
        lock.lock();
        try {
            pending = outstanding.get(id);
        } finally {
            lock.unlock();
        }
        if (pending == null) {
            return;
        }
        if (reply.isStatusMessage()) {
            nobodyListens(pending);
            return;
        }
        try {
            settle(pending, new WriteResult(new PublishAck(reply).getSeqno(), WriteResult.Outcome.STORED), null);
        } catch (JetStreamApiException e) {
            refused(pending, e);
        } catch (IOException e) {
            failed(pending, KvErrors.translate(e, action(pending.write)));
        }
    }

    private void refused(PendingWrite pending, JetStreamApiException error) {
        int code = error.getApiErrorCode();
        boolean wrongRevision = code == KvErrors.WRONG_LAST_SEQUENCE;
        boolean unsure = code == KvErrors.WRONG_LAST_SEQUENCE_IN_FLIGHT || code == KvErrors.LAST_SEQUENCE_UNAVAILABLE;
        Resolution resolution = null;
        lock.lock();
        try {
            pending.refusals++;
            if (pending.state == PendingWrite.State.RESOLVING) {
                return; // the answer under way covers it
            }
            if (wrongRevision) {
                resolution = Resolution.ofRefusal(
                        subjects.bucket(), pending, KvErrors.sequenceIn(error.getErrorDescription()));
            }
            if (wrongRevision || unsure) {
                pending.state = PendingWrite.State.RESOLVING;
            }
        } finally {
            lock.unlock();
        }
        if (resolution != null) {
            meter.conflicts.increment();
            apply(pending, resolution);
        } else if (wrongRevision || unsure) {
            meter.conflicts.increment();
            askLeader(pending, unsure);
        } else {
            failed(pending, KvErrors.translate(error, action(pending.write)));
        }
    }

    private void askLeader(PendingWrite pending, boolean unsure) {
        connection
                .api()
                .lastMessage(subjects.stream(), subjects.readSubject(pending.write.key()))
                .whenComplete((last, error) -> {
                    if (error != null) {
                        failed(pending, KvErrors.translate(error, action(pending.write)));
                    } else {
                        resolved(pending, last, unsure);
                    }
                });
    }

    private void resolved(PendingWrite pending, MessageInfo last, boolean unsure) {
        Resolution resolution;
        lock.lock();
        try {
            resolution = Resolution.of(subjects.bucket(), pending, last);
            if (resolution instanceof Resolution.Rebase rebase && unsure) {
                // Another write is in flight: at once again would only meet it again.
                pending.expected = rebase.revision();
                backOff(pending);
                return;
            }
        } finally {
            lock.unlock();
        }
        apply(pending, resolution);
    }

    private void apply(PendingWrite pending, Resolution resolution) {
        if (resolution instanceof Resolution.Done done) {
            settle(pending, new WriteResult(done.revision(), WriteResult.Outcome.STORED), null);
        } else if (resolution instanceof Resolution.Superseded later) {
            settle(pending, new WriteResult(later.revision(), WriteResult.Outcome.SUPERSEDED), null);
        } else if (resolution instanceof Resolution.Failed failed) {
            settle(pending, null, failed.error());
        } else if (resolution instanceof Resolution.Rebase rebase) {
            lock.lock();
            try {
                pending.expected = rebase.revision();
            } finally {
                lock.unlock();
            }
            send(pending);
        }
    }

    /** 503: no leader for the moment, or no such stream. Only the API can tell. */
    private void nobodyListens(PendingWrite pending) {
        lock.lock();
        try {
            pending.refusals++;
        } finally {
            lock.unlock();
        }
        UnavailableException nobody = new UnavailableException(
                "Nobody listens on subject " + subjects.writeSubject(pending.write.key()), null);
        connection.api().streamInfo(subjects.stream()).whenComplete((info, error) -> {
            boolean missing = error != null && KvErrors.isCode(error, KvErrors.STREAM_NOT_FOUND);
            failed(pending, missing ? new BucketNotFoundException(subjects.bucket(), subjects.stream()) : nobody);
        });
    }

    private void failed(PendingWrite pending, KvException error) {
        if (error.errorClass() != ErrorClass.TRANSIENT) {
            settle(pending, null, error);
            return;
        }
        lock.lock();
        try {
            backOff(pending);
        } finally {
            lock.unlock();
        }
    }

    private void backOff(PendingWrite pending) {
        long step = options.retryBackoff().toNanos();
        long wait = Math.min(20 * step, step << Math.min(pending.failures++, 10));
        pending.retryAt =
                System.nanoTime() + wait / 2 + ThreadLocalRandom.current().nextLong(wait / 2 + 1);
        pending.state = PendingWrite.State.BACKOFF;
    }

    private void refused(KvErrors.Violation violation) {
        List<PendingWrite> hit;
        lock.lock();
        try {
            hit = outstanding.values().stream()
                    .filter(p -> p.state != PendingWrite.State.WAITING)
                    .filter(p -> subjects.writeSubject(p.write.key()).equals(violation.subject())
                            || violation.subject().startsWith(inbox))
                    .toList();
        } finally {
            lock.unlock();
        }
        hit.forEach(pending -> settle(pending, null, violation.toException()));
    }

    // ---- the end of a write ----

    /** Ends a write, once; the next one of its key begins. */
    private void settle(PendingWrite pending, WriteResult result, KvException error) {
        PendingWrite next;
        List<PendingWrite> coalesced = List.of();
        lock.lock();
        try {
            if (!release(pending)) {
                return;
            }
            boolean rejected = error != null && error.errorClass() == ErrorClass.REJECTED;
            if (result != null && result.outcome() == WriteResult.Outcome.SUPERSEDED) {
                // Knowing that revision would let our next late record of this key through.
                revisions.forget(pending.write.key());
            } else if (result != null) {
                revisions.put(pending.write.key(), result.revision());
            }
            if (rejected && pending.predecessor != null) {
                next = pending.predecessor;
                lanes.restore(pending);
            } else {
                coalesced = chain(pending);
                coalesced.forEach(this::release);
                next = lanes.next(pending);
            }
            settledSome.signalAll();
        } finally {
            lock.unlock();
        }
        meter.settled(result, error, coalesced.size());
        if (next != null) {
            start(next);
        }
        complete(pending, result, error);
        for (PendingWrite earlier : coalesced) {
            complete(
                    earlier,
                    result == null ? null : new WriteResult(result.revision(), WriteResult.Outcome.COALESCED),
                    error);
        }
    }

    private boolean release(PendingWrite pending) {
        if (outstanding.remove(pending.id) == null) {
            return false;
        }
        bytesInFlight -= pending.bytes;
        return true;
    }

    private static List<PendingWrite> chain(PendingWrite pending) {
        List<PendingWrite> earlier = new ArrayList<>();
        for (PendingWrite p = pending.predecessor; p != null; p = p.predecessor) {
            earlier.add(p);
        }
        return earlier;
    }

    private static void complete(PendingWrite pending, WriteResult result, KvException error) {
        if (error == null) {
            pending.future.complete(result);
        } else {
            pending.future.completeExceptionally(error);
        }
    }

    private KvException closedError(KvWrite write) {
        return new UnavailableException(action(write) + " was given up: the writer is closed", null);
    }

    private String action(KvWrite write) {
        return write.operation() + " of key \"" + write.key() + "\" in bucket \"" + subjects.bucket() + "\"";
    }
}
