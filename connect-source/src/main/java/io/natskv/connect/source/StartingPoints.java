package io.natskv.connect.source;

import io.natskv.connect.source.FilterNotes.Note;
import io.natskv.connect.source.FilterNotes.Place;
import io.natskv.connect.source.SourceOffsets.Stored;
import io.natskv.connect.source.StartingPoint.Delivered;
import io.natskv.connect.source.WatchSettings.StartMode;
import io.natskv.core.key.KeyFilter;
import io.natskv.core.watch.WatchPosition;
import io.natskv.core.watch.WatchStart;
import java.time.Instant;
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
        KeyFilter filter = assignment.filter();
        List<KeyFilter> wider = SourceOffsets.covering(filter);
        Map<KeyFilter, Note> notes = FilterNotes.of(bucket, read(FilterNotes.partitions(bucket)));
        List<KeyFilter> others = notes.keySet().stream()
                .filter(other -> !wider.contains(other) && other.overlaps(filter))
                .toList();
        Map<KeyFilter, Map<String, Object>> own = new HashMap<>();
        read(Stream.concat(wider.stream(), others.stream())
                        .map(read -> SourceOffsets.partition(new Assignment(bucket, read)))
                        .toList())
                .forEach((partition, offset) -> own.put(new KeyFilter(partition.get(SourceOffsets.FILTER)), offset));
        Map<KeyFilter, Stored> covering = stored(bucket, wider, own, notes);
        Map<KeyFilter, Stored> parts = stored(bucket, others, own, notes);
        Optional<Map.Entry<KeyFilter, Stored>> chosen = SourceOffsets.choose(filter, covering);

        Note note = notes.get(filter);
        boolean byHand = chosen.map(entry -> entry.getValue().isSetByHand()).orElse(false)
                || note != null && note.isFinal() && own.get(filter) == null;
        long generation = generation(covering, parts, notes);
        List<Delivered> delivered = byHand
                ? List.of()
                : parts.entrySet().stream()
                        // What was stored before a loss may be of another bucket.
                        .filter(part -> part.getValue().marks().generation() == generation
                                && !part.getValue().isSetByHand())
                        .map(part ->
                                new Delivered(part.getKey(), part.getValue().position()))
                        .toList();
        log(assignment, chosen, covering.keySet(), delivered);
        return new StartingPoint(
                chosen.map(entry -> entry.getValue().position())
                        .or(() -> lowest(delivered))
                        .map(WatchStart::after)
                        .orElseGet(config.watch()::start),
                delivered,
                covering.values().stream()
                        .map(Stored::marks)
                        .reduce(OffsetMarks.NONE, OffsetMarks::and)
                        .withGeneration(byHand ? generation + 1 : generation),
                chosen.isEmpty() && delivered.isEmpty() && beginsWithAll(),
                place(assignment, notes, own.get(filter)));
    }

    private static Map<KeyFilter, Stored> stored(
            String bucket,
            Collection<KeyFilter> filters,
            Map<KeyFilter, Map<String, Object>> own,
            Map<KeyFilter, Note> notes) {
        Map<KeyFilter, Stored> stored = new LinkedHashMap<>();
        for (KeyFilter filter : filters) {
            Map<String, Object> offset = FilterNotes.effective(own.get(filter), notes.get(filter));
            if (offset != null) {
                stored.put(filter, SourceOffsets.read(SourceOffsets.partition(new Assignment(bucket, filter)), offset));
            }
        }
        return stored;
    }

    /** The last one that is known. Notes that no longer count tell of it too. */
    private static long generation(
            Map<KeyFilter, Stored> covering, Map<KeyFilter, Stored> parts, Map<KeyFilter, Note> notes) {
        return Stream.of(
                        covering.values().stream(),
                        parts.values().stream(),
                        notes.values().stream().map(note -> SourceOffsets.read(note.partition(), note.offset())))
                .flatMap(all -> all)
                .mapToLong(stored -> stored.marks().generation())
                .max()
                .orElse(0);
    }

    private boolean beginsWithAll() {
        StartMode mode = config.watch().startMode();
        return mode == StartMode.SNAPSHOT || mode == StartMode.HISTORY;
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

    private Optional<Place> place(Assignment assignment, Map<KeyFilter, Note> notes, Map<String, Object> own) {
        Note note = notes.get(assignment.filter());
        if (note != null && note.isFinal() || assignment.filter().equals(KeyFilter.ALL)) {
            return Optional.empty();
        }
        // What was set by hand has left no record: it does not tell which one follows it.
        Optional<String> left = Optional.ofNullable(own)
                .filter(offset -> offset.get(SourceOffsets.CREATED) != null)
                .map(FilterNotes::id);
        return Optional.ofNullable(note)
                .map(Note::partition)
                .or(() -> free(assignment, notes))
                .map(partition -> new Place(partition, note != null || own != null, left));
    }

    /** Other tasks find places for their filters in the same way: each filter has its own, whoever comes first. */
    private Optional<Map<String, String>> free(Assignment assignment, Map<KeyFilter, Note> notes) {
        Set<String> known = notes.keySet().stream().map(KeyFilter::pattern).collect(Collectors.toSet());
        Set<Map<String, String>> taken =
                notes.values().stream().map(Note::partition).collect(Collectors.toSet());
        List<String> unknown = config.watch().filters().stream()
                .filter(filter -> !known.contains(filter))
                .sorted()
                .toList();
        return FilterNotes.partitions(assignment.bucket()).stream()
                .filter(partition -> !taken.contains(partition))
                .skip(Math.max(0, unknown.indexOf(assignment.filter().pattern())))
                .findFirst();
    }

    /** To reset an assignment, all stored partitions that are taken into account have to be: so say which they are. */
    private void log(
            Assignment assignment,
            Optional<Map.Entry<KeyFilter, Stored>> chosen,
            Collection<KeyFilter> covering,
            List<Delivered> delivered) {
        LOG.info(
                "Reading bucket \"{}\", keys \"{}\", {}. Stored offsets that cover these keys: {}; some of them: {}",
                assignment.bucket(),
                assignment.filter().pattern(),
                chosen.map(entry ->
                                "after revision " + entry.getValue().position().revision() + ", the offset of "
                                        + entry.getKey().pattern())
                        .orElseGet(() -> "from the beginning by " + WatchSettings.START_MODE + "="
                                + config.getString(WatchSettings.START_MODE)),
                covering.isEmpty()
                        ? "none"
                        : covering.stream().map(KeyFilter::pattern).toList(),
                delivered.isEmpty()
                        ? "none"
                        : delivered.stream()
                                .map(part -> part.filter().pattern() + " up to revision "
                                        + part.position().revision())
                                .toList());
    }
}
