package io.natskv.core.write;

import io.nats.client.Dispatcher;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.NUID;
import io.nats.client.impl.Headers;
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
import java.util.Optional;
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
    private final Acks acks = new Acks();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final long deadlineNanos;
    private volatile long lastReply = System.nanoTime();

    public KvWriter(KvConnection connection, BucketSubjects subjects, WriterOptions options) {
        this.connection = connection;
        this.subjects = subjects;
        this.options = options;
        this.deadlineNanos = options.deadline().toNanos();
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
            WriteWindow.Admitted admitted =
                    window.admit(write, bytes, (id, lane, now) -> pending(id, lane, now, write, bytes));
            if (admitted == null) {
                return CompletableFuture.failedFuture(closedError(write));
            }
            PendingWrite pending = admitted.pending();
            if (admitted.first() && pending.stored == null) {
                publish(pending);
            } else if (admitted.first()) {
                settle(pending, pending.stored, null);
            }
            return pending.future;
        } catch (InterruptedException e) {
            return CompletableFuture.failedFuture(KvErrors.translate(e, action(write)));
        }
    }

    private PendingWrite pending(long id, Lane lane, long now, KvWrite write, long bytes) {
        return new PendingWrite(id, write, lane, writerId, bytes + write.key().length(), now + deadlineNanos);
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

    /** Why the oldest of the writes under way that failed for a passing reason did so: what has to pass. Empty while all goes well. */
    public Optional<KvException> trouble() {
        return window.underWay(pending -> pending.lastError != null).stream()
                .findFirst()
                .map(pending -> pending.lastError);
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
        window.closed(given);
        try {
            connection.nats().closeDispatcher(dispatcher);
        } catch (IllegalStateException | IllegalArgumentException e) {
            LOG.debug("Writer of bucket {} closes with its connection: {}", subjects.bucket(), e.toString());
        }
    }

    private void send(PendingWrite pending) {
        if (window.sendsAgain(pending)) {
            publish(pending);
        }
    }

    private void publish(PendingWrite pending) {
        KvWrite write = pending.write;
        String subject = subjects.writeSubject(write.key());
        String replyTo = inbox + Long.toString(pending.id, 36);
        Headers headers = WriteCodec.headers(write, pending.mark(), pending.expected);
        try {
            connection.nats().publish(subject, replyTo, headers, write.value());
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
        // While answers come in, what is still unanswered waits in a queue somewhere, and sending it again would only
        // lengthen that; unless what was sent later is answered already: then it went down with a server or its office.
        boolean silence = now - lastReply > patience;
        List<PendingWrite> silent = window.underWay(pending -> pending.state == PendingWrite.State.SENT
                && now - pending.sentAt > patience
                && (silence || window.isOvertaken(pending)));
        if (silence && !silent.isEmpty()) {
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
        String subject = reply.getSubject();
        long id = Long.parseLong(subject, inbox.length(), subject.length(), 36);
        if (reply.isStatusMessage()) {
            window.find(id).ifPresent(refusals::nobodyListens);
            return;
        }
        try {
            WriteResult result = new WriteResult(acks.revision(reply), WriteResult.Outcome.STORED);
            ended(window.stored(id, result), result, null);
        } catch (JetStreamApiException e) {
            window.find(id)
                    .ifPresent(pending -> refusals.refused(pending, e.getApiErrorCode(), e.getErrorDescription(), e));
        } catch (IOException e) {
            window.find(id).ifPresent(pending -> failed(pending, KvErrors.translate(e, action(pending.write))));
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
        ended(window.settle(pending, result, end), result, error);
    }

    private void ended(WriteWindow.Settled settled, WriteResult result, KvException error) {
        if (settled == null) {
            return;
        }
        handOut(settled, result, error);
        PendingWrite next = settled.next();
        // In a loop, not by recursion: a whole window may be a replay of one key.
        while (next != null && next.stored != null) {
            WriteWindow.Settled replayed = window.settle(next, next.stored, WriteWindow.End.STORED);
            if (replayed == null) {
                return;
            }
            handOut(replayed, next.stored, null);
            next = replayed.next();
        }
        if (next != null) {
            publish(next);
        }
    }

    private void handOut(WriteWindow.Settled settled, WriteResult result, KvException error) {
        meter.settled(
                result, error, settled.coalesced().size() + settled.behind().size());
        complete(settled.pending(), result, error);
        settled.coalesced().forEach(earlier -> complete(earlier, coalesced(result), error));
        settled.behind().forEach(later -> complete(later, null, behind(later, error)));
        window.completed(settled);
    }

    private static WriteResult coalesced(WriteResult result) {
        return result == null ? null : new WriteResult(result.revision(), WriteResult.Outcome.COALESCED);
    }

    private KvException behind(PendingWrite later, KvException error) {
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
