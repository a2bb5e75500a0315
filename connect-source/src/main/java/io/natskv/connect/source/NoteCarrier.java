package io.natskv.connect.source;

import io.natskv.connect.source.FilterNotes.Place;
import io.natskv.core.key.KeyFilter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Has records of a watch carry the note of its filter ({@link FilterNotes}). The offsets of two source partitions are stored independently of each
 * other: one must not get there before the record of an earlier one in the other, or a crash between them would lose that record. So records go to
 * one partition only, until the worker is done with all of them and has stored one; then the next step begins. For that the watch
 * is held a moment, and no longer: a worker with exactly-once support does not tell of records that a transform has dropped before it has
 * others to store.
 */
final class NoteCarrier {
    private static final long HOLD = TimeUnit.SECONDS.toNanos(1);
    /** Between holds that were in vain. */
    private static final long PAUSE = TimeUnit.SECONDS.toNanos(30);

    private final KeyFilter filter;
    private final Map<String, String> own;
    private final Place place;
    private volatile Step step;
    private Optional<String> after;
    private SourceRecord lastOwn;
    private int outstanding;
    private boolean stored;
    private long heldUntil = System.nanoTime() - PAUSE;

    private enum Step {
        /** The first record notes the filter. */
        BEGIN,
        /** The next ones leave an own offset. */
        OWN,
        /** One more leaves the final note. */
        FINISH,
        DONE
    }

    /**
     * @param own the source partition of the watch, the one that its records have
     * @param place where the filter is to be noted; empty if it need not
     */
    NoteCarrier(KeyFilter filter, Map<String, String> own, Optional<Place> place) {
        this.filter = filter;
        this.own = own;
        this.place = place.orElse(null);
        this.after = place.flatMap(Place::own);
        this.step = place.isEmpty()
                ? Step.DONE
                : after.isPresent() ? Step.FINISH : place.get().begun() ? Step.OWN : Step.BEGIN;
    }

    /** The records, to be handed over, with the note where it is due. */
    List<SourceRecord> carrying(List<SourceRecord> records) {
        return step == Step.DONE ? records : carryingNow(records);
    }

    private synchronized List<SourceRecord> carryingNow(List<SourceRecord> records) {
        advance();
        if (step == Step.DONE || records.isEmpty()) {
            return records;
        }
        if (outstanding == 0) {
            heldUntil = System.nanoTime() + HOLD;
        }
        outstanding += records.size();
        return step == Step.OWN
                ? records
                : records.stream()
                        .map(record -> FilterNotes.carrying(record, place, filter, after))
                        .toList();
    }

    private void advance() {
        if (outstanding > 0 || !stored) {
            return;
        }
        stored = false;
        switch (step) {
            case BEGIN -> step = Step.OWN;
            case OWN -> {
                after = Optional.of(FilterNotes.id(lastOwn.sourceOffset()));
                step = Step.FINISH;
            }
            case FINISH, DONE -> step = Step.DONE;
        }
    }

    /** True if no record should follow yet, also after so long a wait. */
    boolean isHeld(Duration maxWait) {
        return step != Step.DONE && isHeld(System.nanoTime() + maxWait.toNanos());
    }

    private synchronized boolean isHeld(long deadline) {
        while (outstanding > 0) {
            long now = System.nanoTime();
            if (now - heldUntil > PAUSE) {
                heldUntil = now + HOLD;
            }
            if (heldUntil - now <= 0) {
                return false;
            }
            if (deadline - now <= 0) {
                return true;
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(this, Math.min(heldUntil, deadline) - now);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return true;
            }
        }
        return false;
    }

    /**
     * The worker is done with a record, maybe one of this watch. From any thread.
     *
     * @param isStored whether it is in Kafka, and its offset stored or about to be; a transform may have dropped it
     */
    void done(SourceRecord record, boolean isStored) {
        if (step != Step.DONE && (record.sourcePartition() == own || record.sourcePartition() == place.partition())) {
            doneWithOurs(record, isStored);
        }
    }

    private synchronized void doneWithOurs(SourceRecord record, boolean isStored) {
        outstanding--;
        if (isStored) {
            stored = true;
            if (step == Step.OWN && (lastOwn == null || SourceOffsets.isLater(record, lastOwn))) {
                lastOwn = record;
            }
        }
        notifyAll();
    }
}
