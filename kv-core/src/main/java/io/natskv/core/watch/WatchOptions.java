package io.natskv.core.watch;

import io.natskv.core.key.KeyFilter;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * What to watch and how.
 *
 * @param filters which keys; several need server 2.10
 * @param start where to begin
 * @param ignoreDeletes leave out markers
 * @param metaOnly leave out values; their length is in {@link io.natskv.core.KvEntry#valueLength()}
 * @param maxBufferedEntries how many entries may wait in this process for the reader
 * @param maxBufferedBytes how many bytes may wait for the reader, as the server counts them; a single larger entry still gets through
 * @param heartbeat how often the server gives a sign of life on an idle watch; a loss is noticed after about twice that
 * @param inactiveThreshold how long the server keeps the consumer of a watch that asks for nothing
 * @param consumerPrefix how the name of the server-side consumer begins
 */
public record WatchOptions(
        List<KeyFilter> filters,
        WatchStart start,
        boolean ignoreDeletes,
        boolean metaOnly,
        int maxBufferedEntries,
        long maxBufferedBytes,
        Duration heartbeat,
        Duration inactiveThreshold,
        String consumerPrefix) {

    /** All keys, snapshot then live, up to 10,000 entries and 16 MiB buffered. */
    public static final WatchOptions DEFAULT = new WatchOptions(
            List.of(KeyFilter.ALL),
            WatchStart.snapshot(),
            false,
            false,
            10_000,
            16L << 20,
            Duration.ofSeconds(2),
            Duration.ofMinutes(5),
            "kvwatch");

    public WatchOptions {
        filters = List.copyOf(filters);
        Objects.requireNonNull(start, "start");
        if (filters.isEmpty()) {
            throw new IllegalArgumentException("A watch needs at least one key filter");
        }
        for (int i = 0; i < filters.size(); i++) {
            for (int j = i + 1; j < filters.size(); j++) {
                if (filters.get(i).overlaps(filters.get(j))) {
                    throw new IllegalArgumentException("Key filters of one watch must not overlap: \""
                            + filters.get(i).pattern() + "\" and \""
                            + filters.get(j).pattern() + "\"");
                }
            }
        }
        if (maxBufferedEntries < 2 || maxBufferedBytes < 1024) {
            throw new IllegalArgumentException("A watch buffers at least 2 entries and 1024 bytes");
        }
        if (heartbeat.compareTo(Duration.ofMillis(100)) < 0) {
            throw new IllegalArgumentException("The heartbeat of a watch must be 100 ms or more");
        }
        if (!consumerPrefix.matches("[A-Za-z0-9_-]{1,64}")) {
            throw new IllegalArgumentException("The consumer prefix must be 1 to 64 letters, digits, - or _");
        }
    }

    public WatchOptions withFilters(List<KeyFilter> value) {
        return new WatchOptions(
                value,
                start,
                ignoreDeletes,
                metaOnly,
                maxBufferedEntries,
                maxBufferedBytes,
                heartbeat,
                inactiveThreshold,
                consumerPrefix);
    }

    public WatchOptions withStart(WatchStart value) {
        return new WatchOptions(
                filters,
                value,
                ignoreDeletes,
                metaOnly,
                maxBufferedEntries,
                maxBufferedBytes,
                heartbeat,
                inactiveThreshold,
                consumerPrefix);
    }

    public WatchOptions withIgnoreDeletes(boolean value) {
        return new WatchOptions(
                filters,
                start,
                value,
                metaOnly,
                maxBufferedEntries,
                maxBufferedBytes,
                heartbeat,
                inactiveThreshold,
                consumerPrefix);
    }

    public WatchOptions withMetaOnly(boolean value) {
        return new WatchOptions(
                filters,
                start,
                ignoreDeletes,
                value,
                maxBufferedEntries,
                maxBufferedBytes,
                heartbeat,
                inactiveThreshold,
                consumerPrefix);
    }

    public WatchOptions withBuffer(int entries, long bytes) {
        return new WatchOptions(
                filters, start, ignoreDeletes, metaOnly, entries, bytes, heartbeat, inactiveThreshold, consumerPrefix);
    }

    public WatchOptions withHeartbeat(Duration value) {
        return new WatchOptions(
                filters,
                start,
                ignoreDeletes,
                metaOnly,
                maxBufferedEntries,
                maxBufferedBytes,
                value,
                inactiveThreshold,
                consumerPrefix);
    }

    public WatchOptions withInactiveThreshold(Duration value) {
        return new WatchOptions(
                filters,
                start,
                ignoreDeletes,
                metaOnly,
                maxBufferedEntries,
                maxBufferedBytes,
                heartbeat,
                value,
                consumerPrefix);
    }

    public WatchOptions withConsumerPrefix(String value) {
        return new WatchOptions(
                filters,
                start,
                ignoreDeletes,
                metaOnly,
                maxBufferedEntries,
                maxBufferedBytes,
                heartbeat,
                inactiveThreshold,
                value);
    }
}
