package io.natskv.connect.source;

import io.natskv.core.KvEntry;
import io.natskv.core.watch.WatchPosition;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Makes records of an entry: one, or with envelope and tombstone for a delete two. The operation decides, never the value: an empty put has an
 * empty value. For one thread.
 */
final class EntryConverter {
    private final TopicNames topics;
    private final RecordKeys keys;
    private final ValueFormat values;
    private final Deletes deletes;
    private final RecordHeaders headers;

    /** What deletes, purges and expiries become. */
    enum Deletes {
        /** A record without value, which Kafka's compaction takes as a tombstone. */
        TOMBSTONE,
        ENVELOPE,
        /** Who reads the changes sees what was deleted, and compaction forgets the key. */
        ENVELOPE_AND_TOMBSTONE
    }

    EntryConverter(TopicNames topics, RecordKeys keys, ValueFormat values, Deletes deletes, RecordHeaders headers) {
        this.topics = topics;
        this.keys = keys;
        this.values = values;
        this.deletes = deletes;
        this.headers = headers;
    }

    /**
     * The records, to be handed over together: only the last one's offset says that the entry is done.
     *
     * @param previous what the key held before; null if there is nothing, or nobody has asked for it
     * @param sourcePartition shared by all records of a watch, and not changed
     * @param position of the watch, behind this entry
     * @param marks to be stored with it
     * @throws UndecodableException if key or value are not what the settings take them for, or there is no legal topic
     */
    List<SourceRecord> convert(
            KvEntry entry,
            KvEntry previous,
            Map<String, ?> sourcePartition,
            WatchPosition position,
            OffsetMarks marks) {
        Map<String, ?> after = SourceOffsets.encode(position, marks);
        Map<String, ?> before = makesTwo(entry) ? SourceOffsets.encodeBefore(position, entry.revision(), marks) : after;
        return convert(entry, previous, sourcePartition, before, after);
    }

    /**
     * As {@link #convert}, of an entry that the watch has left behind: no record sets it back.
     *
     * @param position of the watch, wherever it is
     */
    List<SourceRecord> convertBeside(
            KvEntry entry, Map<String, ?> sourcePartition, WatchPosition position, OffsetMarks marks) {
        Map<String, ?> offset = SourceOffsets.encode(position, marks);
        return convert(entry, null, sourcePartition, offset, offset);
    }

    private boolean makesTwo(KvEntry entry) {
        return deletes == Deletes.ENVELOPE_AND_TOMBSTONE && entry.operation().isMarker();
    }

    private List<SourceRecord> convert(
            KvEntry entry,
            KvEntry previous,
            Map<String, ?> sourcePartition,
            Map<String, ?> before,
            Map<String, ?> after) {
        String topic = topics.of(entry.bucket(), entry.key());
        String key = keys.decode(entry);
        if (!entry.operation().isMarker() || deletes == Deletes.ENVELOPE) {
            return List.of(record(
                    entry, topic, key, values.schema(), values.of(entry, key, previous), sourcePartition, after));
        }
        SourceRecord tombstone = record(entry, topic, key, null, null, sourcePartition, after);
        if (!makesTwo(entry)) {
            return List.of(tombstone);
        }
        return List.of(
                record(entry, topic, key, values.schema(), values.of(entry, key, previous), sourcePartition, before),
                tombstone);
    }

    private SourceRecord record(
            KvEntry entry,
            String topic,
            String key,
            Schema schema,
            Object value,
            Map<String, ?> sourcePartition,
            Map<String, ?> sourceOffset) {
        ConnectHeaders own = headers.of(entry);
        return new EntryRecord(
                entry.revision(),
                sourcePartition,
                sourceOffset,
                topic,
                keys.partition(key),
                keys.schema(),
                keys.of(key, entry.revision()),
                schema,
                value,
                entry.created().toEpochMilli(),
                own);
    }
}
