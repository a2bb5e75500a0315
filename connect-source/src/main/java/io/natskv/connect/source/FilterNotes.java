package io.natskv.connect.source;

import io.natskv.core.key.KeyFilter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Which filters a bucket was read with, noted under source partitions of their own, {@code {"bucket": "orders", "filter": "#0"}} and so on:
 * Connect can't list what it has stored. Each is written once, with the offset of one record that is carried there instead of its own partition.
 */
final class FilterNotes {
    /** Legal in no filter. */
    private static final String MARK = "#";

    private static final String OF = "of";
    private static final int MAX = 32;

    private FilterNotes() {}

    /** The source partitions in which there may be notes. */
    static List<Map<String, String>> partitions(String bucket) {
        List<Map<String, String>> partitions = new ArrayList<>();
        for (int i = 0; i < MAX; i++) {
            Map<String, String> partition = new LinkedHashMap<>();
            partition.put(SourceOffsets.BUCKET, bucket);
            partition.put(SourceOffsets.FILTER, MARK + i);
            partitions.add(Collections.unmodifiableMap(partition));
        }
        return partitions;
    }

    /** The filter that a stored offset notes. */
    static Optional<KeyFilter> filter(Map<String, ?> offset) {
        return offset.get(OF) instanceof String pattern ? Optional.of(new KeyFilter(pattern)) : Optional.empty();
    }

    /** The same record, with its offset in a note. */
    static SourceRecord carrying(SourceRecord record, Map<String, String> note, KeyFilter filter) {
        Map<String, Object> offset = new LinkedHashMap<>();
        offset.put(OF, filter.pattern());
        record.sourceOffset().forEach(offset::put);
        return new SourceRecord(
                note,
                Collections.unmodifiableMap(offset),
                record.topic(),
                record.kafkaPartition(),
                record.keySchema(),
                record.key(),
                record.valueSchema(),
                record.value(),
                record.timestamp(),
                record.headers());
    }
}
