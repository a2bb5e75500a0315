package io.natskv.soak;

import io.nats.client.JetStreamApiException;
import io.natskv.soak.model.Ack;
import io.natskv.soak.model.Digest;
import io.natskv.soak.model.History;
import io.natskv.soak.model.Operation;
import io.natskv.testing.process.Wait;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Random changes of a bucket by some writers, each with keys of its own, which remember what they were told. The choice depends on the seed and
 * on the answers alone.
 *
 * <p>Keys begin with {@code k.} (many), {@code h.} (few, written often), {@code b.} (big values) or {@code t.} (each used once, with a time to live).
 * Each begin has one more, for {@link #look}.
 */
final class Traffic implements AutoCloseable {
    private static final int WRITERS = 3;
    private static final int KEYS = 100;
    private static final int HOT_KEYS = 2;
    private static final int BIG_KEYS = 3;
    private static final int BIG = 200_000;
    private static final int LONGEST_TTL = 6;
    /** Long enough that the recorder sees a marker before it goes, whatever becomes of the leader. */
    private static final int SHORTEST_MARKER_TTL = 20;

    private static final int LONGEST_MARKER_TTL = 40;
    /** A few keys have everything that a key may have (ADR-8). */
    private static final int ODD_EACH = 10;

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String LOOK = ".look";

    private final RawBucket bucket;
    private final History history;
    private final long pauseNanos;
    private final ConcurrentLinkedQueue<Ack> writes = new ConcurrentLinkedQueue<>();
    private final List<Writer> writers = new ArrayList<>();
    private final Object gate = new Object();
    private boolean open;
    private int busy;
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger full = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile boolean stopped;
    private volatile int incarnation;
    private long looks;

    /** @param rate changes a second, of all writers, as long as the server answers at once */
    Traffic(RawBucket bucket, History history, long seed, int rate) {
        this.bucket = bucket;
        this.history = history;
        this.pauseNanos = TimeUnit.SECONDS.toNanos(WRITERS) / rate;
        for (int i = 0; i < WRITERS; i++) {
            writers.add(new Writer(i, new Random(seed * 31 + i)));
        }
        writers.forEach(writer -> writer.thread.start());
    }

    /** Lets the writers go on. */
    void resume() {
        synchronized (gate) {
            open = true;
            gate.notifyAll();
        }
    }

    /** Holds the writers, each behind the answer to its last write. */
    void pause() throws InterruptedException {
        synchronized (gate) {
            open = false;
            while (busy > 0) {
                gate.wait();
            }
        }
    }

    /** While paused: the writes that follow go to a new bucket, where no key has a revision. */
    void newBucket(int number) {
        incarnation = number;
        writers.forEach(writer -> writer.last.clear());
    }

    /** How many writes the server has stored. */
    int answered() {
        return answered.get();
    }

    /** How many writes were refused because the bucket was full. */
    int full() {
        return full.get();
    }

    /** @throws IllegalStateException if a writer has ended */
    void checkRunning() {
        if (failure.get() != null) {
            throw new IllegalStateException("A writer has ended", failure.get());
        }
    }

    /** While paused: a change for each filter, so that each part has to move once more. */
    void look() {
        looks++;
        byte[] value = ("look " + looks).getBytes(StandardCharsets.US_ASCII);
        for (String group : List.of("k", "h", "b", "t")) {
            Wait.until("write of key " + group + LOOK, SOON, () -> look(group + LOOK, value));
        }
    }

    private boolean look(String key, byte[] value) throws Exception {
        long revision = 0;
        try {
            revision = bucket.write(key, Operation.PUT, value, OptionalLong.empty(), 0);
            return true;
        } finally {
            writes.add(new Ack(key, Operation.PUT, Digest.of(value), incarnation, revision));
        }
    }

    /** Whether a key that is there will go by itself. */
    static boolean willExpire(String key) {
        return key.startsWith("t.") && !key.endsWith(LOOK);
    }

    /** All writes but those that were refused. */
    List<Ack> writes() {
        return List.copyOf(writes);
    }

    @Override
    public void close() {
        stopped = true;
        resume();
        try {
            for (Writer writer : writers) {
                writer.thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Writer {
        private final int number;
        private final Random random;
        private final Thread thread;
        /** What was told last of each key. */
        private final Map<String, Long> last = new HashMap<>();

        private long count;

        private Writer(int number, Random random) {
            this.number = number;
            this.random = random;
            this.thread = new Thread(this::run, "traffic-" + number);
            thread.setDaemon(true);
        }

        private void run() {
            try {
                while (!stopped) {
                    synchronized (gate) {
                        while (!open) {
                            gate.wait();
                        }
                        busy++;
                    }
                    try {
                        change();
                    } finally {
                        synchronized (gate) {
                            busy--;
                            gate.notifyAll();
                        }
                    }
                    LockSupport.parkNanos(pauseNanos);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException | Error e) {
                failure.set(e);
            }
        }

        /** Of its own, one of many. */
        private String many(int key) {
            return "k." + number + "." + (key % ODD_EACH == 0 ? "a/b=c_d-" + key + ".E" : key);
        }

        private void change() {
            int dice = random.nextInt(100);
            String many = many(random.nextInt(KEYS));
            String hot = "h." + number + "." + random.nextInt(HOT_KEYS);
            String big = "b." + number + "." + random.nextInt(BIG_KEYS);
            if (dice < 20) {
                write(hot, Operation.PUT, value(20), OptionalLong.empty(), 0);
            } else if (dice < 24) {
                write(random.nextBoolean() ? hot : many, Operation.PUT, new byte[0], OptionalLong.empty(), 0);
            } else if (dice < 26) {
                write(big, Operation.PUT, value(random.nextInt(BIG)), OptionalLong.empty(), 0);
            } else if (dice < 36) {
                String key = dice < 28 ? hot : dice < 29 ? big : many;
                write(key, Operation.DELETE, null, OptionalLong.empty(), 0);
            } else if (dice < 41) {
                String key = dice < 37 ? hot : many;
                int ttl =
                        dice < 40 ? 0 : SHORTEST_MARKER_TTL + random.nextInt(LONGEST_MARKER_TTL - SHORTEST_MARKER_TTL);
                write(key, Operation.PURGE, null, OptionalLong.empty(), ttl);
            } else if (dice < 47) {
                // A create: no revision, or the one of the marker that is there.
                write(many, Operation.PUT, value(40), OptionalLong.of(last.getOrDefault(many, 0L)), 0);
            } else if (dice < 57) {
                String key = dice < 51 ? hot : many;
                write(key, Operation.PUT, value(40), OptionalLong.of(last.getOrDefault(key, 0L)), 0);
            } else if (dice < 62) {
                int ttl = 1 + random.nextInt(LONGEST_TTL);
                write("t." + number + "." + count, Operation.PUT, value(30), OptionalLong.of(0), ttl);
            } else {
                write(many, Operation.PUT, value(10 + random.nextInt(300)), OptionalLong.empty(), 0);
            }
        }

        /** No other write has the same. */
        private byte[] value(int filler) {
            byte[] head = (number + "/" + count + ":").getBytes(StandardCharsets.US_ASCII);
            byte[] value = new byte[head.length + filler];
            Arrays.fill(value, (byte) ('a' + random.nextInt(26)));
            System.arraycopy(head, 0, value, 0, head.length);
            return value;
        }

        private void write(String key, Operation operation, byte[] value, OptionalLong expected, int ttl) {
            count++;
            if (ttl > 0 && !operation.isMarker()) {
                history.shortLived(key, ttl);
            }
            long digest = operation.isMarker() ? Digest.NONE : Digest.of(value);
            try {
                long revision = bucket.write(key, operation, value, expected, ttl);
                last.put(key, revision);
                answered.incrementAndGet();
                writes.add(new Ack(key, operation, digest, incarnation, revision));
            } catch (JetStreamApiException e) {
                if (e.getApiErrorCode() == RawBucket.WRONG_LAST_SEQUENCE) {
                    last.remove(key);
                } else if (e.getApiErrorCode() == RawBucket.FULL) {
                    full.incrementAndGet();
                } else {
                    writes.add(new Ack(key, operation, digest, incarnation, 0));
                }
            } catch (IOException | RuntimeException e) {
                // No answer: it is there, will be, or never.
                writes.add(new Ack(key, operation, digest, incarnation, 0));
            }
        }
    }
}
