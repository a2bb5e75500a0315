package io.natskv.connect.source;

import io.natskv.core.connect.ConnectErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.key.KeyFilter;
import io.natskv.core.watch.WatchPosition;
import io.natskv.core.watch.WatchPosition.Anchor;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * Source partitions and source offsets: what Connect stores for us, as maps of strings and numbers.
 *
 * <pre>
 * partition {"bucket": "orders", "filter": "&gt;"}
 * offset    {"revision": 42, "created": "2026-01-01T00:00:00Z", "anchors": "41@2026-01-01T08:00:00Z@a.b 42@2026-01-01T08:00:01Z@a.c"}
 * </pre>
 *
 * In the middle of a snapshot there are also its last revision, {@code snapshot.end}, and whether it is one of all revisions,
 * {@code snapshot.history}; while a reconciliation is due, {@code "reconcile": "pending"}; after a snapshot that was asked for by a
 * signal, when that was given, {@code signal}. An offset set by hand needs the revision alone: reading goes on after it in whatever bucket is there.
 */
final class SourceOffsets {
    static final String BUCKET = "bucket";
    static final String FILTER = "filter";
    static final String REVISION = "revision";
    static final String CREATED = "created";
    static final String ANCHORS = "anchors";
    static final String SNAPSHOT_END = "snapshot.end";
    static final String SNAPSHOT_HISTORY = "snapshot.history";
    static final String RECONCILE = "reconcile";
    static final String SIGNAL = "signal";

    private static final String PENDING = "pending";

    /** Above so many tokens of a filter, its tokens are no longer replaced by wildcards one by one in the search for wider filters. */
    private static final int MAX_EXPANDED_TOKENS = 10;

    private static final Comparator<WatchPosition> FURTHEST = Comparator.comparing(
                    WatchPosition::created, Comparator.nullsFirst(Comparator.<Instant>naturalOrder()))
            .thenComparing(WatchPosition::revision);

    private SourceOffsets() {}

    static Map<String, String> partition(Assignment assignment) {
        // The worker looks offsets up by the bytes of this map's JSON: its order must be the same in every JVM, which
        // Map.of's is not.
        Map<String, String> partition = new LinkedHashMap<>();
        partition.put(BUCKET, assignment.bucket());
        partition.put(FILTER, assignment.filter().pattern());
        return Collections.unmodifiableMap(partition);
    }

    /** The offset of a record behind which the watch is at this position. */
    static Map<String, Object> encode(WatchPosition position) {
        return encode(position, OffsetMarks.NONE);
    }

    /** {@link #encode(WatchPosition)} with what is to be remembered beside the position. */
    static Map<String, Object> encode(WatchPosition position, OffsetMarks marks) {
        return new Encoded(position, position.revision(), marks);
    }

    /**
     * The offset to see an entry again with which the watch has come to this position.
     *
     * @param position behind the entry
     * @param revision the entry's
     */
    static Map<String, Object> encodeBefore(WatchPosition position, long revision, OffsetMarks marks) {
        return new Encoded(position, revision - 1, marks);
    }

    /**
     * The position that an offset stands for.
     *
     * @param partition for messages
     * @throws ConnectException if the offset is none of ours; the message says how to remove it
     */
    static WatchPosition decode(Map<String, ?> partition, Map<String, ?> offset) {
        try {
            marks(offset);
            return new WatchPosition(
                    offset.get(CREATED) == null ? null : Instant.parse(text(offset, CREATED)),
                    number(offset, REVISION),
                    offset.get(SNAPSHOT_END) == null ? 0 : number(offset, SNAPSHOT_END),
                    Boolean.TRUE.equals(offset.get(SNAPSHOT_HISTORY)),
                    offset.get(ANCHORS) == null ? List.of() : anchors(text(offset, ANCHORS)));
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new ConnectException(
                    "Offset " + offset + " of source partition " + partition + " is unusable: " + e.getMessage()
                            + "; stop the connector and correct or reset it by Connect's REST API (PATCH or DELETE /connectors/<name>/offsets)",
                    e);
        }
    }

    /** What an offset that {@link #decode} accepts says beside the position. */
    static OffsetMarks marks(Map<String, ?> offset) {
        return new OffsetMarks(
                offset.get(RECONCILE) != null, offset.get(SIGNAL) == null ? null : Instant.parse(text(offset, SIGNAL)));
    }

    /**
     * Checks a partition and its new offset, as given to Connect's REST API, which keeps the order of the partition's keys.
     *
     * @throws ConnectException naming what is wrong
     */
    static void check(Map<String, ?> partition, Map<String, ?> offset) {
        if (offset == null) {
            return; // a reset, allowed for whatever is there
        }
        // Connect would store any other form too, under the bytes of its JSON, where no task ever looks.
        if (partition == null
                || !List.copyOf(partition.keySet()).equals(List.of(BUCKET, FILTER))
                || !(partition.get(BUCKET) instanceof String bucket)
                || !(partition.get(FILTER) instanceof String filter)) {
            throw new ConnectException("A source partition must be {\"" + BUCKET + "\": \"...\", \"" + FILTER
                    + "\": \"...\"}, with these keys in this order and no others, or its offset is never found; not "
                    + partition);
        }
        try {
            Assignment.of(bucket, filter);
        } catch (KvException e) {
            throw ConnectErrors.of(e, "Source partition " + partition);
        }
        decode(partition, offset);
    }

