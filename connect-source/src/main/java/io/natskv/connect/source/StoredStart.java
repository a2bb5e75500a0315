package io.natskv.connect.source;

import io.natskv.core.watch.WatchPosition;
import io.natskv.core.watch.WatchStart;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From where an assignment is read.
 *
 * @param marks that were stored with the position
 * @param fresh true if there was no position
 */
record StoredStart(WatchStart start, OffsetMarks marks, boolean fresh) {
    private static final Logger LOG = LoggerFactory.getLogger(StoredStart.class);

    /** Where each assignment goes on: behind the stored position that covers its keys, else by the start mode. */
    static Map<Assignment, StoredStart> of(
            List<Assignment> assignments, SourceConfig config, OffsetStorageReader reader) {
        Map<Assignment, StoredStart> starts = new LinkedHashMap<>();
        assignments.forEach(assignment -> starts.put(assignment, of(assignment, config, reader)));
        return starts;
    }

    private static StoredStart of(Assignment assignment, SourceConfig config, OffsetStorageReader reader) {
        List<Map<String, String>> partitions = SourceOffsets.covering(assignment.filter()).stream()
                .map(filter -> SourceOffsets.partition(new Assignment(assignment.bucket(), filter)))
                .toList();
        Map<Map<String, String>, WatchPosition> stored = new HashMap<>();
        Map<Map<String, String>, OffsetMarks> marks = new HashMap<>();
        reader.offsets(partitions).forEach((partition, offset) -> {
            if (offset != null) {
                stored.put(partition, SourceOffsets.decode(partition, offset));
                marks.put(partition, SourceOffsets.marks(offset));
            }
        });
        Optional<Map.Entry<Map<String, String>, WatchPosition>> chosen = SourceOffsets.choose(assignment, stored);
        // To reset an assignment, all stored partitions that cover it have to be: so say which they are.
        LOG.info(
                "Reading bucket \"{}\", keys \"{}\", {}. Stored offsets that cover these keys: {}",
                assignment.bucket(),
                assignment.filter().pattern(),
                chosen.map(entry ->
                                "after revision " + entry.getValue().revision() + ", the offset of " + entry.getKey())
                        .orElseGet(() -> "from the beginning by " + WatchSettings.START_MODE + "="
                                + config.getString(WatchSettings.START_MODE)),
                stored.isEmpty() ? "none" : stored.keySet());
        return chosen.map(
                        entry -> new StoredStart(WatchStart.after(entry.getValue()), marks.get(entry.getKey()), false))
                .orElseGet(() -> new StoredStart(config.watch().start(), OffsetMarks.NONE, true));
    }
}
