package io.natskv.camel;

import io.natskv.core.KvEntry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Processes on several threads. A key always belongs to the same one, so that its changes are processed in their order; between keys
 * there is none. Each thread has a bounded queue; the reader waits while the queue it needs is full.
 */
final class ConcurrentIntake implements Intake {
    private static final long LOOK_AROUND_MILLIS = 100;

    private final Feed feed;
    private final Gate gate;
    private final int batchSize;
    private final long batchMillis;
    private final List<Lane> lanes = new ArrayList<>();
    /** What was given and has not ended. */
    private final AtomicInteger underWay = new AtomicInteger();

    private final CountDownLatch ended;
    private volatile boolean closed;
    /** Nothing follows for now: what there is need not be waited for. */
    private volatile boolean flushing;

    private record Item(KvEntry entry, boolean initial, Settlement settlement) {}

    /**
     * @param threads runs the lanes, each for as long as the consumer runs
     * @param batchSize 0 for no batches
     */
    ConcurrentIntake(Feed feed, Gate gate, Executor threads, int concurrency, int batchSize, Duration batchInterval) {
        this.feed = feed;
        this.gate = gate;
        this.batchSize = batchSize;
        this.batchMillis = batchInterval.toMillis();
        this.ended = new CountDownLatch(concurrency);
        for (int i = 0; i < concurrency; i++) {
            lanes.add(new Lane());
        }
        lanes.forEach(threads::execute);
    }

    @Override
    public void change(KvEntry entry, boolean initial, Settlement settlement) {
        Lane lane = lanes.get(Math.floorMod(entry.key().hashCode(), lanes.size()));
        underWay.incrementAndGet();
        Item item = new Item(entry, initial, settlement);
        while (!gate.isStopped()) {
            try {
                if (lane.queue.offer(item, LOOK_AROUND_MILLIS, TimeUnit.MILLISECONDS)) {
                    return;
                }
            } catch (InterruptedException e) {
                // Only a stop ends the flow.
            }
        }
        settlement.dropped();
    }

    @Override
    public void endOfData(Settlement settlement) {
        flushing = true;
        while (underWay.get() > 0) {
            if (!gate.pause(1)) {
                settlement.dropped();
                return;
            }
        }
        flushing = false;
        feed.run(Work.endOfData(settlement));
    }

    @Override
    public Duration patience(Duration longest) {
        return longest;
    }

    @Override
    public void pause() {
        feed.idle();
    }

    @Override
    public void close() {
        closed = true;
        try {
            // What is being processed may still need the connection.
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // stopped by force
        }
        feed.idle();
    }

    private final class Lane implements Runnable {
        final BlockingQueue<Item> queue = new ArrayBlockingQueue<>(Math.max(64, 2 * batchSize));
        /** Taken, but of no use for the batch before. */
        private Item held;

        @Override
        public void run() {
            feed.enterThread();
            try {
                while (!gate.isStopped() && !closed) {
                    work();
                }
                drop();
            } finally {
                ended.countDown();
            }
        }

        private void work() {
            try {
                Item first = next(LOOK_AROUND_MILLIS);
                if (first != null) {
                    work(first);
                }
            } catch (Throwable e) { // errors too: the keys of this lane would stand still for ever
                feed.report("A thread of the consumer met an error; it goes on", e);
            }
        }

        private void drop() {
            if (held != null) {
                held.settlement.dropped();
            }
            for (Item item = queue.poll(); item != null; item = queue.poll()) {
                item.settlement.dropped();
            }
        }

        private Item next(long millis) {
            Item item = held == null ? queue.poll() : held;
            held = null;
            if (item == null && millis > 0) {
                try {
                    item = queue.poll(millis, TimeUnit.MILLISECONDS);
                } catch (InterruptedException e) {
                    // Only a stop ends the flow.
                }
            }
            return item;
        }

        /** The next one that comes in time for a batch; null if none does, or the batch is not to wait any longer. */
        private Item nextBefore(long end) {
            while (true) {
                long left = gate.isOpen() && !closed && !flushing
                        ? TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())
                        : 0;
                Item item = next(Math.min(left, LOOK_AROUND_MILLIS));
                if (item != null || left <= 0) {
                    return item;
                }
            }
        }

        private void work(Item first) {
            if (batchSize == 0) {
                run(Work.of(first.entry, first.initial, first.settlement), 1);
                return;
            }
            List<KvEntry> entries = new ArrayList<>();
            List<Settlement> settlements = new ArrayList<>();
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(batchMillis);
            for (Item item = first; item != null; ) {
                if (item.initial != first.initial) {
                    held = item;
                    break;
                }
                entries.add(item.entry);
                settlements.add(item.settlement);
                item = entries.size() == batchSize ? null : nextBefore(end);
            }
            run(new Work(entries, first.initial, settlements), entries.size());
        }

        private void run(Work work, int count) {
            try {
                feed.run(work);
            } finally {
                underWay.addAndGet(-count);
            }
        }
    }
}
