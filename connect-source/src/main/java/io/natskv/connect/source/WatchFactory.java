package io.natskv.connect.source;

import io.natskv.connect.source.reconcile.Reconciliation;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.bucket.PreviousRevisions;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.KvErrors;
import io.natskv.core.watch.WatchStart;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the watches of a task, with all that goes with each. */
final class WatchFactory {
    private static final Logger LOG = LoggerFactory.getLogger(WatchFactory.class);

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
     * @throws io.natskv.core.error.KvException if the bucket can't be opened
     */
    AssignedWatch open(Assignment assignment, StartingPoint point) {
        boolean named = config.watch().bucketsPattern().isEmpty();
        BucketAccess bucket = BucketAccess.open(connection, assignment.bucket(), named);
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

    private EntryReader reader(Assignment assignment, BucketAccess access, StartingPoint point) {
        KvBucket bucket =
                access.bucket().orElseGet(() -> new KvBuckets(connection).assume(assignment.bucket()));
        PreviousRevisions previous = null;
        if (config.records().withPrevious()) {
            previous = new PreviousRevisions(connection, bucket);
            if (access.bucket().isPresent()) {
                check(previous, bucket.name());
            }
        }
        return new EntryReader(
                bucket.watch(config.watchOptions(assignment.filter(), point.start())),
                previous,
                DeliveredAlready.confirmed(point.delivered(), bucket),
                config.flow().bufferMaxBytes());
    }

    private static void check(PreviousRevisions previous, String bucket) {
        try {
            previous.check().join();
        } catch (CompletionException e) {
            throw KvErrors.translate(e, "read history of bucket \"" + bucket + "\"");
        }
    }

    /** Null without. */
    private Reconciliation reconciliation(Assignment assignment, BucketAccess bucket) {
        if (!config.reconcile().isOn()) {
            return null;
        }
        if (bucket.bucket().isEmpty()) {
            LOG.warn("Bucket \"{}\" is not there; it is reconciled after the task's next start", assignment.bucket());
            return null;
        }
        RecordSettings records = config.records();
        return new Reconciliation(
                bucket.bucket().get(),
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
