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

    private WatchEvent first;
    private volatile Thread thread;
    private volatile boolean suspended;
    private volatile boolean stopped;
    private volatile boolean delivering;

    /** Where the loop hands things to; called by its thread alone. */
    interface Sink {
        /** A change; returns when it has been dealt with. */
        void change(KvEntry entry, boolean initial);

        /** Something that an operator should know of; the loop goes on. */
        void problem(String message, Exception cause);
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
            loop.first = loop.contact();
        } catch (RuntimeException e) {
            loop.source.close();
            throw e;
        }
        return loop;
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        WatchEvent event = first;
        first = null;
        Recovery recovery = new Recovery();
        try {
            while (!stopped) {
                try {
                    if (event == null) {
                        event = recovery.isNeeded() ? recovery.attempt() : source.watch.next(MAX_WAIT);
                    }
                } catch (Exception e) {
                    recovery.failed(e);
                }
                if (event != null && awaitTurn()) {
                    try {
                        handle(event);
                    } finally {
                        delivering = false;
                    }
                    event = null;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            source.close();
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

    /** Reads until the watch is there; the result is an event that came with that, or null. */
    private WatchEvent contact() {
        long limit = TimeUnit.MILLISECONDS.toNanos(endpoint.getConfiguration().getRequestTimeout());
        long start = System.nanoTime();
        String problem = "no answer";
        while (source.watch.stats().state() != WatchStats.State.WATCHING) {
            if (System.nanoTime() - start > limit) {
                throw new UnavailableException(
                        "Bucket \"" + endpoint.getBucket() + "\" can't be watched: " + problem, null);
            }
            WatchEvent event = source.watch.next(CONTACT_WAIT);
            if (event instanceof WatchEvent.BucketDeleted) {
                throw new BucketNotFoundException(endpoint.getBucket(), source.open.bucket().subjects().stream());
            } else if (event instanceof WatchEvent.Unavailable unavailable) {
                problem = unavailable.message();
            } else if (event != null && !(event instanceof WatchEvent.Available)) {
                return event;
            }
        }
        return null;
    }

    /** Waits while suspended. False if the loop is stopped. Sets {@link #delivering} before it looks, so that a suspension sees either. */
    private boolean awaitTurn() throws InterruptedException {
        while (true) {
            delivering = true;
            if (!suspended && !stopped) {
                return true;
            }
            delivering = false;
            lock.lock();
            try {
                while (suspended && !stopped) {
                    changed.await();
                }
                if (stopped) {
                    return false;
                }
            } finally {
                lock.unlock();
            }
        }
    }

    private void handle(WatchEvent event) {
        String bucket = endpoint.getBucket();
        if (event instanceof WatchEvent.Change change) {
            sink.change(change.entry(), change.snapshot());
        } else if (event instanceof WatchEvent.SnapshotEnd end) {
            LOG.debug("Bucket \"{}\": all that was there up to revision {} is delivered", bucket, end.revision());
        } else if (event instanceof WatchEvent.Unavailable unavailable) {
            LOG.warn("Bucket \"{}\": no changes arrive: {}", bucket, unavailable.message());
        } else if (event instanceof WatchEvent.Available available) {
            LOG.info("Bucket \"{}\": changes arrive again after {}", bucket, available.outage());
        } else if (event instanceof WatchEvent.BucketDeleted deleted) {
            sink.problem(
                    deleted.message(), new BucketNotFoundException(bucket, source.open.bucket().subjects().stream()));
        } else if (event instanceof WatchEvent.PositionLost lost) {
            LOG.warn("Bucket \"{}\": {}; delivering all that is in it", bucket, lost.message());
            source.watch.restart(
                    options.start() instanceof WatchStart.History ? WatchStart.history() : WatchStart.snapshot());
        } else {
            throw new IllegalStateException("Unknown event of a watch: " + event);
        }
    }

    /** Opens the watch anew after it has failed for good. */
    private final class Recovery {
        private boolean needed;
        private long delayMillis;

        boolean isNeeded() {
            return needed;
        }

        void failed(Exception cause) {
            if (stopped) {
                return;
            }
            if (needed) {
                LOG.debug("Bucket \"{}\": the watch can't be opened anew yet", endpoint.getBucket(), cause);
                delayMillis =
                        Math.min(2 * delayMillis, endpoint.getConfiguration().getMaxRetryDelay());
            } else {
                needed = true;
                delayMillis = endpoint.getConfiguration().getRetryDelay();
                sink.problem("The watch of bucket \"" + endpoint.getBucket() + "\" has failed; opening it anew", cause);
            }
        }

        /** Waits, then tries. The result is an event of the new watch, or null. */
        WatchEvent attempt() throws Exception {
            pause();
            if (stopped) {
                return null;
            }
            WatchPosition position = source.watch.position();
            source.close();
            Source fresh = open(position == null ? options.start() : WatchStart.after(position));
            lock.lock();
            try {
                source = fresh;
                if (stopped) {
                    return null;
                }
            } finally {
                lock.unlock();
            }
            WatchEvent event = contact();
            needed = false;
            LOG.info("Bucket \"{}\": the watch goes on", endpoint.getBucket());
            return event;
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
