package io.natskv.camel;

import io.natskv.core.KvEntry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Processes on the reader's own thread, one exchange after the other, with one change or a batch of them. */
final class SequentialIntake implements Intake {
    private final Feed feed;
    private final int batchSize;
    private final Duration batchInterval;
    private List<KvEntry> entries = new ArrayList<>();
    private List<Settlement> settlements = new ArrayList<>();
    private boolean initial;
    private long began;

    /** @param batchSize 0 for no batches */
    SequentialIntake(Feed feed, int batchSize, Duration batchInterval) {
        this.feed = feed;
        this.batchSize = batchSize;
        this.batchInterval = batchInterval;
    }

    @Override
    public void change(KvEntry entry, boolean isInitial, Settlement settlement) {
        if (batchSize == 0) {
            feed.run(Work.of(entry, isInitial, settlement));
            return;
        }
        if (!entries.isEmpty() && initial != isInitial) {
            flush();
        }
        if (entries.isEmpty()) {
            initial = isInitial;
            began = batchInterval.isZero() ? 0 : System.nanoTime();
        }
        entries.add(entry);
        if (settlement != Settlement.NONE) {
            settlements.add(settlement);
        }
        if (entries.size() == batchSize) {
            flush();
        }
    }

    @Override
    public void endOfData(Settlement settlement) {
        flush();
        feed.run(Work.endOfData(settlement));
    }

    @Override
    public Duration patience(Duration longest) {
        if (entries.isEmpty()) {
            return longest;
        }
        Duration left = batchInterval.isZero() ? Duration.ZERO : batchInterval.minusNanos(System.nanoTime() - began);
        return left.isNegative() ? Duration.ZERO : left.compareTo(longest) < 0 ? left : longest;
    }

    @Override
    public void pause() {
        if (patience(Duration.ofDays(1)).isZero()) {
            flush();
        }
        feed.idle();
    }

    @Override
    public void giveBack() {
        if (!settlements.isEmpty() && settlements.stream().allMatch(Settlement::isReturnable)) {
            flush();
        }
    }

    private void flush() {
        if (!entries.isEmpty()) {
            Work work = new Work(entries, initial, settlements);
            entries = new ArrayList<>(batchSize);
            settlements = new ArrayList<>();
            feed.run(work);
        }
    }

    @Override
    public void close() {
        settlements.forEach(Settlement::dropped);
        feed.idle();
    }
}
