package io.natskv.camel;

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
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a watch, and hands on one change after the other. Outages of a server are the watch's own business; a watch that can't go on at
 * all (connection given up or closed, permission taken away) is opened anew behind its position, with growing pauses, until it works or
 * the consumer stops.
 */
final class WatchLoop implements ChangeLoop {
    private static final Logger LOG = LoggerFactory.getLogger(WatchLoop.class);
    /** How long the loop waits in one piece; {@link KvWatch#close()} ends it sooner. */
    private static final Duration MAX_WAIT = Duration.ofSeconds(1);
    /** How long the starting thread waits in one piece for the first contact. */
    private static final Duration CONTACT_WAIT = Duration.ofMillis(20);

    private static final long FULL_PAUSE_MILLIS = 10;

    private final NatsKvEndpoint endpoint;
    private final WatchOptions options;
    private final Gate gate;
    private final PositionKeeper keeper;
    private final Problems problems;
    private final ReentrantLock replacing = new ReentrantLock();
    /** Replaced and closed with the lock; read by the reading thread, and for the status. */
    private volatile Source source;

    /** What came before the loop ran; for its thread alone from then on. */
    private final Queue<Event> early = new ArrayDeque<>();

    private volatile boolean recovering;
    private volatile String problem;
    /** Where the watch begins, as long as it has no position. For the reading thread. */
    private WatchStart start;

    private record Event(WatchEvent event, WatchPosition behind) {}

    private record Source(OpenBucket open, KvWatch watch) implements AutoCloseable {
        @Override
        public void close() {
            watch.close();
            open.close();
        }
    }

    private WatchLoop(
            NatsKvEndpoint endpoint, WatchOptions options, Gate gate, PositionKeeper keeper, Problems problems) {
        this.endpoint = endpoint;
        this.options = options;
        this.gate = gate;
        this.keeper = keeper;
        this.problems = problems;
    }

    /**
     * Opens the watch, and returns when it watches.
     *
     * @param start where to begin; after a lost position it begins as the options say
     * @param gate tells when to stop
     * @param keeper is told each position; null for none
     * @throws Exception if it does not watch within the request time-out
     */
    static WatchLoop begin(
            NatsKvEndpoint endpoint,
            WatchOptions options,
            WatchStart start,
            Gate gate,
            PositionKeeper keeper,
            Problems problems)
            throws Exception {
        WatchLoop loop = new WatchLoop(endpoint, options, gate, keeper, problems);
        loop.start = start;
        loop.source = loop.open(start);
        try {
            loop.contact();
        } catch (RuntimeException e) {
            loop.source.close();
            throw e;
        }
        return loop;
    }

    @Override
    public void run(Intake intake) {
        Recovery recovery = new Recovery();
        try {
            while (!gate.isStopped()) {
                try {
                    step(recovery, intake);
                } catch (Throwable e) { // errors too: the route would stay started, and never deliver again
                    recovery.failed(e);
                }
            }
        } finally {
            intake.close();
            source.close();
        }
    }

    private void step(Recovery recovery, Intake intake) throws Exception {
        if (recovering) {
            recovery.attempt();
            return;
        }
        if (!early.isEmpty()) {
            Event event = early.poll();
            handle(event.event, event.behind, intake);
            return;
        }
        WatchEvent event = source.watch.next(intake.patience(MAX_WAIT));
        if (event == null) {
            intake.pause();
        } else {
            handle(event, keeper == null ? null : source.watch.position(), intake);
        }
    }

    /** Tells of a problem, whatever that does. */
    private void report(String message, Throwable cause) {
        problem = message;
        try {
            problems.report(message, cause);
        } catch (Throwable e) {
            LOG.error("{}; and it could not be reported", message, e);
        }
    }

    @Override
    public void stop() {
        replacing.lock();
        try {
            source.watch.close();
        } finally {
            replacing.unlock();
        }
    }

    @Override
    public Status status() {
        Source now = source;
        WatchStats stats = now.watch.stats();
        var connection = now.open.lease().connection();
        boolean up = !recovering && stats.state() == WatchStats.State.WATCHING && connection.isConnected();
        String told = connection.isConnected() ? problem : "not connected to " + connection.servers();
        return new Status(up, told, stats.pending() + stats.bufferedEntries());
    }

    private Source open(WatchStart start) throws Exception {
        OpenBucket open = endpoint.openBucket();
        return new Source(open, open.bucket().watch(options.withStart(start)));
    }

