package io.natskv.connect.source;

import io.natskv.core.key.KeyFilter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Has the first record of a watch carry the note of its filter ({@link FilterNotes}), and holds up the watch until the worker is done with that
 * record. The offsets of two source partitions are stored independently of each other: one of a later record must not get there before, or a
 * crash between them would lose the carrier. For the task's thread, but for {@link #done}.
 */
final class NoteCarrier {
    private final KeyFilter filter;
    private Optional<Map<String, String>> note;
    private volatile Carrier carrier;

    private record Carrier(SourceRecord record, CountDownLatch done) {}

    /** @param note where the filter is to be noted; empty if there is nothing to do */
    NoteCarrier(KeyFilter filter, Optional<Map<String, String>> note) {
        this.filter = filter;
        this.note = note;
    }

    /** The records of an entry, made carriers if they are the first. */
    List<SourceRecord> load(List<SourceRecord> records) {
        if (note.isEmpty()) {
            return records;
        }
        List<SourceRecord> carrying = records.stream()
                .map(record -> FilterNotes.carrying(record, note.get(), filter))
                .toList();
        carrier = new Carrier(carrying.get(carrying.size() - 1), new CountDownLatch(1));
        note = Optional.empty();
        return carrying;
    }

    /**
     * True while nothing more may be handed over.
     *
     * @param maxWait how long to wait for the end of that
     */
    boolean isUnderWay(Duration maxWait) {
        Carrier waitFor = carrier;
        if (waitFor == null) {
            return false;
        }
        try {
            if (waitFor.done().await(maxWait.toNanos(), TimeUnit.NANOSECONDS)) {
                carrier = null;
                return false;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return true;
    }

    /** The worker is done with a record, maybe the carrier. From any thread. */
    void done(SourceRecord record) {
        Carrier waitFor = carrier;
        if (waitFor != null && waitFor.record() == record) {
            waitFor.done().countDown();
        }
    }
}
