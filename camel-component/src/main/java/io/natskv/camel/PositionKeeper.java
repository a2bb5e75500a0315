package io.natskv.camel;

import io.natskv.core.watch.WatchPosition;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows up to where everything has been processed, in whatever order it ends, and writes that down now and then. The position never
 * moves past a change that has not ended. Thread-safe; changes are told in their order, by one thread.
 */
final class PositionKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(PositionKeeper.class);

    private final Consumer<WatchPosition> store;
    private final long intervalNanos;
    private final boolean manual;
    private final int limit;
    private final ReentrantLock lock = new ReentrantLock();
    private final ReentrantLock storing = new ReentrantLock();
    /** In the order of the watch; the first one has not ended. With the lock, as all below. */
    private final Queue<Ticket> open = new ArrayDeque<>();

    private final TreeMap<Long, WatchPosition> commits = new TreeMap<>();
    private long issued;
    private long ended;
    private long committed;
    private WatchPosition reached;
    /** With the storing lock. */
    private WatchPosition stored;

    private volatile long storedAt = System.nanoTime();
    private volatile boolean failing;

    /**
     * @param store writes a position; what it throws is logged, and it is tried again with the next one
     * @param intervalMillis how often to write at most
     * @param manual whether the position moves by {@link Settlement#commit} alone
     * @param limit how many changes may be under way, before {@link #isFull} says that it is enough
     */
    PositionKeeper(Consumer<WatchPosition> store, long intervalMillis, boolean manual, int limit) {
        this.store = store;
        this.intervalNanos = TimeUnit.MILLISECONDS.toNanos(intervalMillis);
        this.manual = manual;
        this.limit = limit;
    }

    /** What knows the position behind a change. */
    interface Positioned extends Settlement {
        WatchPosition position();
    }

    /** A change under way, and the position behind it. */
    private final class Ticket implements Positioned {
        private final long number;
        private final WatchPosition behind;
        /** With the keeper's lock. */
        private boolean done;

        Ticket(long number, WatchPosition behind) {
            this.number = number;
            this.behind = behind;
        }

        @Override
        public WatchPosition position() {
            return behind;
        }

        @Override
        public void processed(boolean success) {
            end(this, false);
        }

        @Override
        public void commit() {
            end(this, true);
        }
    }

    /** The next change, or something else that moves the position once what came before has ended. */
    Settlement next(WatchPosition behind) {
        lock.lock();
        try {
            Ticket ticket = new Ticket(++issued, behind);
            open.add(ticket);
            return ticket;
        } finally {
            lock.unlock();
        }
    }

    private void end(Ticket ticket, boolean commit) {
        lock.lock();
        try {
            ticket.done = true;
            if (commit) {
                commits.put(ticket.number, ticket.behind);
            }
            while (!open.isEmpty() && open.peek().done) {
                Ticket first = open.remove();
                ended = first.number;
                if (!manual) {
                    reached = first.behind;
                }
            }
            Map.Entry<Long, WatchPosition> last = commits.floorEntry(ended);
            if (last != null) {
                if (last.getKey() > committed) {
                    committed = last.getKey();
                    reached = last.getValue();
                }
                commits.headMap(last.getKey(), true).clear();
            }
        } finally {
            lock.unlock();
        }
    }

    /** An exchange has ended: its changes have been told, all of them. Writes if it is time to. */
    void settled() {
        if (manual) {
            // What was committed earlier may only have waited for this.
            storeNow();
        } else {
            storeIfDue();
        }
    }

    /** True while so many changes have not ended that no more should be read; one key may stand still while others go on. */
    boolean isFull() {
        lock.lock();
        try {
            return open.size() >= limit;
        } finally {
            lock.unlock();
        }
    }

    /** Writes what was reached, if the last time is long enough ago. */
    void storeIfDue() {
        if (System.nanoTime() - storedAt >= intervalNanos) {
            storeNow();
        }
    }

    /** Writes what was reached, unless it is written already. */
    void storeNow() {
        storing.lock();
        try {
            WatchPosition now = position();
            if (now == null || now == stored) {
                return;
            }
            storedAt = System.nanoTime();
            store.accept(now);
            stored = now;
            failing = false;
        } catch (Throwable e) { // whatever a repository throws, the flow goes on
            if (!failing) {
                LOG.warn("The position could not be written; trying again with the next one", e);
            }
            failing = true;
        } finally {
            storing.unlock();
        }
    }

    private WatchPosition position() {
        lock.lock();
        try {
            return reached;
        } finally {
            lock.unlock();
        }
    }
}
