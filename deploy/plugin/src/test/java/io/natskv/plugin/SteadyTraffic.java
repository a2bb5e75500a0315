package io.natskv.plugin;

import io.nats.client.JetStreamApiException;
import io.nats.client.KeyValue;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Puts all keys in turn until it is told to stop, and goes on when the server was away. Nothing takes a revision away as long as each key has
 * fewer of them than the bucket keeps, so every revision is one that a reader of the history must get.
 */
final class SteadyTraffic implements AutoCloseable {
    /** About 300 a second. */
    private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(3_000);

    private final KeyValue kv;
    private final int keys;
    private final AtomicInteger puts = new AtomicInteger();
    private final AtomicReference<RuntimeException> failure = new AtomicReference<>();
    private final Thread thread = new Thread(this::run, "traffic");
    private volatile boolean stopped;

    SteadyTraffic(KeyValue kv, int keys) {
        this.kv = kv;
        this.keys = keys;
        thread.start();
    }

    /** How many puts were acknowledged. */
    int count() {
        return puts.get();
    }

    /** Makes no more puts, and waits for the last one. */
    void stop() {
        stopped = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (failure.get() != null) {
            throw failure.get();
        }
    }

    @Override
    public void close() {
        stop();
    }

    private void run() {
        try {
            for (int i = 0; !stopped; i++) {
                put("k." + i % keys, "value " + i);
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        } catch (RuntimeException e) {
            failure.set(e);
        }
    }

    private void put(String key, String value) {
        try {
            kv.put(key, value);
            puts.incrementAndGet();
        } catch (IOException | JetStreamApiException e) {
            // The server is away or just back: whether the put was stored is seen in the bucket.
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
