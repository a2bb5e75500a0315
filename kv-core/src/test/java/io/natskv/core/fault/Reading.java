package io.natskv.core.fault;

import io.natskv.core.KvEntry;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.watch.WatchStart;
import io.natskv.core.watch.WatchStats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Reads a watch on a thread of its own, and fails where it repeats or reorders. What was lost shows when the entries are compared with
 * what the bucket holds.
 */
final class Reading implements AutoCloseable {
    static final Duration DEADLINE = Duration.ofSeconds(60);

    private final KvWatch watch;
    private final Function<WatchEvent.PositionLost, WatchStart> onLost;
    private final List<WatchEvent> others = new CopyOnWriteArrayList<>();
    private final Thread thread = new Thread(this::read, "reading");
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition resumed = lock.newCondition();
    private List<KvEntry> entries = new ArrayList<>();
    private boolean paused;
    private boolean stands;
    private volatile long seen;
    private volatile Throwable failure;

    /** Reads; a lost position is a failure. */
    static Reading of(KvBucket bucket, WatchOptions options) {
        return of(bucket, options, lost -> {
            throw new AssertionError(lost.toString());
        });
    }

    /** @param onLost where to begin anew when the position is lost; what was read before is forgotten */
    static Reading of(KvBucket bucket, WatchOptions options, Function<WatchEvent.PositionLost, WatchStart> onLost) {
        Reading reading = new Reading(bucket.watch(options), onLost);
        reading.thread.start();
        return reading;
    }

    /** Every revision that the bucket keeps, with a loss noticed after about a second. */
    static WatchOptions everything() {
        return WatchOptions.DEFAULT.withStart(WatchStart.history()).withHeartbeat(Duration.ofMillis(500));
    }

    private Reading(KvWatch watch, Function<WatchEvent.PositionLost, WatchStart> onLost) {
        this.watch = watch;
        this.onLost = onLost;
    }

    private void read() {
        try {
            while (watch.stats().state() != WatchStats.State.CLOSED) {
                waitWhilePaused();
                WatchEvent event = watch.next(Duration.ofMillis(200));
                if (event != null) {
                    handle(event);
                }
            }
        } catch (Throwable e) {
            failure = e;
        }
    }

    private void handle(WatchEvent event) {
        lock.lock();
        try {
            if (event instanceof WatchEvent.Change change) {
                KvEntry entry = change.entry();
                if (entry.revision() <= seen) {
                    throw new AssertionError("revision " + entry.revision() + " after " + seen);
                }
                entries.add(entry);
                seen = entry.revision();
                return;
            }
            others.add(event);
            if (event instanceof WatchEvent.PositionLost lost) {
                WatchStart start = onLost.apply(lost);
                entries = new ArrayList<>();
                seen = 0;
                watch.restart(start);
            }
        } finally {
            lock.unlock();
        }
    }

    private void waitWhilePaused() throws InterruptedException {
        lock.lock();
        try {
            while (paused) {
                stands = true;
                resumed.await();
            }
            stands = false;
        } finally {
            lock.unlock();
        }
    }

    /** Has the reader stay away from the watch; returns when it does. */
    void pause() {
        set(true);
        await(reading -> {
            lock.lock();
            try {
                return stands;
            } finally {
                lock.unlock();
            }
        });
    }

    void resume() {
        set(false);
    }

    private void set(boolean value) {
        lock.lock();
        try {
            paused = value;
            resumed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The last revision that was read. */
    long seen() {
        return seen;
    }

    WatchStats stats() {
        return watch.stats();
    }

    /** What was read since the last beginning. */
    List<KvEntry> entries() {
        lock.lock();
        try {
            return List.copyOf(entries);
        } finally {
            lock.unlock();
        }
    }

    /** All events but changes, from the first beginning on. */
    List<WatchEvent> others() {
        return List.copyOf(others);
    }

    /** Waits for a condition; fails at once with what the reader met. */
    void await(Predicate<Reading> condition) {
        try {
            Awaitility.await()
                    .atMost(DEADLINE)
                    .pollInterval(Duration.ofMillis(2))
                    .until(() -> {
                        failIfFailed();
                        return condition.test(this);
                    });
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(
                    "not within " + DEADLINE + ": at revision " + seen + ", " + stats() + ", " + others, e);
        }
    }

    private void failIfFailed() {
        if (failure != null) {
            throw new AssertionError("the reader failed: " + failure, failure);
        }
    }

    void awaitRevision(long revision) {
        await(reading -> seen >= revision);
    }

    /** Waits until so many more entries have come. */
    void awaitMore(int count) {
        long from = stats().delivered();
        await(reading -> stats().delivered() >= from + count);
    }

    /** Ends the watch and its thread. */
    @Override
    public void close() {
        resume();
        watch.close();
        try {
            thread.join(DEADLINE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends it, and fails with what the reader met. */
    List<KvEntry> finish() {
        close();
        failIfFailed();
        return entries();
    }
}
