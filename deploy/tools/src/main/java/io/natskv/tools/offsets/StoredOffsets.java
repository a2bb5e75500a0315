package io.natskv.tools.offsets;

import io.natskv.connect.sink.exactlyonce.StoredOffset;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.key.BucketSubjects;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;

/** The offsets that exactly-once sinks keep in their buckets. */
public final class StoredOffsets {
    private final KvConnection connection;

    /**
     * One of them.
     *
     * @param bucket where it is stored
     * @param subject under which
     * @param revision of its message
     * @param written when
     * @param offset what it says; null if it is none that this version can read
     */
    public record Held(String bucket, String subject, long revision, Instant written, StoredOffset offset) {}

    public StoredOffsets(KvConnection connection) {
        this.connection = connection;
    }

    /** Those of all buckets. */
    public List<Held> all() {
        try (Stream<String> names = new KvBuckets(connection).names()) {
            return names.sorted().toList().stream()
                    .flatMap(bucket -> ofOneThatMayBeGone(bucket).stream())
                    .toList();
        }
    }

    private List<Held> ofOneThatMayBeGone(String bucket) {
        try {
            return of(bucket);
        } catch (BucketNotFoundException e) {
            return List.of(); // deleted since it was listed
        }
    }

    /**
     * Those of a bucket, by id, topic and partition.
     *
     * @throws KvException if there is no such bucket, or it can't be read
     */
    public List<Held> of(String bucket) {
        BucketSubjects subjects = BucketSubjects.of(bucket, connection.api().prefix());
        List<Held> found = new ArrayList<>();
        try {
            for (String subject : await(connection.api().subjects(subjects.stream(), subjects.offsetsFilter()), bucket)
                    .keySet()) {
                var message = await(connection.api().lastMessage(subjects.stream(), subject), bucket);
                if (message != null) {
                    found.add(new Held(
                            bucket,
                            subject,
                            message.getSeq(),
                            message.getTime().toInstant(),
                            StoredOffset.parse(message.getData()).orElse(null)));
                }
            }
        } catch (KvException e) {
            throw KvErrors.isCode(e, KvErrors.STREAM_NOT_FOUND)
                    ? new BucketNotFoundException(bucket, subjects.stream())
                    : e;
        }
        found.sort(Comparator.comparing((Held held) ->
                        held.offset() == null ? "" : held.offset().id())
                .thenComparing(held ->
                        held.offset() == null ? "" : held.offset().partition().topic())
                .thenComparing(held ->
                        held.offset() == null ? 0 : held.offset().partition().partition()));
        return found;
    }

    /** Removes one, unless it was written again since; true if it is gone. */
    public boolean remove(Held held) {
        BucketSubjects subjects =
                BucketSubjects.of(held.bucket(), connection.api().prefix());
        await(connection.api().purge(subjects.stream(), held.subject(), held.revision() + 1), held.bucket());
        return await(connection.api().lastMessage(subjects.stream(), held.subject()), held.bucket()) == null;
    }

    private static <T> T await(CompletableFuture<T> future, String bucket) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw KvErrors.translate(e, "stored offsets of bucket \"" + bucket + "\"");
        }
    }
}
