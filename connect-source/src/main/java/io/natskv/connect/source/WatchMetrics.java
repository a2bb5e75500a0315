package io.natskv.connect.source;

import io.natskv.core.connect.ConnectMetrics;
import io.natskv.core.connect.MetricSet;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.watch.WatchStats;
import java.util.LinkedHashMap;
import java.util.Map;

/** The metrics of a task: its connection's, and those of each bucket and filter. */
final class WatchMetrics {
    private WatchMetrics() {}

    static void register(ConnectMetrics metrics, KvConnection connection, Undecodable undecodable) {
        metrics.register(
                Map.of(),
                new MetricSet()
                        .gauge(
                                "connected",
                                "1 while there is a connection to NATS",
                                () -> connection.isConnected() ? 1 : 0)
                        .gauge("reconnects-total", "How often the connection was made again", connection::reconnects)
                        .gauge(
                                "records-undecodable-total",
                                "Entries that were left out or given to the dead-letter topic",
                                undecodable::count));
    }

    static void register(ConnectMetrics metrics, AssignedWatch watch) {
        Map<String, String> tags = new LinkedHashMap<>();
        tags.put("bucket", watch.assignment().bucket());
        tags.put("filter", watch.assignment().filter().pattern());
        MetricSet set = new MetricSet();
        addProgress(set, watch);
        addState(set, watch);
        addRecords(set, watch);
        metrics.register(tags, set);
    }

    private static void addProgress(MetricSet set, AssignedWatch watch) {
        set.gauge("lag-revisions", "Entries that are not handed over yet, on the server and here", () -> lag(watch))
                .gauge(
                        "lag-ms",
                        "Age of the last entry that was handed over, while there are more; else 0",
                        () -> lag(watch) == 0 ? 0 : watch.positionAgeMs())
                .gauge("position-age-ms", "Age of the last entry that was handed over", watch::positionAgeMs)
                .gauge(
                        "position-revision",
                        "Revision up to which everything was handed over, also before a restart",
                        watch::positionRevision)
                .gauge(
                        "buffered-records",
                        "Entries that wait in the task",
                        () -> watch.stats().bufferedEntries())
                .gauge(
                        "buffered-bytes",
                        "Bytes that they take",
                        () -> watch.stats().bufferedBytes())
                .gauge("snapshot-running", "1 while a snapshot is read", () -> number(watch.inSnapshot()))
                .gauge("snapshot-records", "Entries of the present or last snapshot so far", watch::snapshotRecords)
                .gauge(
                        "snapshot-remaining",
                        "Entries of the present snapshot that are still to come",
                        () -> watch.inSnapshot() ? lag(watch) : 0);
    }

    private static void addState(MetricSet set, AssignedWatch watch) {
        set.gauge(
                        "watching",
                        "1 while changes are delivered",
                        () -> number(watch.stats().state() == WatchStats.State.WATCHING
                                && watch.stats().unavailableFor().isZero()))
                .gauge("paused", "1 while a signal keeps it from reading", () -> number(watch.isPaused()))
                .gauge(
                        "unavailable-ms",
                        "How long the present outage lasts",
                        () -> watch.stats().unavailableFor().toMillis())
                .gauge("outages-total", "How often delivery was interrupted", watch::outages)
                .gauge(
                        "consumer-recreations-total",
                        "How often the consumer on the server was made again",
                        () -> watch.stats().recreations());
    }

    private static void addRecords(MetricSet set, AssignedWatch watch) {
        EntryRecords.Counts records = watch.recordCounts();
        SideWork.Counts side = watch.sideWorkCounts();
        set.counter("records-put", "Puts that were handed over", records.puts)
                .counter("records-delete", "Deletes that were handed over", records.deletes)
                .counter("records-purge", "Purges and expiries that were handed over", records.purges)
                .counter("records-left-out", "Entries of which no record was made", records.leftOut)
                .counter(
                        "reconciled-tombstones",
                        "Tombstones for keys that had vanished without a marker",
                        side.reconciledTombstones)
                .counter(
                        "reconciled-records",
                        "Records that were written again because the topic had none or an older one",
                        side.reconciledRecords)
                .gauge(
                        "reconcile-pending",
                        "1 while a reconciliation is due or under way",
                        () -> number(side.reconcilePending))
                .gauge("reconcile-running", "1 while one is under way", () -> number(side.reconciling))
                .gauge(
                        "signal-snapshot-running",
                        "1 while a snapshot is read that a signal asked for",
                        () -> number(side.inSnapshot))
                .counter("signal-snapshot-records", "Records of such snapshots", side.snapshotRecords);
    }

    private static long lag(AssignedWatch watch) {
        WatchStats stats = watch.stats();
        return stats.pending() + stats.bufferedEntries();
    }

    private static int number(boolean value) {
        return value ? 1 : 0;
    }
}
