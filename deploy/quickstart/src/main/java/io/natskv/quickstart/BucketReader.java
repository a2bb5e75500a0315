package io.natskv.quickstart;

import io.natskv.core.KvEntry;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Reads a bucket: once, or following its changes. */
final class BucketReader {
    private static final Duration SLICE = Duration.ofMillis(200);

    private BucketReader() {}

    /**
     * The last state of each key, markers included.
     *
     * @param server the NATS server's address, for the message
     * @throws UserProblem if not all was read within this time
     */
    static Map<String, KeyState> read(KvBucket bucket, String server, Duration deadline) {
        Map<String, KeyState> states = new HashMap<>();
        long start = System.nanoTime();
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT)) {
            while (!(next(
                            watch,
                            bucket,
                            entry -> states.put(entry.key(), new KeyState(entry.operation(), entry.value())))
                    instanceof WatchEvent.SnapshotEnd)) {
                if (System.nanoTime() - start > deadline.toNanos()) {
                    throw new UserProblem("Bucket \"" + bucket.name() + "\" was not read within " + deadline.toSeconds()
                            + " s. Check that the NATS server at " + server + " still runs.");
                }
            }
        }
        return states;
    }

    /** Hands over the state and then every change, until told to end. */
    static void follow(KvBucket bucket, Consumer<KvEntry> handler, BooleanSupplier end) {
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT)) {
            while (!end.getAsBoolean()) {
                next(watch, bucket, handler);
            }
        }
    }

    private static WatchEvent next(KvWatch watch, KvBucket bucket, Consumer<KvEntry> handler) {
        WatchEvent event = watch.next(SLICE);
        if (event instanceof WatchEvent.Change change) {
            handler.accept(change.entry());
        } else if (event instanceof WatchEvent.PositionLost || event instanceof WatchEvent.BucketDeleted) {
            throw new UserProblem(
                    "Bucket \"" + bucket.name() + "\" was deleted or replaced while the quickstart used it.");
        }
        // Unavailable and Available: the watch goes on by itself.
        return event;
    }
}
