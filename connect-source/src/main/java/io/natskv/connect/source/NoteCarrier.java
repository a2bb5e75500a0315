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
 * Has the next record of a watch carry the note of its filter ({@link FilterNotes}), and the watch wait until it is stored. The offsets of two
 * source partitions are stored independently of each other: one of a later record must not get there before the one of the record that carries
 * the note, or a crash between them would lose that one.
 */
final class NoteCarrier {
    private final KeyFilter filter;
    private Optional<Map<String, String>> note;
    /** The record that carries the note, until the worker is done with it. */
    private volatile Carrier carrier;

    private record Carrier(SourceRecord record, CountDownLatch done) {}

    /** @param note where the filter is to be noted */
    NoteCarrier(KeyFilter filter, Optional<Map<String, String>> note) {
        this.filter = filter;
        this.note = note;
    }

    /** The records of an entry, the first time with the note. */
    List<SourceRecord> carrying(List<SourceRecord> records) {
        if (note.isEmpty()) {
            return records;
        }
        Map<String, String> to = note.get();
        List<SourceRecord> carrying = records.stream()
                .map(record -> FilterNotes.carrying(record, to, filter))
                .toList();
        carrier = new Carrier(carrying.get(carrying.size() - 1), new CountDownLatch(1));
        note = Optional.empty();
        return carrying;
    }

    /** True if no record may follow yet, also after so long a wait. */
    boolean isHeld(Duration maxWait) {
        Carrier waitFor = carrier;
        try {
            if (waitFor == null || waitFor.done().await(maxWait.toNanos(), TimeUnit.NANOSECONDS)) {
                carrier = null;
                return false;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return true;
    }

    /** The worker is done with a record, maybe this one. From any thread. */
    void done(SourceRecord record) {
        Carrier waitFor = carrier;
        if (waitFor != null && waitFor.record() == record) {
            waitFor.done().countDown();
        }
    }
}
