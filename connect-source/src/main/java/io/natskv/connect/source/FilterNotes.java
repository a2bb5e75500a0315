package io.natskv.connect.source;

import io.natskv.core.key.KeyFilter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Which filters a bucket was read with, noted under source partitions of their own, {@code {"bucket": "orders", "filter": "#0"}} and so on:
 * Connect can't list what it has stored. A record that carries a note has its offset there instead of in its filter's own partition; so a note
 * holds a position too, which counts only where it directly follows the own one ({@link #effective}).
 *
 * <p>A filter's very first record leaves a note {@code of} the filter. When there is an own offset, one more record leaves the final note, that also
 * says which own offset it comes {@code after}. From then on a filter without own offset is one that was reset.
 */
final class FilterNotes {
    private static final Pattern PLACE = Pattern.compile("#\\d{1,2}");

    private static final String OF = "of";
    private static final String AFTER = "after";
    private static final int MAX = 32;

    private FilterNotes() {}

    /**
     * What is noted of a filter.
     *
     * @param partition where
     * @param offset as stored
     */
    record Note(Map<String, String> partition, Map<String, Object> offset) {
        /** True if it comes after an own offset. */
        boolean isFinal() {
            return offset.get(AFTER) != null;
        }
    }

    /**
     * Where a filter is to be noted.
     *
     * @param partition the source partition
     * @param begun whether it is noted, or has an own offset
     * @param own its own stored offset, by {@link #id}; empty if there is none that a record has left
     */
    record Place(Map<String, String> partition, boolean begun, Optional<String> own) {}

    /** The source partitions in which there may be notes. */
    static List<Map<String, String>> partitions(String bucket) {
        List<Map<String, String>> partitions = new ArrayList<>();
        for (int i = 0; i < MAX; i++) {
            Map<String, String> partition = new LinkedHashMap<>();
            partition.put(SourceOffsets.BUCKET, bucket);
            partition.put(SourceOffsets.FILTER, "#" + i);
            partitions.add(Collections.unmodifiableMap(partition));
        }
        return partitions;
    }

    /** True if this stands for a place of notes rather than for a filter, which it can't be. */
    static boolean isPlace(String filter) {
        return PLACE.matcher(filter).matches();
    }

    /**
     * Checks what is to be stored in such a place.
     *
     * @throws ConnectException if it is no note
     */
    static void check(Map<String, ?> partition, Map<String, ?> offset) {
        if (filter(offset).isEmpty()) {
            throw new ConnectException("The offset of source partition " + partition + " must say in \"" + OF
                    + "\" which filter was read: only offsets that this connector has stored belong there");
        }
    }

    /** The notes by filter, of what is stored in the places of a bucket. */
    static Map<KeyFilter, Note> of(String bucket, Map<Map<String, String>, Map<String, Object>> stored) {
        Map<KeyFilter, Note> notes = new LinkedHashMap<>();
        for (Map<String, String> partition : partitions(bucket)) {
            Map<String, Object> offset = stored.get(partition);
            if (offset != null) {
                filter(offset).ifPresent(filter -> notes.putIfAbsent(filter, new Note(partition, offset)));
            }
        }
        return notes;
    }

    private static Optional<KeyFilter> filter(Map<String, ?> offset) {
        return offset.get(OF) instanceof String pattern ? Optional.of(new KeyFilter(pattern)) : Optional.empty();
    }

    /** What tells an own offset from all others that a filter's records leave. */
    static String id(Map<String, ?> own) {
        Object generation = own.get(SourceOffsets.GENERATION);
        return own.get(SourceOffsets.REVISION) + "@" + (generation == null ? 0 : generation);
    }

    /**
     * The offset that a filter goes on from: its own, or that of the record which followed it and left its own in a note.
     *
     * @param own null if there is none
     * @param note null if there is none
     * @return null if there is none
     */
    static Map<String, Object> effective(Map<String, Object> own, Note note) {
        if (note == null || own != null && own.get(SourceOffsets.CREATED) == null) {
            return own; // also what was set by hand
        }
        if (own == null) {
            return note.isFinal() ? null : note.offset();
        }
        return id(own).equals(note.offset().get(AFTER)) ? note.offset() : own;
    }

    /** The same record, with its offset in a note. */
    static SourceRecord carrying(SourceRecord record, Place place, KeyFilter filter, Optional<String> after) {
        Map<String, Object> offset = new LinkedHashMap<>();
        offset.put(OF, filter.pattern());
        after.ifPresent(own -> offset.put(AFTER, own));
        record.sourceOffset().forEach(offset::put);
        return new SourceRecord(
                place.partition(),
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
