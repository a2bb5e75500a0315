package io.natskv.connect.source;

import io.natskv.core.KvEntry;
import io.natskv.core.bucket.PreviousRevisions;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchPosition;
import io.natskv.core.watch.WatchStart;
import io.natskv.core.watch.WatchStats;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A watch without what was delivered already and, where it is wanted, with what each key held before a change. That is asked for many changes at a time, while they wait here in their order. For
 * one thread, but for {@link #stats} and {@link #position}.
 */
final class EntryReader implements AutoCloseable {
    private static final int MAX_AHEAD = 512;
    private static final long RETRY_MS = 200;
    /** How many entries that are left out are taken at once: they come as fast as the watch reads, and poll must return. */
    private static final int MAX_LEFT_OUT = 1_000;

    private final KvWatch watch;
    private final PreviousRevisions previous;
    private final long maxAheadBytes;
    private final Deque<Read> ahead = new ArrayDeque<>();
    private long aheadBytes;
    /** Whether something waits in {@link #ahead}, for whoever asks. */
    private volatile boolean waiting;

    private volatile Read last;

    private DeliveredAlready delivered;

    /** @param previous completes with null where there is no revision before, or for an event that is no change */
    private record Read(WatchEvent event, WatchPosition position, CompletableFuture<KvEntry> previous) {
        private int bytes() {
            return event instanceof WatchEvent.Change change ? change.entry().value().length : 0;
        }
    }

    /**
     * @param previous null where it is not wanted
     * @param delivered what is left out
     * @param maxAheadBytes how many bytes of values may wait for the ones before; those come on top
     */
    EntryReader(KvWatch watch, PreviousRevisions previous, DeliveredAlready delivered, long maxAheadBytes) {
        this.watch = watch;
        this.previous = previous;
        this.delivered = delivered;
        this.maxAheadBytes = maxAheadBytes;
    }

    /** As {@link KvWatch#next}. */
    WatchEvent next(Duration maxWait) {
        Duration wait = maxWait;
        for (int leftOut = 0; leftOut < MAX_LEFT_OUT; leftOut++) {
            WatchEvent event = read(wait);
            if (delivered == DeliveredAlready.NOTHING || !(event instanceof WatchEvent.Change change)) {
                return event;
            }
            if (delivered.endsBefore(change.entry().revision())) {
                delivered = DeliveredAlready.NOTHING;
            }
            if (!delivered.has(change.entry())) {
                return event;
            }
            wait = Duration.ZERO;
        }
        return null;
    }

    private WatchEvent read(Duration maxWait) {
        if (previous == null) {
            return watch.next(maxWait);
        }
        long deadline = System.nanoTime() + maxWait.toNanos();
        readAhead(maxWait);
        Read head = ahead.peek();
        if (head == null || !isComplete(head, deadline - System.nanoTime())) {
            return null;
        }
        last = head;
        ahead.remove();
        aheadBytes -= head.bytes();
        waiting = !ahead.isEmpty();
        return head.event();
    }

    private void readAhead(Duration maxWait) {
        Duration wait = ahead.isEmpty() ? maxWait : Duration.ZERO;
        while (ahead.size() < MAX_AHEAD && aheadBytes < maxAheadBytes) {
            WatchEvent event = watch.next(wait);
            if (event == null) {
                return;
            }
            wait = Duration.ZERO;
            Read read = new Read(event, watch.position(), lookUp(event));
            ahead.add(read);
            waiting = true;
            aheadBytes += read.bytes();
        }
    }

    private CompletableFuture<KvEntry> lookUp(WatchEvent event) {
        if (!(event instanceof WatchEvent.Change change)) {
            return CompletableFuture.completedFuture(null);
        }
        return previous.before(change.entry().key(), change.entry().revision());
    }

    private boolean isComplete(Read head, long waitNanos) {
        try {
            head.previous().get(Math.max(0, waitNanos), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException e) {
            KvException error = KvErrors.translate(e, "read history");
            if (error.errorClass() != ErrorClass.TRANSIENT) {
                throw error;
            }
            askAgain();
            return false;
        }
    }

    /** All that have failed: an outage takes many at a time. */
    private void askAgain() {
        for (int i = ahead.size(); i > 0; i--) {
            Read read = ahead.remove();
            ahead.add(
                    read.previous().isCompletedExceptionally()
                            ? new Read(read.event(), read.position(), lookUpLater(read.event()))
                            : read);
        }
    }

    private CompletableFuture<KvEntry> lookUpLater(WatchEvent event) {
        return CompletableFuture.runAsync(() -> {}, CompletableFuture.delayedExecutor(RETRY_MS, TimeUnit.MILLISECONDS))
                .thenCompose(waited -> previous.check())
                .handle((there, error) -> lookUpUnlessGone(event, error))
                .thenCompose(answer -> answer);
    }

    /** A bucket that is gone will never answer; what it held before is gone, too. */
    private CompletableFuture<KvEntry> lookUpUnlessGone(WatchEvent event, Throwable error) {
        if (error == null) {
            return lookUp(event);
        }
        return KvErrors.translate(error, "read history") instanceof BucketNotFoundException
                ? CompletableFuture.completedFuture(null)
                : CompletableFuture.failedFuture(error);
    }

    /** What the key of the last change held before it; null if that is not wanted, or not known. */
    KvEntry previous() {
        Read seen = last;
        return seen == null ? null : seen.previous().join();
    }

    /** Where the reader is: behind the last event that {@link #next} returned. Null before the bucket was reached for the first time. */
    WatchPosition position() {
        if (previous == null || !waiting) {
            return watch.position();
        }
        // What waits here has not been seen by anybody.
        Read seen = last;
        return seen == null ? null : seen.position();
    }

    /** As {@link KvWatch#restart}. */
    void restart(WatchStart start) {
        ahead.clear();
        aheadBytes = 0;
        waiting = false;
        last = null;
        delivered = DeliveredAlready.NOTHING;
        watch.restart(start);
    }

    WatchStats stats() {
        return watch.stats();
    }

    @Override
    public void close() {
        watch.close();
    }
}
