package io.natskv.connect.source;

import io.natskv.connect.source.reconcile.Reconciliation;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.bucket.PreviousRevisions;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.watch.WatchStart;
import java.util.Map;
import java.util.concurrent.CompletionException;

/** Opens the watches of a task, with all that goes with each. */
final class WatchFactory {
    private final SourceConfig config;
    private final KvConnection connection;
    private final Undecodable undecodable;
    private final ControlRecords control;
    private final String name;

    /** @param name of connector and task, for threads and clients */
    WatchFactory(
            SourceConfig config,
            KvConnection connection,
            Undecodable undecodable,
            ControlRecords control,
            String name) {
        this.config = config;
        this.connection = connection;
        this.undecodable = undecodable;
        this.control = control;
        this.name = name;
    }

    /**
     * Opens a watch. It begins to work with the first read.
     *
     * @throws KvException if the bucket can't be opened
     */
    AssignedWatch open(Assignment assignment, StartingPoint point) {
        KvBucket bucket = bucket(assignment.bucket());
        Map<String, String> sourcePartition = SourceOffsets.partition(assignment);
        EntryRecords records = new EntryRecords(config, undecodable, sourcePartition);
        Notices notices = new Notices(assignment, sourcePartition, control, config.liveness());
        SideWork sideWork = new SideWork(
                records,
                notices,
                point.marks(),
                reconciliation(assignment, bucket),
                signal -> new Resnapshot(
                        signal, assignment, bucket.watch(config.watchOptions(signal.filter(), WatchStart.snapshot()))));
        return new AssignedWatch(
                assignment,
                reader(assignment, bucket, point),
                new NoteCarrier(assignment.filter(), point.note()),
                records,
                notices,
                sideWork,
                config.watch().onPositionLost(),
                point.fresh());
    }

    /** A watch of the signals; the bucket has to be there. */
    KvWatch signals(String bucket) {
        return new KvBuckets(connection)
                .open(bucket)
                .watch(WatchOptions.DEFAULT
                        .withFilters(config.liveness().signalFilters())
                        .withConsumerPrefix("kvsource-signals"));
    }

    /**
     * A bucket that was found by a pattern may be gone by now, or come back before the connector has noticed anything. Its watch waits for it; a
     * bucket that was named has to be there.
     */
    private KvBucket bucket(String bucket) {
        KvBuckets buckets = new KvBuckets(connection);
        try {
            return buckets.open(bucket);
        } catch (BucketNotFoundException e) {
            if (config.watch().bucketsPattern().isEmpty()) {
                throw e;
            }
            return buckets.assume(bucket);
        }
    }

    private EntryReader reader(Assignment assignment, KvBucket bucket, StartingPoint point) {
        PreviousRevisions previous = null;
        if (config.records().withPrevious()) {
            previous = new PreviousRevisions(connection, bucket);
            check(previous, bucket);
        }
        return new EntryReader(
                bucket.watch(config.watchOptions(assignment.filter(), point.start())),
                previous,
                DeliveredAlready.confirmed(point.delivered(), bucket),
                config.flow().bufferMaxBytes());
    }

    private static void check(PreviousRevisions previous, KvBucket bucket) {
        try {
            previous.check().join();
        } catch (CompletionException e) {
            KvException error = KvErrors.translate(e, "read history of bucket \"" + bucket.name() + "\"");
            if (!(error instanceof BucketNotFoundException)) {
                throw error;
            }
        }
    }

    /** Null without. */
    private Reconciliation reconciliation(Assignment assignment, KvBucket bucket) {
        if (!config.reconcile().isOn()) {
            return null;
        }
        RecordSettings records = config.records();
        return new Reconciliation(
                bucket,
                assignment.filter(),
                // A topic that depends on the key is refused.
                new TopicNames(records.topicTemplate()).of(assignment.bucket(), "any"),
                records.keyMapping(),
                config.reconcile(),
                "bucket \"" + assignment.bucket() + "\", keys \""
                        + assignment.filter().pattern() + "\"",
                name + "-reconcile");
    }
}