    /** Reads until the watch is there, or has found that its position is lost. What comes meanwhile is kept. */
    private void contact() {
        long limit = TimeUnit.MILLISECONDS.toNanos(endpoint.getConfiguration().getRequestTimeout());
        long start = System.nanoTime();
        String trouble = "no answer";
        while (!gate.isStopped() && !isThere(source.watch.stats().state())) {
            if (System.nanoTime() - start > limit) {
                throw new UnavailableException(
                        "Bucket \"" + endpoint.getBucket() + "\" can't be watched: " + trouble, null);
            }
            WatchEvent event = source.watch.next(CONTACT_WAIT);
            if (event instanceof WatchEvent.BucketDeleted) {
                throw notFound();
            } else if (event instanceof WatchEvent.Unavailable unavailable) {
                trouble = unavailable.message();
            } else if (event != null && !(event instanceof WatchEvent.Available)) {
                early.add(new Event(event, source.watch.position()));
            }
        }
    }

    private static boolean isThere(WatchStats.State state) {
        return state == WatchStats.State.WATCHING || state == WatchStats.State.LOST;
    }

    private BucketNotFoundException notFound() {
        return new BucketNotFoundException(endpoint.getBucket(), source.open.bucket().subjects().stream());
    }

    /**
     * Deals with one event. For the reading thread.
     *
     * @param behind the position behind it; null if nobody keeps it
     */
    void handle(WatchEvent event, WatchPosition behind, Intake intake) {
        String bucket = endpoint.getBucket();
        if (event instanceof WatchEvent.Change change) {
            intake.change(change.entry(), change.snapshot(), settlement(behind));
        } else if (event instanceof WatchEvent.SnapshotEnd end) {
            LOG.debug("Bucket \"{}\": all that was there up to revision {} is delivered", bucket, end.revision());
            if (endpoint.getConfiguration().isSendEndOfData()) {
                intake.endOfData(settlement(behind));
            } else {
                settlement(behind).processed(true);
            }
        } else if (event instanceof WatchEvent.Unavailable unavailable) {
            problem = unavailable.message();
            LOG.warn("{}", unavailable.message());
        } else if (event instanceof WatchEvent.Available available) {
            LOG.info("Bucket \"{}\": changes arrive again after {}", bucket, available.outage());
        } else if (event instanceof WatchEvent.BucketDeleted deleted) {
            report(deleted.message(), notFound());
        } else if (event instanceof WatchEvent.PositionLost lost) {
            problem = lost.message();
            LOG.warn("{}; delivering all that is in it", lost.message());
            start = options.start() instanceof WatchStart.History ? WatchStart.history() : WatchStart.snapshot();
            source.watch.restart(start);
        } else {
            throw new IllegalStateException("Unknown event of a watch: " + event);
        }
    }

    private Settlement settlement(WatchPosition behind) {
        if (keeper == null || behind == null) {
            return Settlement.NONE;
        }
        while (keeper.isFull() && gate.pause(FULL_PAUSE_MILLIS)) {
            // A key that stands still must not make the rest pile up without end.
        }
        return keeper.next(behind);
    }

    /** Opens the watch anew after it has failed for good. */
    private final class Recovery {
        /** Behind the last event that was read; null if there was none. */
        private WatchPosition position;

        private long delayMillis;

        void failed(Throwable cause) {
            if (gate.isStopped()) {
                return;
            }
            WatchPosition reached = source.watch.position();
            position = reached == null ? position : reached;
            if (recovering) {
                LOG.debug("Bucket \"{}\": the watch can't be opened anew yet", endpoint.getBucket(), cause);
                delayMillis =
                        Math.min(2 * delayMillis, endpoint.getConfiguration().getMaxRetryDelay());
            } else {
                recovering = true;
                delayMillis = endpoint.getConfiguration().getRetryDelay();
                report("The watch of bucket \"" + endpoint.getBucket() + "\" has failed; opening it anew", cause);
            }
        }

        /** Waits, then tries. */
        void attempt() throws Exception {
            // Spread, so that many consumers do not come back at once.
            if (!gate.pause(delayMillis + ThreadLocalRandom.current().nextLong(delayMillis / 4 + 1))) {
                return;
            }
            source.close();
            replace(open(position == null ? start : WatchStart.after(position)));
            contact();
            recovering = false;
            if (!gate.isStopped()) {
                LOG.info("Bucket \"{}\": the watch goes on", endpoint.getBucket());
            }
        }

        private void replace(Source fresh) {
            replacing.lock();
            try {
                source = fresh;
                if (gate.isStopped()) {
                    fresh.watch.close();
                }
            } finally {
                replacing.unlock();
            }
        }
    }
}
