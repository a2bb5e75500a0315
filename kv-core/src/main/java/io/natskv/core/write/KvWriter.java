package io.natskv.core.write;

import io.nats.client.Dispatcher;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.NUID;
import io.nats.client.api.PublishAck;
import io.nats.client.impl.NatsMessage;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.error.UnavailableException;
import io.natskv.core.error.ValueTooLargeException;
import io.natskv.core.key.BucketSubjects;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pipelined writes, in order within each key. Thread-safe; writes to one key are done in the order in which they were submitted.
 *
 * <p>How it stays right: one write to a key is under way at a time, and each counts on the key's last revision (compare-and-set). A write that was
 * sent and not acknowledged is sent again counting on the same revision, so that at most one copy is stored, and no copy that was held
 * up somewhere can land after a later write. A refusal is resolved by asking the leader who wrote what is there.
 */
public final class KvWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KvWriter.class);
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

    private final WriteWindow window;
    private final ReentrantLock lock;
    private final Refusals refusals;
    private final WriterMeter meter = new WriterMeter();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile long lastReply = System.nanoTime();

    public KvWriter(KvConnection connection, BucketSubjects subjects, WriterOptions options) {
        this.connection = connection;
        this.subjects = subjects;
        this.options = options;
        this.window = new WriteWindow(options);
        this.lock = window.lock;
        this.refusals = new Refusals(connection.api(), subjects, lock, new Findings());
        this.inbox = connection.nats().createInbox() + ".";
        this.dispatcher = connection.nats().createDispatcher(this::onReply);
        this.dispatcher.setPendingLimits(-1, -1); // bounded by what is in flight
        this.dispatcher.subscribe(inbox + "*");
        this.timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "natskv-writer-" + subjects.bucket());
            thread.setDaemon(true);
            return thread;
        });
        timer.scheduleWithFixedDelay(this::guardedTick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
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
        try {
            WriteWindow.Admitted admitted = window.admit(bytes, id -> pending(id, write, bytes));
            if (admitted == null) {
                return CompletableFuture.failedFuture(closedError(write));
            }
            if (admitted.first()) {
                start(admitted.pending());
            }
            return admitted.pending().future;
        } catch (InterruptedException e) {
            return CompletableFuture.failedFuture(KvErrors.translate(e, action(write)));
        }
    }

    private PendingWrite pending(long id, KvWrite write, long bytes) {
        long deadline = System.nanoTime() + options.deadline().toNanos();
        return new PendingWrite(
                id,
                write,
                WriteCodec.mark(write, writerId, id),
                bytes + write.key().length(),
                deadline);
    }

    /** Waits until everything that was submitted before has settled; true if it did in time, and the thread was not interrupted. */
    public boolean flush(Duration timeout) {
        try {
            return window.awaitSettled(timeout);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** How it is doing. */
    public WriterStats stats() {
        return window.stats(meter);
    }

    /** Gives up what has not settled: those futures fail with "unavailable". What jnats has taken over may still be sent. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        List<PendingWrite> given = window.close();
        connection.removeReconnectListener(onReconnect);
        connection.removeViolationListener(onViolation);
        timer.shutdownNow();
        given.forEach(pending -> pending.future.completeExceptionally(closedError(pending.write)));
        try {
            connection.nats().closeDispatcher(dispatcher);
        } catch (IllegalStateException | IllegalArgumentException e) {
            LOG.debug("Writer of bucket {} closes with its connection: {}", subjects.bucket(), e.toString());
        }
    }

    /** The write's turn has come: what it counts on is fixed now. */
    private void start(PendingWrite pending) {
        RevisionCache.Known known = window.known(pending.write.key());
        KvWrite.Condition condition = pending.write.condition();
        if (known.covers(pending.write)) {
            // A replay: it, or a later record of its key, is there already.
            boolean same = known.origin().equals(pending.write.origin());
            WriteResult.Outcome outcome = same ? WriteResult.Outcome.STORED : WriteResult.Outcome.SUPERSEDED;
            settle(pending, new WriteResult(known.revision(), outcome), null);
            return;
        }
        if (condition instanceof KvWrite.Condition.LastRevision wanted) {
            pending.expected = wanted.revision();
        } else if (condition instanceof KvWrite.Condition.Absent) {
            pending.expected = 0;
        } else if (options.guard()) {
            pending.expected = known.revision();
        }
        send(pending);
    }

    private void send(PendingWrite pending) {
        NatsMessage message;
        lock.lock();
        try {
            if (!window.holds(pending)) {
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
            boolean gone = connection.isClosed();
            failed(
                    pending,
                    gone
                            ? new KvException(
                                    ErrorClass.FATAL,
                                    "The connection to NATS at " + connection.servers() + " is closed")
                            : KvErrors.translate(e, action(pending.write)));
        } catch (IllegalArgumentException e) {
            settle(
                    pending,
                    null,
                    new KvException(ErrorClass.REJECTED, action(pending.write) + ": " + e.getMessage(), e));
        }
    }

    /** An exception would end the timer, and with it all retries. */
    private void guardedTick() {
        try {
            tick();
        } catch (RuntimeException e) {
            LOG.error("Retries of writes to bucket {} met an unexpected error", subjects.bucket(), e);
        }
    }

    private void tick() {
        long now = System.nanoTime();
        // First: another copy of a write that is given up would only leave its fate open.
        window.underWay(pending -> now - pending.deadline > 0)
                .forEach(pending -> settle(pending, null, expired(pending)));
        long patience = options.ackTimeout().toNanos();
        // While answers come in, what is still unanswered waits in a queue somewhere; sending it again would only
        // lengthen that.
        List<PendingWrite> silent = now - lastReply > patience
                ? window.underWay(
                        pending -> pending.state == PendingWrite.State.SENT && now - pending.sentAt > patience)
                : List.of();
        if (!silent.isEmpty()) {
            connection.probe();
        }
        silent.forEach(this::resend);
        window.underWay(pending -> pending.state == PendingWrite.State.BACKOFF && now - pending.retryAt >= 0)
                .forEach(this::resend);
    }

    private UnavailableException expired(PendingWrite pending) {
        String why = pending.lastError == null ? "" : " (" + pending.lastError.getMessage() + ")";
        String fate = pending.ambiguous() ? "it may or may not have been stored" : "it was not stored";
        return new UnavailableException(
                action(pending.write) + " did not succeed within " + options.deadline() + "; " + fate + why,
                pending.lastError);
    }

    /** The connection is back: acknowledgements were lost with the old one. */
    private void resendAll() {
        // Not on jnats' callback thread: sending may wait for room in its queue.
        try {
            timer.execute(() -> window.underWay(PendingWrite::toBeSentAgain).forEach(this::resend));
        } catch (RejectedExecutionException e) {
            LOG.debug("Reconnected while the writer of bucket {} closes", subjects.bucket());
        }
    }

    private void resend(PendingWrite pending) {
        meter.retries.increment();
        send(pending);
    }

    private void onReply(Message reply) {
        lastReply = System.nanoTime();
        long id = Long.parseLong(reply.getSubject().substring(inbox.length()), 36);
        PendingWrite pending = window.find(id);
        if (pending == null) {
            return;
        }
        if (reply.isStatusMessage()) {
            refusals.nobodyListens(pending);
            return;
        }
        try {
            settle(pending, new WriteResult(new PublishAck(reply).getSeqno(), WriteResult.Outcome.STORED), null);
        } catch (JetStreamApiException e) {
            refusals.refused(pending, e.getApiErrorCode(), e.getErrorDescription(), e);
        } catch (IOException e) {
            failed(pending, KvErrors.translate(e, action(pending.write)));
        }
    }

    private void apply(PendingWrite pending, Resolution resolution) {
        meter.conflicts.increment();
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

    private void failed(PendingWrite pending, KvException error) {
        if (error.errorClass() != ErrorClass.TRANSIENT) {
            settle(pending, null, error);
            return;
        }
        lock.lock();
        try {
            pending.lastError = error;
            long step = options.retryBackoff().toNanos();
            long wait = Math.min(20 * step, step << Math.min(pending.failures++, 10));
            pending.retryAt =
                    System.nanoTime() + wait / 2 + ThreadLocalRandom.current().nextLong(wait / 2 + 1);
            pending.state = PendingWrite.State.BACKOFF;
        } finally {
            lock.unlock();
        }
    }

    private void refused(KvErrors.Violation violation) {
        String subject = violation.subject();
        window.underWay(pending ->
                        subject.equals(subjects.writeSubject(pending.write.key())) || subject.startsWith(inbox))
                .forEach(pending -> settle(pending, null, violation.toException()));
    }

    /** Ends a write, once; the next one of its key begins, unless this one failed: then they fail with it. */
    private void settle(PendingWrite pending, WriteResult result, KvException error) {
        WriteWindow.End end = error == null
                ? WriteWindow.End.STORED
                : error.errorClass() == ErrorClass.REJECTED ? WriteWindow.End.REJECTED : WriteWindow.End.FAILED;
        WriteWindow.Settled settled = window.settle(pending, result, end);
        if (settled == null) {
            return;
        }
        meter.settled(
                result, error, settled.coalesced().size() + settled.behind().size());
        complete(pending, result, error);
        settled.coalesced().forEach(earlier -> complete(earlier, coalesced(result), error));
        settled.behind().forEach(later -> complete(later, null, behind(later, pending, error)));
        window.completed(pending, settled);
        if (settled.next() != null) {
            start(settled.next());
        }
    }

    private static WriteResult coalesced(WriteResult result) {
        return result == null ? null : new WriteResult(result.revision(), WriteResult.Outcome.COALESCED);
    }

    private KvException behind(PendingWrite later, PendingWrite failed, KvException error) {
        return new KvException(
                error.errorClass(),
                action(later.write) + " was not sent, because an earlier write to the key failed: "
                        + error.getMessage(),
                error);
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

    private final class Findings implements Refusals.Outcomes {
        @Override
        public void apply(PendingWrite pending, Resolution resolution) {
            KvWriter.this.apply(pending, resolution);
        }

        @Override
        public void failed(PendingWrite pending, KvException error) {
            KvWriter.this.failed(pending, error);
        }

        @Override
        public String action(KvWrite write) {
            return KvWriter.this.action(write);
        }
    }
}
