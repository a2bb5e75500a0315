package io.natskv.plugin;

import io.nats.client.JetStreamApiException;
import io.nats.client.KeyValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Changes a bucket at random until it is told to stop, and goes on when the server was away. Keys that begin with {@code p.} are purged now
 * and then; on the others nothing takes a revision away while they have fewer of them than the bucket keeps.
 */
final class RandomTraffic implements AutoCloseable {
    private static final int KEYS = 400;
    private static final int PURGED_KEYS = 40;
    /** About 400 a second: a key stays far below its history within a test. */
    private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(2_500);

    private final KeyValue kv;
    private final Random random;
    private final Map<Long, String> acknowledged = new ConcurrentSkipListMap<>();
    private final AtomicReference<RuntimeException> failure = new AtomicReference<>();
    private final Thread thread = new Thread(this::run, "traffic");
    private volatile boolean stopped;

    RandomTraffic(KeyValue kv, long seed) {
        System.out.println("traffic into " + kv.getBucketName() + " with seed " + seed);
        this.kv = kv;
        this.random = new Random(seed);
        thread.start();
    }

    /** How many changes the server has acknowledged. */
    int count() {
        return acknowledged.size();
    }

    /** The key of each acknowledged revision, but for the keys that are purged. */
    Map<Long, String> acknowledged() {
        return Map.copyOf(acknowledged);
    }

    /** Makes no more changes, and waits for the last one. */
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
            while (!stopped) {
                change();
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        } catch (RuntimeException e) {
            failure.set(e);
        }
    }

    private void change() {
        int dice = random.nextInt(100);
        int number = random.nextInt(KEYS);
        byte[] value =
                ("{\"number\":" + number + ",\"noise\":" + random.nextLong() + "}").getBytes(StandardCharsets.UTF_8);
        try {
            if (dice < 10) {
                String key = "p." + number % PURGED_KEYS;
                if (dice < 4) {
                    kv.purge(key);
                } else {
                    kv.put(key, value);
                }
            } else if (dice < 20) {
                // jnats does not tell the revision of a delete: it is checked by the last state alone.
                kv.delete("k." + number);
            } else {
                String key = "k." + number;
                acknowledged.put(kv.put(key, dice == 20 ? new byte[0] : value), key);
            }
        } catch (IOException | JetStreamApiException e) {
            // The server is away or just back: whether the change was made is seen in the bucket.
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
