package io.natskv.connect.source;

import io.natskv.core.KvEntry;
import io.natskv.core.watch.WatchPosition;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.connect.source.SourceRecord;

/** What a watch hands over for an entry: its records, what is done about one that can't be converted, or nothing. Counts it. For one thread. */
final class EntryRecords {
    private final EntryConverter converter;
    private final Undecodable undecodable;
    private final LoopPrevention loopPrevention;
    private final Map<String, String> sourcePartition;
    private final Counts counts = new Counts();

    /** How many entries became records, by operation, and how many did not. To be read from any thread. */
    static final class Counts {
        final LongAdder puts = new LongAdder();
        final LongAdder deletes = new LongAdder();
        final LongAdder purges = new LongAdder();
        final LongAdder leftOut = new LongAdder();
    }

    EntryRecords(SourceConfig config, Undecodable undecodable, Map<String, String> sourcePartition) {
        this.converter = config.records().converter();
        this.loopPrevention = config.records().loopPrevention();
        this.undecodable = undecodable;
        this.sourcePartition = sourcePartition;
    }

    Counts counts() {
        return counts;
    }

    /**
     * The records; none for an entry that is left out.
     *
     * @param previous what the key held before; null if there is nothing, or nobody has asked for it
     * @throws org.apache.kafka.connect.errors.ConnectException if no record can be made of the entry and that shall fail the task
     */
    List<SourceRecord> of(KvEntry entry, KvEntry previous, WatchPosition position, OffsetMarks marks) {
        List<SourceRecord> records = make(entry, previous, position, marks);
        if (records.isEmpty()) {
            counts.leftOut.increment();
        } else {
            switch (entry.operation()) {
                case PUT -> counts.puts.increment();
                case DELETE -> counts.deletes.increment();
                case PURGE -> counts.purges.increment();
            }
        }
        return records;
    }

    private List<SourceRecord> make(KvEntry entry, KvEntry previous, WatchPosition position, OffsetMarks marks) {
        if (loopPrevention.cameRound(entry)) {
            return List.of();
        }
        try {
            return converter.convert(entry, previous, sourcePartition, position, marks);
        } catch (UndecodableException e) {
            return undecodable.handle(entry, e, sourcePartition, SourceOffsets.encode(position, marks));
        }
    }
}
