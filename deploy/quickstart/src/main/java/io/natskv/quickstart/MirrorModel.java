package io.natskv.quickstart;

import io.natskv.core.KvEntry;
import io.natskv.core.KvOperation;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * What is known of both buckets and the topic while changes flow. A change of the first bucket waits until the second bucket shows the
 * same operation and value for its key; the time between both is the difference of the times at which the NATS server stored them.
 * Thread-safe.
 */
final class MirrorModel {
    static final int RECENT = 6;

    private static final int LATENCIES = 100;
    private static final long RATE_WINDOW_NANOS = 3_000_000_000L;
    private static final int TEXT_LENGTH = 120;

    private final LongSupplier nanoClock;
    private final Side source = new Side();
    private final Side copy = new Side();
    private final Map<String, Deque<Waiting>> waiting = new HashMap<>();
    private final List<Change> recent = new ArrayList<>();
    private final Deque<Long> latencies = new ArrayDeque<>();
    private final Deque<Sample> samples = new ArrayDeque<>();
    private int waitingCount;
    private long records;
    private long lastProgress;

    /** A change that the second bucket does not show yet. */
    private record Waiting(long revision, Instant created, KeyState state) {}

    private record Sample(long nanos, long records) {}

    /** One bucket. */
    private static final class Side {
        private final Map<String, KeyState> states = new HashMap<>();
        private final Map<String, Instant> created = new HashMap<>();
        private long revision;
        private long keys;

        void apply(KvEntry entry, KeyState state) {
            KeyState before = states.put(entry.key(), state);
            created.put(entry.key(), entry.created());
            revision = Math.max(revision, entry.revision());
            keys += alive(state) - alive(before);
        }

        private static int alive(KeyState state) {
            return state == null || state.operation().isMarker() ? 0 : 1;
        }
    }

    /**
     * A change of the first bucket.
     *
     * @param millis how long it took to the second bucket; -1 while it is on its way
     */
    record Change(long revision, KvOperation operation, String key, String text, long millis) {
        Change arrivedAfter(long time) {
            return new Change(revision, operation, key, text, time);
        }
    }

    /**
     * One look at everything.
     *
     * @param sourceKeys keys with a value in the first bucket
     * @param sourceRevision its last revision
     * @param records records in the topic
     * @param recordsPerSecond over the last three seconds
     * @param copyKeys keys with a value in the second bucket
     * @param copyRevision its last revision
     * @param lagRevisions changes on their way
     * @param lagMillis the median of the last 100 changes that arrived; -1 before the first
     * @param recent the last changes, oldest first
     */
    record Snapshot(
            long sourceKeys,
            long sourceRevision,
            long records,
            long recordsPerSecond,
            long copyKeys,
            long copyRevision,
            long lagRevisions,
            long lagMillis,
            List<Change> recent) {}

    /** @param nanoClock as {@link System#nanoTime()} */
    MirrorModel(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.lastProgress = nanoClock.getAsLong();
    }

    /** The first bucket changed. */
    synchronized void sourceChanged(KvEntry entry) {
        KeyState state = new KeyState(entry.operation(), entry.value());
        source.apply(entry, state);
        long millis = -1;
        Instant copied = copy.created.get(entry.key());
        // Both buckets are watched by threads of their own: the copy may be seen first.
        if (state.equals(copy.states.get(entry.key())) && !copied.isBefore(entry.created())) {
            settle(entry.key(), entry.revision());
            millis = arrived(entry.created(), copied);
        } else {
            waiting.computeIfAbsent(entry.key(), key -> new ArrayDeque<>())
                    .add(new Waiting(entry.revision(), entry.created(), state));
            waitingCount++;
        }
        recent.add(new Change(entry.revision(), entry.operation(), entry.key(), text(entry), millis));
        if (recent.size() > RECENT) {
            recent.remove(0);
        }
        progress();
    }

    /** The topic received a record. */
    synchronized void recordArrived() {
        records++;
        progress();
    }

    /** The second bucket changed. */
    synchronized void copyChanged(KvEntry entry) {
        KeyState state = new KeyState(entry.operation(), entry.value());
        copy.apply(entry, state);
        progress();
        Deque<Waiting> changes = waiting.get(entry.key());
        if (changes == null) {
            return;
        }
        for (Waiting change : changes) {
            if (change.state().equals(state)) {
                settle(entry.key(), change.revision());
                mark(change.revision(), arrived(change.created(), entry.created()));
                return;
            }
        }
    }

    /** How things stand. The rate is measured between calls, so call it now and then. */
    synchronized Snapshot snapshot() {
        return new Snapshot(
                source.keys,
                source.revision,
                records,
                rate(),
                copy.keys,
                copy.revision,
                waitingCount,
                median(),
                List.copyOf(recent));
    }

    /** Whether the first bucket was seen up to this revision, and all of it is in the second. */
    synchronized boolean mirroredUpTo(long revision) {
        return source.revision >= revision && waitingCount == 0;
    }

    /** How long nothing has come from anywhere. */
    synchronized long idleNanos() {
        return nanoClock.getAsLong() - lastProgress;
    }

    /** The change of this revision is in the second bucket, and those of the key before it were overwritten on their way. */
    private void settle(String key, long revision) {
        Deque<Waiting> changes = waiting.get(key);
        while (changes != null && !changes.isEmpty() && changes.peek().revision() <= revision) {
            changes.remove();
            waitingCount--;
        }
        if (changes != null && changes.isEmpty()) {
            waiting.remove(key);
        }
    }

    private long arrived(Instant from, Instant to) {
        long millis = Math.max(0, to.toEpochMilli() - from.toEpochMilli());
        latencies.add(millis);
        if (latencies.size() > LATENCIES) {
            latencies.remove();
        }
        return millis;
    }

    private void mark(long revision, long millis) {
        recent.replaceAll(change -> change.revision() == revision ? change.arrivedAfter(millis) : change);
    }

    private long rate() {
        long now = nanoClock.getAsLong();
        samples.add(new Sample(now, records));
        while (samples.size() > 2 && now - samples.peek().nanos() > RATE_WINDOW_NANOS) {
            samples.remove();
        }
        long nanos = now - samples.peek().nanos();
        return nanos == 0 ? 0 : Math.round((records - samples.peek().records()) * 1e9 / nanos);
    }

    private long median() {
        if (latencies.isEmpty()) {
            return -1;
        }
        List<Long> sorted = new ArrayList<>(latencies);
        sorted.sort(null);
        return sorted.get(sorted.size() / 2);
    }

    private void progress() {
        lastProgress = nanoClock.getAsLong();
    }

    private static String text(KvEntry entry) {
        String text = new String(entry.value(), StandardCharsets.UTF_8);
        return text.length() <= TEXT_LENGTH ? text : text.substring(0, TEXT_LENGTH);
    }
}
