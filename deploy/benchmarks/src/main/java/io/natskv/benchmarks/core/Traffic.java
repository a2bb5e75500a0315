package io.natskv.benchmarks.core;

import io.natskv.core.bucket.KvBucket;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriterOptions;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A write now and then, on a thread of its own; notes when each was acknowledged. */
final class Traffic implements AutoCloseable {
    private final Moments acknowledged = new Moments();
    private final Data data;
    private final KvWriter writer;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private int written;

    Traffic(KvBucket bucket, Data data, Duration each) {
        this.data = data;
        this.writer = bucket.writer(WriterOptions.DEFAULT);
        timer.scheduleAtFixedRate(this::write, 0, each.toNanos(), TimeUnit.NANOSECONDS);
    }

    Moments acknowledged() {
        return acknowledged;
    }

    private void write() {
        writer.submit(KvWrite.put(data.key(written), data.value(written))).thenRun(acknowledged::now);
        written++;
    }

    /** @throws IllegalStateException if a write failed */
    void check() {
        if (writer.stats().failed() > 0) {
            throw new IllegalStateException("writes failed: " + writer.stats());
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
        writer.close();
    }
}
