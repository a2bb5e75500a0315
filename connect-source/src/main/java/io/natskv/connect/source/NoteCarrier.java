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
<<<<<<< HEAD
 * Has the next record of a watch carry the note of its filter ({@link FilterNotes}), and the watch wait until it is stored. The offsets of two
 * source partitions are stored independently of each other: one of a later record must not get there before the one of the record that carries
 * the note, or a crash between them would lose that one.
=======
 * Has the first record of a watch carry the note of its filter ({@link FilterNotes}), and holds up the watch until the worker is done with that
 * record. The offsets of two source partitions are stored independently of each other: one of a later record must not get there before, or a
 * crash between them would lose the carrier. For the task's thread, but for {@link #done}.
>>>>>>> w-src1
 */
final class NoteCarrier {
    private final KeyFilter filter;
    private Optional<Map<String, String>> note;
<<<<<<< HEAD
    /** The record that carries the note, until the worker is done with it. */
=======
>>>>>>> w-src1
    private volatile Carrier carrier;

    private record Carrier(SourceRecord record, CountDownLatch done) {}

<<<<<<< HEAD
    /** @param note where the filter is to be noted */
=======
    /** @param note where the filter is to be noted; empty if there is nothing to do */
>>>>>>> w-src1
    NoteCarrier(KeyFilter filter, Optional<Map<String, String>> note) {
        this.filter = filter;
        this.note = note;
    }

<<<<<<< HEAD
    /** The records of an entry, the first time with the note. */
    List<SourceRecord> carrying(List<SourceRecord> records) {
        if (note.isEmpty()) {
            return records;
        }
        Map<String, String> to = note.get();
        List<SourceRecord> carrying = records.stream()
                .map(record -> FilterNotes.carrying(record, to, filter))
=======
    /** The records of an entry, made carriers if they are the first. */
    List<SourceRecord> load(List<SourceRecord> records) {
        if (note.isEmpty()) {
            return records;
        }
        List<SourceRecord> carrying = records.stream()
                .map(record -> FilterNotes.carrying(record, note.get(), filter))
>>>>>>> w-src1
                .toList();
        carrier = new Carrier(carrying.get(carrying.size() - 1), new CountDownLatch(1));
        note = Optional.empty();
        return carrying;
    }

<<<<<<< HEAD
    /** True if no record may follow yet, also after so long a wait. */
    boolean isHeld(Duration maxWait) {
        Carrier waitFor = carrier;
        try {
            if (waitFor == null || waitFor.done().await(maxWait.toNanos(), TimeUnit.NANOSECONDS)) {
=======
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
>>>>>>> w-src1
                carrier = null;
                return false;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return true;
    }

<<<<<<< HEAD
    /** The worker is done with a record, maybe this one. From any thread. */
=======
    /** The worker is done with a record, maybe the carrier. From any thread. */
>>>>>>> w-src1
    void done(SourceRecord record) {
        Carrier waitFor = carrier;
        if (waitFor != null && waitFor.record() == record) {
            waitFor.done().countDown();
        }
    }
}
