package io.natskv.connect.source;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.connect.source.SourceRecord;

/** What one poll returns; with exactly-once delivery one transaction. For one thread. */
final class RecordBatch {
    private final List<SourceRecord> records = new ArrayList<>();
    private final int maxRecords;
    private final long maxBytes;
    private long bytes;

    /** @param maxBytes of the entries' values; the last entry may exceed both limits */
    RecordBatch(int maxRecords, long maxBytes) {
        this.maxRecords = maxRecords;
        this.maxBytes = maxBytes;
    }

    /**
     * Adds all records of one entry.
     *
     * @param size of the entry's value in bytes
     */
    void add(List<SourceRecord> more, long size) {
        // Mostly one: addAll would make an array of it.
        for (int i = 0; i < more.size(); i++) {
            records.add(more.get(i));
        }
        bytes += size;
    }

    boolean isEmpty() {
        return records.isEmpty();
    }

    boolean isFull() {
        return records.size() >= maxRecords || bytes >= maxBytes;
    }

    int size() {
        return records.size();
    }

    long bytes() {
        return bytes;
    }

    List<SourceRecord> records() {
        return records;
    }
}
