package io.natskv.connect.sink.exactlyonce;

import io.natskv.core.KvOperation;
import io.natskv.core.write.KvWrite;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.apache.kafka.connect.sink.SinkRecord;

/** The records of a partition that are not stored yet, in order. For one thread. */
final class PartitionBuffer {
    private final ArrayDeque<Item> items = new ArrayDeque<>();
    private long bytes;

    /**
     * A record.
     *
     * @param write null if there is nothing to write: only the offset moves
     * @param bytes of the write in a batch
     */
    record Item(SinkRecord record, long offset, KvWrite write, long bytes) {}

    /**
     * What is stored at once.
     *
     * @param writes in order; may be empty
     * @param next the offset behind it
     * @param bytes of the writes
     */
    record Batch(List<KvWrite> writes, long next, long bytes) {}

    void add(Item item) {
        items.add(item);
        bytes += item.bytes();
    }

    boolean isEmpty() {
        return items.isEmpty();
    }

    int size() {
        return items.size();
    }

    long bytes() {
        return bytes;
    }

    /** The offset of its first record. */
    long first() {
        return items.element().offset();
    }

    /**
     * The next batch; its records stay here until they are stored.
     *
     * @param maxRecords most writes
     * @param maxBytes most bytes, but for a single larger write
     */
    Batch batch(int maxRecords, long maxBytes) {
        List<KvWrite> writes = new ArrayList<>(Math.min(maxRecords, items.size()));
        Set<String> keys = new HashSet<>();
        long next = first();
        long size = 0;
        for (Item item : items) {
            KvWrite write = item.write();
            if (write != null) {
                boolean full = writes.size() == maxRecords || !writes.isEmpty() && size + item.bytes() > maxBytes;
                // The server takes no purge behind another write to its key in one batch (10111).
                boolean known = !keys.add(write.key());
                if (full || known && write.operation() == KvOperation.PURGE) {
                    break;
                }
                writes.add(write);
                size += item.bytes();
            }
            next = item.offset() + 1;
        }
        return new Batch(writes, next, size);
    }

    /** The first record that is to be written; null if there is none. */
    Item firstWrite() {
        for (Item item : items) {
            if (item.write() != null) {
                return item;
            }
        }
        return null;
    }

    /** Takes the first write out; its record counts as done. */
    void leaveOutFirstWrite() {
        List<Item> rest = new ArrayList<>(items);
        clear();
        boolean done = false;
        for (Item item : rest) {
            boolean leaveOut = !done && item.write() != null;
            done |= leaveOut;
            add(leaveOut ? new Item(item.record(), item.offset(), null, 0) : item);
        }
    }

    /** Forgets the records below an offset, which are stored. */
    void removeBelow(long next) {
        for (Iterator<Item> i = items.iterator(); i.hasNext(); ) {
            Item item = i.next();
            if (item.offset() >= next) {
                return;
            }
            bytes -= item.bytes();
            i.remove();
        }
    }

    void clear() {
        items.clear();
        bytes = 0;
    }
}