    /**
     * All filters that select at least what this filter selects, itself first. Connect can't list stored partitions, only look up given
     * ones; so a position that an earlier, wider filter reached is found by asking for every filter that could have been it.
     */
    static List<KeyFilter> covering(KeyFilter filter) {
        String[] tokens = filter.pattern().split("\\.");
        boolean open = tokens[tokens.length - 1].equals(">");
        int fixed = open ? tokens.length - 1 : tokens.length;
        List<String> found = new ArrayList<>();
        found.add(filter.pattern());
        List<String> prefixes = List.of("");
        for (int i = 0; i <= fixed; i++) {
            if (i < fixed || open) {
                prefixes.forEach(prefix -> found.add(prefix + ">"));
            } else {
                prefixes.forEach(prefix -> found.add(prefix.substring(0, prefix.length() - 1)));
            }
            if (i < fixed) {
                String token = tokens[i];
                boolean expand = fixed <= MAX_EXPANDED_TOKENS && !token.equals("*");
                List<String> longer = new ArrayList<>();
                for (String prefix : prefixes) {
                    longer.add(prefix + token + ".");
                    if (expand) {
                        longer.add(prefix + "*.");
                    }
                }
                prefixes = longer;
            }
        }
        return found.stream().distinct().map(KeyFilter::new).toList();
    }

    /**
     * The stored position to go on from: the furthest, because each that covers the keys says that everything up to its revision has been
     * delivered. Revisions compare only within one incarnation of the bucket; the youngest wins. One that was set by hand for exactly
     * this partition stands above all.
     *
     * @param stored positions by partition
     * @return the position and the partition that it is stored under
     */
    static Optional<Map.Entry<Map<String, String>, WatchPosition>> choose(
            Assignment assignment, Map<Map<String, String>, WatchPosition> stored) {
        Map<String, String> partition = partition(assignment);
        WatchPosition exact = stored.get(partition);
        if (exact != null && exact.created() == null) {
            return Optional.of(Map.entry(partition, exact));
        }
        return stored.entrySet().stream().max(Map.Entry.comparingByValue(FURTHEST));
    }

    /** The one of two positions that is in the younger incarnation of the bucket, or at the higher revision of the same. */
    static WatchPosition further(WatchPosition one, WatchPosition other) {
        return FURTHEST.compare(one, other) >= 0 ? one : other;
    }

    /** Written out only when Connect stores it, which it does for one record out of very many. */
    private static final class Encoded extends AbstractMap<String, Object> {
        private final WatchPosition position;
        private final long revision;
        private final OffsetMarks marks;

        private Encoded(WatchPosition position, long revision, OffsetMarks marks) {
            this.position = position;
            this.revision = revision;
            this.marks = marks;
        }

        @Override
        public Set<Entry<String, Object>> entrySet() {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put(REVISION, revision);
            if (position.created() != null) {
                map.put(CREATED, position.created().toString());
            }
            String anchors = position.anchors().stream()
                    .map(anchor -> anchor.revision() + "@" + anchor.created() + "@" + anchor.key())
                    .collect(Collectors.joining(" "));
            if (!anchors.isEmpty()) {
                map.put(ANCHORS, anchors);
            }
            if (position.inSnapshot()) {
                map.put(SNAPSHOT_END, position.snapshotEnd());
                map.put(SNAPSHOT_HISTORY, position.history());
            }
            if (marks.reconcile()) {
                map.put(RECONCILE, PENDING);
            }
            if (marks.signal() != null) {
                map.put(SIGNAL, marks.signal().toString());
            }
            return Collections.unmodifiableMap(map).entrySet();
        }
    }

    private static long number(Map<String, ?> offset, String name) {
        Object value = offset.get(name);
        if (value instanceof Long || value instanceof Integer) {
            long number = ((Number) value).longValue();
            if (number >= 0) {
                return number;
            }
        }
        throw new IllegalArgumentException("\"" + name + "\" must be a whole number, 0 or more");
    }

    private static String text(Map<String, ?> offset, String name) {
        if (offset.get(name) instanceof String text) {
            return text;
        }
        throw new IllegalArgumentException("\"" + name + "\" must be a string");
    }

    private static List<Anchor> anchors(String text) {
        List<Anchor> anchors = new ArrayList<>();
        for (String anchor : text.isEmpty() ? new String[0] : text.split(" ")) {
            String[] parts = anchor.split("@", 3);
            if (parts.length != 3) {
                throw new IllegalArgumentException("\"" + ANCHORS + "\" is malformed at \"" + anchor + "\"");
            }
            anchors.add(new Anchor(Long.parseLong(parts[0]), parts[2], Instant.parse(parts[1])));
        }
        return List.copyOf(anchors);
    }
}
