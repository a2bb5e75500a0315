package io.natskv.connect.source;

import io.natskv.core.key.KeyFilter;
import io.natskv.core.watch.WatchPosition;
import io.natskv.core.watch.WatchStart;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where an assignment goes on.
 *
 * @param start of its watch
 * @param delivered what was delivered already beyond that, under other filters: not to be repeated
 * @param marks that were stored beside the position
 * @param fresh true if nothing of it was read before
 * @param note the source partition under which the filter is to be noted with the next record; empty if it is, or can't be
 */
record StartingPoint(
        WatchStart start,
        List<Delivered> delivered,
        OffsetMarks marks,
        boolean fresh,
        Optional<Map<String, String>> note) {
    StartingPoint {
        delivered = List.copyOf(delivered);
    }

    /**
     * Everything that a filter selects, up to a position.
     *
     * @param filter which keys
     * @param position up to where
     */
    record Delivered(KeyFilter filter, WatchPosition position) {}
}
