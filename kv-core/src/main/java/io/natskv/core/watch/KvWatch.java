package io.natskv.core.watch;

import io.nats.client.api.StreamInfo;
import io.natskv.core.KvEntry;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.error.PermissionException;
import io.natskv.core.key.BucketSubjects;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * A pull-based, bounded, resumable stream of changes that survives every outage. From its start on, the reader gets every surviving change,
 * once, in revision order.
 *
 * <p>The watch has no thread: it works while a reader is in {@link #next}. One thread at a time may read; {@link #close}, {@link
 * #position} and {@link #stats} may come from any thread. A reader may pause as long as it likes: what it has not read is bounded,
 * and the server-side consumer is made again if it was removed meanwhile.
 *
 * <p>How it stays right: it reads by an own named consumer without acknowledgements, checks that nothing is missing, and whenever
 * that is in doubt makes another consumer behind the last revision that it delivered; before that it checks that the bucket is still the
 * same one.
 */
public final class KvWatch implements AutoCloseable {
    private static final long SLICE = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long CHECK_SLICE = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long RECONNECT_PAUSE = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long MISSING_BACKOFF = TimeUnit.SECONDS.toNanos(1);

    private final KvConnection connection;
    private final BucketSubjects subjects;
    private final WatchOptions options;
    private final ConsumerSetup setup;
    private final SnapshotCheck snapshotCheck;
    private final JumpCheck jumpCheck;
    private final PositionTracker tracker;
    private final WatchMeter meter = new WatchMeter();
    private final Notices notices;
    private final Signal signal = new Signal();
    private final Backoff backoff = new Backoff();
    private final ReentrantLock reading = new ReentrantLock();
    private final Runnable onReconnect = this::wake;
    private final Consumer<KvErrors.Violation> onViolation = this::refused;

    /** Read already, to be delivered next. */
    private volatile Delivery held;

    private boolean quiet;
    /** The snapshot's last entry was handed out, its end was not yet. */
    private boolean endDue;
    /** A consumer could be made once: from then on, trouble is taken for passing. */
    private boolean madeOnce;
    /** The last consumer was made, but nothing came from it. */
    private boolean unheard;

    private long reconnects;
    private long lastRead;
    private volatile Phase phase = Phase.SETTING_UP;
    private volatile PullStream stream;
    private volatile KvException fatal;
    private volatile boolean closed;

    public KvWatch(KvConnection connection, BucketSubjects subjects, WatchOptions options) {
        this.connection = connection;
        this.subjects = subjects;
        this.options = options;
        this.notices = new Notices(meter, subjects.bucket(), subjects.stream());
        this.tracker = new PositionTracker(options.start());
        this.setup = new ConsumerSetup(connection, subjects, options, tracker::reached, this::plan);
        this.jumpCheck = new JumpCheck(connection, subjects, options.filters(), tracker);
        this.snapshotCheck = new SnapshotCheck(connection.api(), subjects, options.filters(), tracker::startTime);
        connection.onReconnect(onReconnect);
        connection.onViolation(onViolation);
    }

    /**
     * The next event.
     *
     * @param maxWait how long to wait for one; zero takes what is there
     * @return the event, or null if none came in time, or the watch is closed
     * @throws KvException (fatal) if the watch can never go on: connection closed for good, permission missing, filters that the server can't
     *     do
     */
    public WatchEvent next(Duration maxWait) {
        long now = System.nanoTime();
        reading.lock();
        try {
            readerIsBack(now);
            // What is there already is taken without another look at the clock.
            WatchEvent ready = closed ? null : step(0, now);
            return ready == null && !closed ? await(now + maxWait.toNanos()) : ready;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        } finally {
            reading.unlock();
            clearUpIfClosed();
        }
    }

    /** Whoever of the closing thread and the reader comes last finds that it has to. */
    private void clearUpIfClosed() {
        if (closed && reading.tryLock()) {
            try {
                dropConsumer();
            } finally {
                reading.unlock();
            }
        }
    }

    private WatchEvent await(long deadline) throws InterruptedException {
        try {
            long now = System.nanoTime();
            while (!closed && (deadline - now > 0 || endDue || !notices.isEmpty())) {
                WatchEvent event = step(deadline - now, now);
                if (event != null) {
                    return event;
                }
                now = System.nanoTime();
            }
            return null;
        } finally {
            lastRead = System.nanoTime();
        }
    }

    /** Where the reader is: behind the last event that {@link #next} returned. Null before the bucket was reached for the first time. */
    public WatchPosition position() {
        return tracker.position();
    }

    /** Begins anew, after {@link WatchEvent.PositionLost} or at will. To be called by the reader. */
    public void restart(WatchStart newStart) {
        dropConsumer();
        tracker.restart(newStart);
        jumpCheck.forget();
        notices.clear();
        endDue = false;
        phase = Phase.SETTING_UP;
    }

    /** How it is doing; may be called from any thread. */
    public WatchStats stats() {
        WatchStats.State state = closed ? WatchStats.State.CLOSED : phase.state();
        return meter.stats(state, stream, held == null ? 0 : 1);
    }

    /**
     * Ends the watch and asks the server to remove its consumer. May be called from any thread, repeatedly; ends a waiting {@link
     * #next}.
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        connection.removeReconnectListener(onReconnect);
        connection.removeViolationListener(onViolation);
        wake();
        // What the reader is working with is the reader's to clear up; it does so when it leaves.
        clearUpIfClosed();
    }

    /** An event that is due, or else one step of the work, which waits no longer than it is told. */
    private WatchEvent step(long waitNanos, long now) throws InterruptedException {
        failIfFatal();
        if (endDue || !notices.isEmpty()) {
            return endDue ? endOfSnapshot() : notice();
        }
        switch (phase) {
            case SETTING_UP -> setUp(waitNanos);
            case STREAMING -> {
                return read(waitNanos, now);
            }
            case PAUSING -> pause(waitNanos);
            case LOST -> signal.await(waitNanos);
        }
        return null;
    }

    private WatchEvent notice() {
        WatchEvent event = notices.poll();
        if (event instanceof WatchEvent.SnapshotEnd) {
            tracker.endTold();
        }
        return event;
    }

    private void setUp(long waitNanos) throws InterruptedException {
        if (!connection.isConnected()) {
            setup.begin();
            notices.interrupted(connection.servers(), "disconnected");
            pauseFor(RECONNECT_PAUSE);
            return;
        }
        ConsumerSetup.Outcome outcome = setup.step(waitNanos, backoff.failures());
        if (outcome instanceof ConsumerSetup.Outcome.Delivering delivering) {
            deliverFrom(delivering);
        } else if (outcome instanceof ConsumerSetup.Outcome.Lost lost) {
            notices.add(new WatchEvent.PositionLost(
                    lost.verdict().reason(), tracker.reached(), lost.verdict().message()));
            phase = Phase.LOST;
        } else if (outcome instanceof ConsumerSetup.Outcome.Missing) {
            notices.bucketMissing();
            pauseFor(MISSING_BACKOFF);
        } else if (outcome instanceof ConsumerSetup.Outcome.Failed failed) {
            failed(failed.error());
        }
    }

    private void deliverFrom(ConsumerSetup.Outcome.Delivering delivering) {
        stream = delivering.stream();
        reconnects = delivering.reconnects();
        snapshotCheck.forget();
        jumpCheck.consumerMade();
        madeOnce = true;
        if (!unheard) {
            notices.delivering();
        }
        tracker.consumerMade(delivering.lastRevision(), delivering.anchor()).ifPresent(notices::add);
        phase = Phase.STREAMING;
    }

    private void failed(KvException error) {
        if (error instanceof PermissionException || !madeOnce && error.errorClass() == ErrorClass.FATAL) {
            throw error;
        }
        if (backoff.failures() > 0) {
            connection.probe();
        }
        notices.interrupted(connection.servers(), error.getMessage());
        backoff.failed();
        phase = Phase.PAUSING;
    }

    /** The bucket is there, and the right one. */
    private ConsumerPlan plan(StreamInfo bucket) {
        notices.bucketFound();
        return tracker.plan(bucket);
    }

    private WatchEvent read(long waitNanos, long now) throws InterruptedException {
        PullStream current = stream;
        if (connection.reconnects() != reconnects) {
            recreate(current, "the connection was lost in between");
            return null;
        }
        if (held == null && caughtUp(current) && snapshotCheck.isAllThere(tracker.revision())) {
            return endOfSnapshot();
        }
        long wait = Math.min(waitNanos, snapshotCheck.underWay() ? CHECK_SLICE : SLICE);
        Delivery delivery = held == null ? current.next(wait, now) : held;
        held = null;
        quiet = delivery == null;
        if (current.heard()) {
            backoff.succeeded();
            unheard = false;
            notices.delivering();
        }
        if (delivery != null) {
            return deliver(delivery, waitNanos);
        }
        if (current.broken() != null || !connection.isConnected()) {
            recreate(current, current.broken() == null ? "disconnected" : current.broken());
        } else if (jumpCheck.leftOutTheEnd()) {
            recreate(current, JumpCheck.LEFT_OUT);
        }
        return null;
    }

    /** Nothing seems to be left of the snapshot. Server 2.9 counts as pending what was overwritten and never comes. */
    private boolean caughtUp(PullStream current) {
        return (current.pending() == 0 || quiet) && current.bufferedMessages() == 0 && tracker.inSnapshot();
    }

    private WatchEvent deliver(Delivery delivery, long waitNanos) throws InterruptedException {
        long revision = delivery.revision();
        if (tracker.isBehind(revision) || tracker.isBeforeStart(delivery.created())) {
            return null;
        }
        boolean snapshot = tracker.inSnapshot();
        if (snapshot && revision > tracker.snapshotEnd()) {
            held = delivery; // the end comes before what is behind it
            return endOfSnapshot();
        }
        if (jumpCheck.isNeeded() && !isNext(delivery, waitNanos)) {
            return null;
        }
        KvEntry entry = delivery.entry(subjects);
        meter.delivered(entry);
        tracker.delivered(entry);
        // Not yet: the position counts as behind the end only when the end has been handed out.
        endDue = snapshot && revision == tracker.snapshotEnd();
        return options.ignoreDeletes() && entry.operation().isMarker() ? null : new WatchEvent.Change(entry, snapshot);
    }

    /** False if something may lie in front of it: then it is held until that is known, or another consumer brings both. */
    private boolean isNext(Delivery delivery, long waitNanos) throws InterruptedException {
        JumpCheck.Finding finding = jumpCheck.before(delivery.revision(), Math.min(waitNanos, CHECK_SLICE));
        if (finding == JumpCheck.Finding.LEFT_OUT) {
            recreate(stream, JumpCheck.LEFT_OUT);
        } else if (finding == JumpCheck.Finding.UNKNOWN) {
            held = delivery;
        }
        return finding == JumpCheck.Finding.COMPLETE;
    }

    private WatchEvent endOfSnapshot() {
        WatchEvent end = new WatchEvent.SnapshotEnd(tracker.snapshotEnd());
        endDue = false;
        snapshotCheck.forget();
        jumpCheck.endOfSnapshot();
        tracker.endSnapshot();
        if (tracker.needsAnotherConsumer()) {
            dropConsumer();
            phase = Phase.SETTING_UP;
        }
        return end;
    }

    private void recreate(PullStream broken, String reason) {
        meter.recreation();
        dropConsumer();
        phase = Phase.SETTING_UP;
        if (!connection.isConnected()) {
            notices.interrupted(connection.servers(), reason);
        } else if (!broken.heard()) {
            // A consumer from which nothing came at all: the next may fare no better.
            unheard = true;
            notices.interrupted(connection.servers(), reason);
            connection.probe();
            backoff.failed();
            phase = Phase.PAUSING;
        }
    }

    private void pause(long waitNanos) throws InterruptedException {
        long left = backoff.left();
        if (left <= 0 || signal.await(Math.min(waitNanos, left))) {
            setup.begin();
            phase = Phase.SETTING_UP;
        }
    }

    private void pauseFor(long nanos) {
        backoff.pause(nanos);
        phase = Phase.PAUSING;
    }

    private void dropConsumer() {
        held = null;
        PullStream old = stream;
        stream = null;
        if (old != null) {
            old.close();
        }
        setup.dropConsumer();
    }

    private void readerIsBack(long now) {
        PullStream current = stream;
        if (current != null) {
            current.readerIsBack(lastRead, now);
        }
        lastRead = now;
    }

    private void failIfFatal() {
        if (fatal != null) {
            throw fatal;
        }
        if (!closed && connection.isClosed()) {
            throw new KvException(ErrorClass.FATAL, "The connection to NATS at " + connection.servers() + " is closed");
        }
    }

    /** The connection is back: what was waited for may never come. */
    private void wake() {
        signal.set();
        PullStream current = stream;
        if (current != null) {
            current.wake();
        }
    }

    /** The server refuses our pull requests, or where their answers go. It says so once, and then there is silence. */
    private void refused(KvErrors.Violation violation) {
        PullStream current = stream;
        if (current != null && current.uses(violation.subject())) {
            fatal = violation.toException();
            wake();
        }
    }
}
