package io.natskv.connect.source;

import io.natskv.core.key.KeyFilter;
import io.natskv.core.key.KvNames;
import io.natskv.core.watch.WatchPosition;
import io.natskv.core.watch.WatchPosition.Anchor;
import io.natskv.core.watch.WatchStart;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * Source partitions and source offsets: what Connect stores for us, as maps of strings and numbers.
 *
 * <pre>
 * partition {"bucket": "orders", "filter": "&gt;"}
 * offset    {"revision": 42, "created": "2026-01-01T00:00:00Z", "anchors": "41@2026-…Z@a.b 42@2026-…Z@a.c", "snapshot.end": 99}
 * </pre>
 *
 * An offset set by hand needs the revision alone: reading goes on after it in whatever bucket is there.
 */
final class SourceOffsets {
    static final String BUCKET = "bucket";
    static final String FILTER = "filter";
    static final String REVISION = "revision";
    static final String CREATED = "created";
    static final String ANCHORS = "anchors";
    static final String SNAPSHOT_END = "snapshot.end";

    /** Above so many tokens of a filter, its tokens are no longer replaced by wildcards one by one in the search for wider filters. */
    private static final int MAX_EXPANDED_TOKENS = 10;

    // Anchors change seldom, records come by the hundred thousand.
    private List<Anchor> lastAnchors = List.of();
    private String lastAnchorsText = "";
    private Instant lastCreated = Instant.EPOCH;
    private String lastCreatedText = lastCreated.toString();

    static Map<String, String> partition(Assignment assignment) {
        return Map.of(BUCKET, assignment.bucket(), FILTER, assignment.filter().pattern());
    }

    /** The offset of a record behind which the watch is at this position. One instance per watch: it keeps what repeats. */
    Map<String, Object> encode(WatchPosition position) {
        if (position.anchors() != lastAnchors) {
            lastAnchors = position.anchors();
            lastAnchorsText = lastAnchors.stream()
                    .map(anchor -> anchor.revision() + "@" + anchor.created() + "@" + anchor.key())
                    .collect(Collectors.joining(" "));
        }
        if (!position.created().equals(lastCreated)) {
            lastCreated = position.created();
            lastCreatedText = lastCreated.toString();
        }
        return position.inSnapshot()
                ? Map.of(
                        REVISION,
                        position.revision(),
                        CREATED,
                        lastCreatedText,
                        ANCHORS,
                        lastAnchorsText,
                        SNAPSHOT_END,
                        position.snapshotEnd())
                : Map.of(REVISION, position.revision(), CREATED, lastCreatedText, ANCHORS, lastAnchorsText);
    }

    /**
     * Where to go on.
     *
     * @param partition for messages
     * @throws ConnectException if the offset is none of ours; the message says how to remove it
     */
    static WatchStart decode(Map<String, ?> partition, Map<String, ?> offset) {
        try {
            long revision = number(offset, REVISION);
            if (offset.get(CREATED) == null) {
                return new WatchStart.FromRevision(Math.addExact(revision, 1));
            }
            return WatchStart.after(new WatchPosition(
                    Instant.parse(text(offset, CREATED)),
                    revision,
                    offset.get(SNAPSHOT_END) == null ? 0 : number(offset, SNAPSHOT_END),
                    anchors(offset.get(ANCHORS) == null ? "" : text(offset, ANCHORS))));
        } catch (IllegalArgumentException | ArithmeticException | DateTimeException e) {
            throw new ConnectException(
                    "Offset " + offset + " of source partition " + partition + " is unusable: " + e.getMessage()
                            + "; stop the connector and correct or reset it by Connect's REST API (PATCH or DELETE /connectors/<name>/offsets)",
                    e);
        }
    }

    /**
     * Checks a partition and its new offset, as given to Connect's REST API.
     *
     * @throws ConnectException naming what is wrong
     */
    static void check(Map<String, ?> partition, Map<String, ?> offset) {
        if (offset == null) {
            return; // a reset, allowed for whatever is there
        }
        if (partition == null || !(partition.get(BUCKET) instanceof String bucket) || !(partition.get(FILTER) instanceof String filter)) {
            throw new ConnectException("A source partition must be {\"" + BUCKET + "\": \"...\", \"" + FILTER + "\": \"...\"}, not "
                    + partition);
        }
        KvNames.checkBucket(bucket);
        KvNames.checkFilter(filter);
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
     * The furthest of several positions that all cover the same keys: each says that everything up to its revision has been delivered.
     * Revisions compare only within one incarnation of the bucket; the youngest incarnation wins.
     */
    static Optional<WatchStart> furthest(Collection<WatchStart> starts) {
        return starts.stream().reduce((a, b) -> {
            int incarnations = createdOf(a).compareTo(createdOf(b));
            boolean first = incarnations == 0 ? revisionOf(a) >= revisionOf(b) : incarnations > 0;
            return first ? a : b;
        });
    }

    private static Instant createdOf(WatchStart start) {
        return start instanceof WatchStart.After after ? after.position().created() : Instant.MIN;
    }

    private static long revisionOf(WatchStart start) {
        if (start instanceof WatchStart.After after) {
            return after.position().revision();
        }
        return start instanceof WatchStart.FromRevision from ? from.revision() - 1 : 0;
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
