package io.natskv.connect.sink.exactlyonce;

import io.natskv.core.KvOperation;
import io.natskv.core.write.BatchWrite;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.connect.errors.ConnectException;
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
     * @param report done when the dead-letter topic has the record; null if that does not get it
     */
    record Item(SinkRecord record, long offset, BatchWrite write, long bytes, Future<Void> report) {
        /**
         * True if the offset may pass it.
         *
         * @throws ConnectException if the dead-letter topic did not take it
         */
        private boolean isPassable() {
            if (report == null) {
                return true;
            }
            if (!report.isDone()) {
                return false;
            }
            try {
                report.get();
                return true;
            } catch (ExecutionException | CancellationException e) {
                Throwable cause = e.getCause() == null ? e : e.getCause();
                throw new ConnectException(
                        "Record " + offset
                                + " of its partition can't be written, and the dead-letter topic did not take it: "
                                + cause.getMessage(),
                        cause);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ConnectException("Interrupted", e);
            }
        }
    }

    /**
     * What is stored at once.
     *
     * @param writes in order; may be empty
     * @param next the offset behind it
     * @param bytes of the writes
     */
    record Batch(List<BatchWrite> writes, long next, long bytes) {}

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
     * @return ends before a record that the dead-letter topic does not have yet; null if that is the first one
     * @throws ConnectException if the dead-letter topic did not take a record
     */
    Batch batch(long from, int maxRecords, long maxBytes) {
        List<BatchWrite> writes = new ArrayList<>(Math.min(maxRecords, items.size()));
        Set<String> keys = new HashSet<>();
        long next = from;
        long size = 0;
        for (Item item : items) {
            if (item.offset() < from) {
                continue;
            }
            if (!item.isPassable()) {
                break;
            }
            BatchWrite write = item.write();
            if (write != null) {
                boolean full = writes.size() == maxRecords || !writes.isEmpty() && size + item.bytes() > maxBytes;
                // The server takes no purge behind another write to its key in one batch (10111).
                boolean known = !keys.add(write.write().key());
                if (full || known && write.write().operation() == KvOperation.PURGE) {
                    break;
                }
                writes.add(write);
                size += item.bytes();
            }
            next = item.offset() + 1;
        }
        return next == from ? null : new Batch(writes, next, size);
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

    /** Takes the first write out; its record counts as done when the report is. */
    void leaveOutFirstWrite(Future<Void> report) {
        List<Item> rest = new ArrayList<>(items);
        clear();
        boolean done = false;
        for (Item item : rest) {
            boolean leaveOut = !done && item.write() != null;
            done |= leaveOut;
            add(leaveOut ? new Item(item.record(), item.offset(), null, 0, report) : item);
        }
    }

    /** Forgets the records below an offset, which are stored. */
    void removeBelow(long next) {
        while (!items.isEmpty() && first() < next) {
            bytes -= items.remove().bytes();
        }
    }

    void clear() {
        items.clear();
        bytes = 0;
    }
}
