package io.natskv.benchmarks.core;

import io.natskv.core.bucket.KvBucket;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.watch.WatchStart;
import io.natskv.core.watch.WatchStats;
import java.time.Duration;

/** Reads a bucket's changes on a thread of its own, and notes when each was delivered. */
final class ChangeReader implements AutoCloseable {
    private final Moments delivered = new Moments();
    private final KvWatch watch;
    private final Thread thread = new Thread(this::read, "reader");
    private volatile WatchEvent refusal;

    ChangeReader(KvBucket bucket) {
        watch = bucket.watch(WatchOptions.DEFAULT.withStart(WatchStart.updatesOnly()));
        thread.start();
    }

    Moments delivered() {
        return delivered;
    }

    private void read() {
        while (watch.stats().state() != WatchStats.State.CLOSED) {
            WatchEvent event = watch.next(Duration.ofSeconds(1));
            if (event instanceof WatchEvent.Change) {
                delivered.now();
            } else if (event instanceof WatchEvent.PositionLost || event instanceof WatchEvent.BucketDeleted) {
                refusal = event;
            }
        }
    }

    /** @throws IllegalStateException if the watch met more than an outage */
    void check() {
        if (refusal != null) {
            throw new IllegalStateException("the watch lost its bucket: " + refusal);
        }
    }

    @Override
    public void close() {
        watch.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
