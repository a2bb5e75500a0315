package io.natskv.camel;

import io.natskv.core.KvEntry;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.UnavailableException;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.watch.WatchPosition;
import io.natskv.core.watch.WatchStart;
import io.natskv.core.watch.WatchStats;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The work of a consumer's thread: reads the watch, and hands on one change after the other. Outages of a server are the watch's own
 * business; a watch that can't go on at all (connection given up or closed, permission taken away) is opened anew behind its position,
 * with growing pauses, until it works or the consumer stops.
 */
final class WatchLoop implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(WatchLoop.class);
    /** How long the loop waits in one piece; {@link KvWatch#close()} ends it sooner. */
    private static final Duration MAX_WAIT = Duration.ofSeconds(1);
    /** How long the starting thread waits in one piece for the first contact. */
    private static final Duration CONTACT_WAIT = Duration.ofMillis(20);

    private final NatsKvEndpoint endpoint;
    private final WatchOptions options;
    private final Sink sink;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** Guarded by the lock where it is replaced or closed; read by the reading thread. */
    private Source source;

    /** What came before the loop ran; for its thread alone from then on. */
    private final Queue<WatchEvent> early = new ArrayDeque<>();

    private volatile Thread thread;
    private volatile boolean suspended;
    private volatile boolean stopped;
    private volatile boolean delivering;

    /** Where the loop hands things to; called by its thread alone. */
    interface Sink {
        /** A change; returns when it has been dealt with. */
        void change(KvEntry entry, boolean initial);

        /** Something that an operator should know of; the loop goes on, also if this throws. */
        void problem(String message, Throwable cause);
    }

    private record Source(OpenBucket open, KvWatch watch) implements AutoCloseable {
        @Override
        public void close() {
            watch.close();
            open.close();
        }
    }

    private WatchLoop(NatsKvEndpoint endpoint, WatchOptions options, Sink sink) {
        this.endpoint = endpoint;
        this.options = options;
        this.sink = sink;
    }

    /**
     * Opens the watch, and returns when it watches.
     *
     * @throws Exception if it does not within the request time-out
     */
    static WatchLoop begin(NatsKvEndpoint endpoint, WatchOptions options, Sink sink) throws Exception {
        WatchLoop loop = new WatchLoop(endpoint, options, sink);
        loop.source = loop.open(options.start());
        try {
            loop.contact();
        } catch (RuntimeException e) {
            loop.source.close();
            throw e;
        }
        return loop;
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        Recovery recovery = new Recovery();
        try {
            while (!stopped) {
                try {
                    step(recovery);
                } catch (InterruptedException e) {
                    // Only stop() ends the loop: the route would stay started, and never deliver again.
                    LOG.debug("Bucket \"{}\": the consumer was interrupted", endpoint.getBucket());
                } catch (Throwable e) { // errors too, for the same reason
                    recovery.failed(e);
                }
            }
        } finally {
            source.close();
        }
    }

    private void step(Recovery recovery) throws Exception {
        if (recovery.isNeeded()) {
            recovery.attempt();
            return;
        }
        WatchEvent event = early.isEmpty() ? source.watch.next(MAX_WAIT) : early.poll();
        if (event != null && awaitTurn()) {
            try {
                handle(event);
            } finally {
                delivering = false;
            }
        }
        // Left by a route or a stranger, it would keep the watch from waiting; at the end, the connection from closing.
        Thread.interrupted();
    }

    /** Tells the sink, whatever that does. */
    private void report(String message, Throwable cause) {
        try {
            sink.problem(message, cause);
        } catch (Throwable e) {
            LOG.error("{}; and it could not be reported", message, e);
        }
    }

    void suspend() {
        suspended = true;
    }

    void resume() {
        lock.lock();
        try {
            suspended = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the loop behind the change under way. Does not wait for it. */
    void stop() {
        lock.lock();
        try {
            stopped = true;
            source.watch.close();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean isDelivering() {
        return delivering;
    }

    boolean isCurrentThread() {
        return Thread.currentThread() == thread;
    }

    private Source open(WatchStart start) throws Exception {
        OpenBucket open = endpoint.openBucket();
        return new Source(open, open.bucket().watch(options.withStart(start)));
    }

    /** Reads until the watch is there, or has found that its position is lost. What comes meanwhile is kept. */
    private void contact() {
        long limit = TimeUnit.MILLISECONDS.toNanos(endpoint.getConfiguration().getRequestTimeout());
        long start = System.nanoTime();
        String problem = "no answer";
        while (!stopped && !isThere(source.watch.stats().state())) {
            if (System.nanoTime() - start > limit) {
                throw new UnavailableException(
                        "Bucket \"" + endpoint.getBucket() + "\" can't be watched: " + problem, null);
            }
            WatchEvent event = source.watch.next(CONTACT_WAIT);
            if (event instanceof WatchEvent.BucketDeleted) {
                throw notFound();
            } else if (event instanceof WatchEvent.Unavailable unavailable) {
                problem = unavailable.message();
            } else if (event != null && !(event instanceof WatchEvent.Available)) {
                early.add(event);
            }
        }
    }

    private static boolean isThere(WatchStats.State state) {
        return state == WatchStats.State.WATCHING || state == WatchStats.State.LOST;
    }

    private BucketNotFoundException notFound() {
        return new BucketNotFoundException(endpoint.getBucket(), source.open.bucket().subjects().stream());
    }

    /** Waits while suspended. False if the loop is stopped. Sets {@link #delivering} before it looks, so that a suspension sees either. */
    private boolean awaitTurn() {
        while (true) {
            delivering = true;
            if (!suspended && !stopped) {
                Thread.interrupted(); // not meant for the exchange
                return true;
            }
            delivering = false;
            lock.lock();
            try {
                while (suspended && !stopped) {
                    // An interruption would lose the change that waits.
                    changed.awaitUninterruptibly();
                }
                if (stopped) {
                    return false;
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /** Deals with one event. For the loop's thread, and for tests before it runs. */
    void handle(WatchEvent event) {
        String bucket = endpoint.getBucket();
        if (event instanceof WatchEvent.Change change) {
            sink.change(change.entry(), change.snapshot());
        } else if (event instanceof WatchEvent.SnapshotEnd end) {
            LOG.debug("Bucket \"{}\": all that was there up to revision {} is delivered", bucket, end.revision());
        } else if (event instanceof WatchEvent.Unavailable unavailable) {
            LOG.warn("{}", unavailable.message());
        } else if (event instanceof WatchEvent.Available available) {
            LOG.info("Bucket \"{}\": changes arrive again after {}", bucket, available.outage());
        } else if (event instanceof WatchEvent.BucketDeleted deleted) {
            report(deleted.message(), notFound());
        } else if (event instanceof WatchEvent.PositionLost lost) {
            LOG.warn("{}; delivering all that is in it", lost.message());
            source.watch.restart(
                    options.start() instanceof WatchStart.History ? WatchStart.history() : WatchStart.snapshot());
        } else {
            throw new IllegalStateException("Unknown event of a watch: " + event);
        }
    }

    /** Opens the watch anew after it has failed for good. */
    private final class Recovery {
        private boolean needed;
        /** Behind the last event that was read; null if there was none. */
        private WatchPosition position;

        private long delayMillis;

        boolean isNeeded() {
            return needed;
        }

        void failed(Throwable cause) {
            if (stopped) {
                return;
            }
            WatchPosition reached = source.watch.position();
            position = reached == null ? position : reached;
            if (needed) {
                LOG.debug("Bucket \"{}\": the watch can't be opened anew yet", endpoint.getBucket(), cause);
                delayMillis =
                        Math.min(2 * delayMillis, endpoint.getConfiguration().getMaxRetryDelay());
            } else {
                needed = true;
                delayMillis = endpoint.getConfiguration().getRetryDelay();
                report("The watch of bucket \"" + endpoint.getBucket() + "\" has failed; opening it anew", cause);
            }
        }

        /** Waits, then tries. */
        void attempt() throws Exception {
            pause();
            if (stopped) {
                return;
            }
            source.close();
            replace(open(position == null ? options.start() : WatchStart.after(position)));
            contact();
            needed = false;
            if (!stopped) {
                LOG.info("Bucket \"{}\": the watch goes on", endpoint.getBucket());
            }
        }

        private void replace(Source fresh) {
            lock.lock();
            try {
                source = fresh;
                if (stopped) {
                    fresh.watch.close();
                }
            } finally {
                lock.unlock();
            }
        }

        private void pause() throws InterruptedException {
            // Spread, so that many consumers do not come back at once.
            long left = TimeUnit.MILLISECONDS.toNanos(
                    delayMillis + ThreadLocalRandom.current().nextLong(delayMillis / 4 + 1));
            lock.lock();
            try {
                while (!stopped && left > 0) {
                    left = changed.awaitNanos(left);
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
