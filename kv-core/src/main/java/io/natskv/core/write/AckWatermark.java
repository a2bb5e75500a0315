package io.natskv.core.write;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Up to where the writes of one ordered input are done without a gap: what a caller may commit that reads offsets, lines or sequences and
 * writes them through a {@link KvWriter}. Writes settle in any order; the mark moves only over those that succeeded. Thread-safe.
 */
public final class AckWatermark {
    private final Deque<Entry> open = new ArrayDeque<>();
    private long mark;
    private long last;

    private static final class Entry {
        private final long position;
        private boolean done;
        private Throwable failure;

        private Entry(long position) {
            this.position = position;
        }
    }

    /** @param start the position of the first write to come; the mark until that one is done */
    public AckWatermark(long start) {
        this.mark = start;
        this.last = start - 1;
    }

    /**
     * Follows a write.
     *
     * @param position its place in the input, above those tracked before
     * @param result of {@link KvWriter#submit}
     * @throws IllegalArgumentException if positions go back
     */
    public void track(long position, CompletableFuture<?> result) {
        Entry entry = new Entry(position);
        synchronized (this) {
            if (position <= last) {
                throw new IllegalArgumentException("Position " + position + " does not follow " + last);
            }
            last = position;
            open.add(entry);
        }
        result.whenComplete((done, error) -> settled(entry, error));
    }

    private synchronized void settled(Entry entry, Throwable error) {
        entry.done = error == null;
        entry.failure = error;
        while (!open.isEmpty() && open.peek().done) {
            open.remove();
        }
        if (open.isEmpty()) {
            mark = last + 1;
        }
    }

    /** The first position that is not done; everything below is. */
    public synchronized long mark() {
        return open.isEmpty() ? mark : open.peek().position;
    }

    /** How many writes are tracked at or above the mark. */
    public synchronized int pending() {
        return open.size();
    }

    /** Why the write at the mark failed; empty if it is on its way. While it is there, the mark stays. */
    public synchronized Optional<Throwable> failure() {
        return open.isEmpty() ? Optional.empty() : Optional.ofNullable(open.peek().failure);
    }
}
