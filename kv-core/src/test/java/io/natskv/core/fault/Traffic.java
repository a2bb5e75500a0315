package io.natskv.core.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.KvEntry;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.watch.WatchStart;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriteResult;
import io.natskv.core.write.WriterOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Puts and deletes over many keys, some thousand a second; keeps in a model what the bucket must hold in the
 * end. To each key at most as often as a bucket of {@link #HISTORY} keeps, so that everything survives.
 */
final class Traffic implements AutoCloseable {
    static final int HISTORY = 64;
    private static final int KEYS = 50;
    /** Writes a millisecond. */
    private static final int BURST = 4;

    private static final Duration DEADLINE = Reading.DEADLINE;

    private final KvWriter writer;
    private final Random random;
    private final Map<String, List<String>> model = new HashMap<>();
    private final Map<String, List<String>> probed = new HashMap<>();
    private final List<CompletableFuture<WriteResult>> results = new ArrayList<>();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private int numbers;
    private int probes;

    private Traffic(KvBucket bucket, long seed, WriterOptions options) {
        this.random = new Random(seed);
        this.writer = bucket.writer(options);
    }

    static Traffic of(KvBucket bucket, long seed) {
        return of(bucket, seed, options());
    }

    static Traffic of(KvBucket bucket, long seed, WriterOptions options) {
        Traffic traffic = new Traffic(bucket, seed, options);
        traffic.clock.scheduleWithFixedDelay(traffic::write, 0, 1, TimeUnit.MILLISECONDS);
        return traffic;
    }

    /** A few under way, sent again after a second. */
    static WriterOptions options() {
        return WriterOptions.DEFAULT.withInFlight(64, 1 << 20).withTimeouts(Duration.ofSeconds(1), DEADLINE);
    }

    private void write() {
        for (int i = 0; i < BURST; i++) {
            int number = numbers++;
            // Always new keys after a while.
            String key = "k" + number / (KEYS * 20) + "." + random.nextInt(KEYS);
            List<String> history = model.computeIfAbsent(key, k -> new ArrayList<>());
            if (history.size() < HISTORY) {
                boolean delete = random.nextInt(8) == 0;
                history.add(delete ? "DELETE " : "PUT v" + number);
                results.add(writer.submit(delete ? KvWrite.delete(key) : KvWrite.put(key, bytes("v" + number))));
            }
        }
    }

    /** A write beside the traffic to a key of its own, to be called from one thread. Returns its revision when it is stored. */
    long probe() throws Exception {
        String key = "probe." + probes++;
        long revision = writer.submit(KvWrite.put(key, bytes("x")))
                .get(DEADLINE.toSeconds(), TimeUnit.SECONDS)
                .revision();
        probed.put(key, List.of("PUT x"));
        return revision;
    }

    KvWriter writer() {
        return writer;
    }

    /** Ends it; every write must have been stored. Returns what the bucket must hold, by key. */
    Map<String, List<String>> finish() throws InterruptedException {
        clock.shutdown();
        assertThat(clock.awaitTermination(DEADLINE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        assertThat(writer.flush(DEADLINE)).as("flushed, %s", writer.stats()).isTrue();
        assertThat(results).allMatch(result -> result.isDone() && !result.isCompletedExceptionally());
        System.out.println("writes " + results.size() + ", " + writer.stats());
        writer.close();
        Map<String, List<String>> all = new HashMap<>(model);
        all.putAll(probed);
        return all;
    }

    /** Ends it whatever became of the writes. */
    @Override
    public void close() {
        clock.shutdownNow();
        writer.close();
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(KvEntry entry) {
        return entry.operation() + " " + new String(entry.value(), StandardCharsets.UTF_8);
    }

    /** What each key was set to, in order. */
    static Map<String, List<String>> byKey(List<KvEntry> entries) {
        Map<String, List<String>> values = new HashMap<>();
        entries.forEach(entry ->
                values.computeIfAbsent(entry.key(), key -> new ArrayList<>()).add(text(entry)));
        return values;
    }

    /** Every revision that the bucket holds. */
    static List<KvEntry> everything(KvBucket bucket) {
        List<KvEntry> entries = new ArrayList<>();
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT.withStart(WatchStart.history()))) {
            while (true) {
                WatchEvent event = watch.next(DEADLINE);
                if (event instanceof WatchEvent.Change change) {
                    entries.add(change.entry());
                } else if (event instanceof WatchEvent.SnapshotEnd) {
                    return entries;
                } else if (event == null
                        || event instanceof WatchEvent.PositionLost
                        || event instanceof WatchEvent.BucketDeleted) {
                    throw new AssertionError("In place of the end: " + event);
                }
            }
        }
    }

    /** The watch lost, repeated and reordered nothing, and the bucket holds what was written. To be called when nothing is written any more. */
    static void assertNothingLost(Reading reading, KvBucket bucket, Map<String, List<String>> model, long seed) {
        reading.awaitRevision(bucket.status().lastRevision());
        List<KvEntry> stored = everything(bucket);
        List<KvEntry> read = reading.finish();
        assertThat(read.stream().map(KvEntry::revision).toList())
                .as("revisions watched, seed %d", seed)
                .isEqualTo(stored.stream().map(KvEntry::revision).toList());
        assertThat(byKey(read)).as("values watched, seed %d", seed).isEqualTo(byKey(stored));
        assertThat(byKey(stored)).as("written, seed %d", seed).isEqualTo(model);
    }
}
