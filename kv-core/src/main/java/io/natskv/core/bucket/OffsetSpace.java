package io.natskv.core.bucket;

import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.natskv.core.connection.JetStreamApi;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.error.PermissionException;
import io.natskv.core.key.BucketSubjects;
import io.natskv.core.key.KvNames;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Room for offsets beside the keys of a bucket: the second subject space of {@link BucketSubjects#offsetsFilter}, in a stream that takes
 * atomic batches. So a writer can store what it wrote and up to where it has come in one step.
 */
public final class OffsetSpace {
    private static final String FEATURE = "Storing offsets together with the data (exactly once)";

    private OffsetSpace() {}

    /**
     * A bucket that has the room.
     *
     * @param info its stream
     * @param changed true if the stream had to be changed for it
     */
    public record Prepared(BucketSubjects subjects, StreamInfo info, boolean changed) {}

    /**
     * Makes the room where it is missing; every other setting of the stream stays. To be repeated when batches fail: an update from scratch by
     * another client drops the room, and nothing can be stored until it is there again.
     *
     * @param suitable looks at the bucket before it is changed; throws a {@link KvException} if it should not be
     * @return fails with what that throws, {@link io.natskv.core.error.FeatureUnsupportedException} below server 2.12, {@link BucketNotFoundException}, or a
     *     fatal {@link KvException} that names the command to run where this connection is not permitted to, or where the bucket can't have it
     */
    public static CompletableFuture<Prepared> prepare(
            KvConnection connection, String bucket, Consumer<StreamConfiguration> suitable) {
        BucketSubjects subjects =
                BucketSubjects.of(KvNames.checkBucket(bucket), connection.api().prefix());
        return requireLevel(connection)
                .thenCompose(ok -> connection.api().streamInfo(subjects.stream()))
                .thenCompose(info -> {
                    suitable.accept(info.getConfiguration());
                    return hasRoom(subjects, info)
                            ? CompletableFuture.completedFuture(new Prepared(subjects, info, false))
                            : makeRoom(connection, subjects, info);
                })
                .handle((prepared, error) -> {
                    if (error != null) {
                        throw failure(subjects, error);
                    }
                    return prepared;
                });
    }

    /** Fails with {@link io.natskv.core.error.FeatureUnsupportedException} below server 2.12. */
    public static CompletableFuture<Void> requireLevel(KvConnection connection) {
        return connection.requireLevel(2, FEATURE, "2.12");
    }

    /** True if a stream has room for offsets. */
    public static boolean hasRoom(BucketSubjects subjects, StreamInfo info) {
        StreamConfiguration config = info.getConfiguration();
        return config.getAllowAtomicPublish() && config.getSubjects().contains(subjects.offsetsFilter());
    }

    /** The state of a bucket, in which offsets don't count. */
    static CompletableFuture<BucketStatus> status(JetStreamApi api, BucketSubjects subjects, StreamInfo info) {
        return info.getConfiguration().getSubjects().contains(subjects.offsetsFilter())
                ? api.subjects(subjects.stream(), subjects.offsetsFilter())
                        .thenApply(counts -> BucketStatus.of(
                                info,
                                counts.values().stream()
                                        .mapToLong(Long::longValue)
                                        .sum()))
                : CompletableFuture.completedFuture(BucketStatus.of(info, 0));
    }

    /** A stream as it would be without room for offsets. */
    static StreamConfiguration without(StreamConfiguration found) {
        return StreamConfiguration.builder(found)
                .subjects(found.getSubjects().stream()
                        .filter(subject -> !subject.endsWith("=o.>"))
                        .toList())
                .build();
    }

    private static CompletableFuture<Prepared> makeRoom(
            KvConnection connection, BucketSubjects subjects, StreamInfo info) {
        if (info.getConfiguration().getMirror() != null) {
            throw new KvException(
                    ErrorClass.FATAL,
                    "Bucket \"" + subjects.bucket()
                            + "\" is a mirror, which can hold nothing of its own; write to its origin");
        }
        return connection
                .api()
                .updateStream(subjects.stream(), BucketStreams.withOffsets(info, subjects.offsetsFilter()))
                .handle((updated, error) -> {
                    if (error != null) {
                        throw notAllowed(subjects, info, KvErrors.translate(error, "change stream of bucket"));
                    }
                    if (!hasRoom(subjects, updated)) {
                        throw new KvException(
                                ErrorClass.FATAL,
                                "The server took the change of stream " + subjects.stream()
                                        + " and left out a part of it: it does not know atomic batches. All servers of the cluster have "
                                        + "to be 2.12 or later");
                    }
                    return new Prepared(subjects, updated, true);
                });
    }

    private static KvException notAllowed(BucketSubjects subjects, StreamInfo info, KvException error) {
        if (error.errorClass() == ErrorClass.TRANSIENT) {
            return error;
        }
        return new KvException(
                ErrorClass.FATAL,
                "Bucket \"" + subjects.bucket() + "\" has no room for offsets, and it can't be made: "
                        + error.getMessage()
                        + ". Have somebody run: " + command(subjects, info)
                        + (error instanceof PermissionException ? "" : ", or change what stands against it"),
                error);
    }

    /** What an administrator types to make the room. */
    private static String command(BucketSubjects subjects, StreamInfo info) {
        List<String> wanted = new ArrayList<>(info.getConfiguration().getSubjects());
        if (!wanted.contains(subjects.offsetsFilter())) {
            wanted.add(subjects.offsetsFilter());
        }
        return "nats stream edit " + subjects.stream() + " --subjects '" + String.join(",", wanted) + "' --allow-batch";
    }

    private static KvException failure(BucketSubjects subjects, Throwable error) {
        return KvErrors.isCode(error, KvErrors.STREAM_NOT_FOUND)
                ? new BucketNotFoundException(subjects.bucket(), subjects.stream())
                : KvErrors.translate(error, "prepare bucket \"" + subjects.bucket() + "\" for offsets");
    }
}
