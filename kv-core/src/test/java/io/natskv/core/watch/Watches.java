package io.natskv.core.watch;

import io.natskv.core.KvEntry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Reads watches in tests: until a condition holds, with a deadline that only a hanging test meets. */
final class Watches {
    static final Duration DEADLINE = Duration.ofSeconds(60);

    private Watches() {}

    /** All events up to and with the first that the condition accepts. */
    static List<WatchEvent> readUntil(KvWatch watch, Predicate<WatchEvent> last) {
        List<WatchEvent> events = new ArrayList<>();
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (System.nanoTime() < deadline) {
            WatchEvent event = watch.next(Duration.ofMillis(200));
            if (event != null) {
                events.add(event);
                if (last.test(event)) {
                    return events;
                }
            }
        }
        throw new AssertionError("Not seen within " + DEADLINE + "; last of " + events.size() + " events: "
                + events.subList(Math.max(0, events.size() - 5), events.size()) + ", " + watch.stats());
    }

    /** The entries up to the end of the snapshot. */
    static List<KvEntry> snapshot(KvWatch watch) {
        return entries(readUntil(watch, WatchEvent.SnapshotEnd.class::isInstance));
    }

    /** The next so many entries, skipping events of other kinds. */
    static List<KvEntry> take(KvWatch watch, int count) {
        int[] left = {count};
        return count == 0
                ? List.of()
                : entries(readUntil(watch, event -> event instanceof WatchEvent.Change && --left[0] == 0));
    }

    static List<KvEntry> entries(List<WatchEvent> events) {
        return events.stream()
                .filter(WatchEvent.Change.class::isInstance)
                .map(event -> ((WatchEvent.Change) event).entry())
                .toList();
    }
}
