package io.natskv.connect.source;

import io.natskv.connect.source.StartingPoint.Delivered;
import io.natskv.connect.source.WatchSettings.StartMode;
import io.natskv.core.key.KeyFilter;
import io.natskv.core.watch.WatchPosition;
import io.natskv.core.watch.WatchStart;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads stored offsets: where each assignment of a task goes on. Filters may have changed since they were stored; what was delivered under other
 * filters is found and not repeated.
 */
final class StartingPoints {
    private static final Logger LOG = LoggerFactory.getLogger(StartingPoints.class);

    private final SourceConfig config;
    private final OffsetStorageReader reader;

    StartingPoints(SourceConfig config, OffsetStorageReader reader) {
        this.config = config;
        this.reader = reader;
    }

    Map<Assignment, StartingPoint> of(List<Assignment> assignments) {
        Map<Assignment, StartingPoint> points = new LinkedHashMap<>();
        assignments.forEach(assignment -> points.put(assignment, of(assignment)));
        return points;
    }

    private StartingPoint of(Assignment assignment) {
        String bucket = assignment.bucket();
        List<KeyFilter> wider = SourceOffsets.covering(assignment.filter());
        Map<Map<String, String>, Map<String, Object>> noted = read(FilterNotes.partitions(bucket));
        List<KeyFilter> others = noted.values().stream()
                .map(FilterNotes::filter)
                .flatMap(Optional::stream)
                .filter(filter -> !wider.contains(filter) && filter.overlaps(assignment.filter()))
                .distinct()
                .toList();
        Map<KeyFilter, WatchPosition> stored = new HashMap<>();
        List<OffsetMarks> marks = new ArrayList<>();
        read(Stream.concat(wider.stream(), others.stream())
                        .map(filter -> SourceOffsets.partition(new Assignment(bucket, filter)))
                        .toList())
                .forEach((partition, offset) -> {
                    KeyFilter filter = new KeyFilter(partition.get(SourceOffsets.FILTER));
                    stored.put(filter, SourceOffsets.decode(partition, offset));
                    if (wider.contains(filter)) {
                        marks.add(SourceOffsets.marks(offset));
                    }
                });
        // The record that carried a note has left its position there.
        noted.forEach((partition, offset) -> FilterNotes.filter(offset).ifPresent(filter -> {
            WatchPosition carried = SourceOffsets.decode(partition, offset);
            WatchPosition own = stored.get(filter);
            if (own == null || SourceOffsets.further(own, carried) == carried) {
                stored.put(filter, carried);
                if (wider.contains(filter)) {
                    marks.add(SourceOffsets.marks(offset));
                }
            }
        }));
        Map<Map<String, String>, WatchPosition> covering = new HashMap<>();
        wider.stream()
                .filter(stored::containsKey)
                .forEach(filter ->
                        covering.put(SourceOffsets.partition(new Assignment(bucket, filter)), stored.get(filter)));
        Optional<Map.Entry<Map<String, String>, WatchPosition>> chosen = SourceOffsets.choose(assignment, covering);
        List<Delivered> delivered = others.stream()
                .filter(stored::containsKey)
                .map(filter -> new Delivered(filter, stored.get(filter)))
                .filter(part -> part.position().created() != null)
                .toList();
        log(assignment, chosen, covering.keySet(), delivered);
        return new StartingPoint(
                chosen.map(Map.Entry::getValue)
                        .or(() -> lowest(delivered))
                        .map(WatchStart::after)
                        .orElseGet(config.watch()::start),
                delivered,
                marks.stream().reduce(OffsetMarks.NONE, OffsetMarks::and),
                chosen.isEmpty() && delivered.isEmpty(),
                note(assignment, noted));
    }

    /** With updates only, where not even one of the other filters has been: from now on would leave out what it was to deliver next. */
    private Optional<WatchPosition> lowest(List<Delivered> delivered) {
        Instant youngest = delivered.stream()
                .map(part -> part.position().created())
                .max(Comparator.naturalOrder())
                .orElse(null);
        return config.watch().startMode() != StartMode.UPDATES_ONLY
                ? Optional.empty()
                : delivered.stream()
                        .map(Delivered::position)
                        .filter(position -> position.created().equals(youngest))
                        .min(Comparator.comparing(WatchPosition::revision));
    }

    private Map<Map<String, String>, Map<String, Object>> read(Collection<Map<String, String>> partitions) {
        Map<Map<String, String>, Map<String, Object>> found = reader.offsets(partitions);
        found.values().removeIf(offset -> offset == null);
        return found;
    }

    private Optional<Map<String, String>> note(
            Assignment assignment, Map<Map<String, String>, Map<String, Object>> noted) {
        if (config.watch().endsTransactionsByTime() || assignment.filter().equals(KeyFilter.ALL)) {
            return Optional.empty();
        }
        Set<String> known = noted.values().stream()
                .map(FilterNotes::filter)
                .flatMap(Optional::stream)
                .map(KeyFilter::pattern)
                .collect(Collectors.toSet());
        // Other tasks find places for their filters in the same way: each filter has its own, whoever comes first.
        List<String> unknown = config.watch().filters().stream()
                .filter(filter -> !known.contains(filter))
                .sorted()
                .toList();
        List<Map<String, String>> free = FilterNotes.partitions(assignment.bucket()).stream()
                .filter(partition -> !noted.containsKey(partition))
                .toList();
        int number = unknown.indexOf(assignment.filter().pattern());
        return number < 0 || number >= free.size() ? Optional.empty() : Optional.of(free.get(number));
    }

    /** To reset an assignment, all stored partitions that are taken into account have to be: so say which they are. */
    private void log(
            Assignment assignment,
            Optional<Map.Entry<Map<String, String>, WatchPosition>> chosen,
            Collection<Map<String, String>> covering,
            List<Delivered> delivered) {
        LOG.info(
                "Reading bucket \"{}\", keys \"{}\", {}. Stored offsets that cover these keys: {}; some of them: {}",
                assignment.bucket(),
                assignment.filter().pattern(),
                chosen.map(entry ->
                                "after revision " + entry.getValue().revision() + ", the offset of " + entry.getKey())
                        .orElseGet(() -> "from the beginning by " + WatchSettings.START_MODE + "="
                                + config.getString(WatchSettings.START_MODE)),
                covering.isEmpty() ? "none" : covering,
                delivered.isEmpty()
                        ? "none"
                        : delivered.stream()
                                .map(part -> part.filter().pattern() + " up to revision "
                                        + part.position().revision())
                                .toList());
    }
}
