package io.natskv.soak.model;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * By when a reader, which goes through revisions in order, had passed one at the latest: when the first later one was seen of it. For one thread.
 */
final class ReadTimes {
    /** For each stretch of a reader: revision to the earliest time at which it or a later one was seen. */
    private final Map<String, TreeMap<Long, Instant>> times = new HashMap<>();

    /** @param stretch what is read in one order: incarnation and filter */
    void seen(String stretch, long revision, Instant time) {
        TreeMap<Long, Instant> known = times.computeIfAbsent(stretch, s -> new TreeMap<>());
        Map.Entry<Long, Instant> later = known.ceilingEntry(revision);
        if (later != null && !later.getValue().isAfter(time)) {
            return;
        }
        known.put(revision, time);
        // Those before, that were seen later than this one, tell no more than it.
        Map.Entry<Long, Instant> before = known.lowerEntry(revision);
        while (before != null && !before.getValue().isBefore(time)) {
            known.remove(before.getKey());
            before = known.lowerEntry(revision);
        }
    }

    /** @param otherwise if nothing later was seen */
    Instant passed(String stretch, long revision, Instant otherwise) {
        TreeMap<Long, Instant> known = times.get(stretch);
        Map.Entry<Long, Instant> later = known == null ? null : known.higherEntry(revision);
        return later == null ? otherwise : later.getValue();
    }
}
