package io.natskv.core.bucket;

import io.nats.client.api.CompressionOption;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.natskv.core.connection.JetStreamApi;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.FeatureUnsupportedException;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.NotAKvBucketException;
import io.natskv.core.key.BucketSubjects;
import io.natskv.core.key.KvNames;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The buckets of one account and JetStream domain: open, create, delete, list. Async first; {@link Await} waits. */
public final class KvBuckets {
    private static final String STREAM_PREFIX = "KV_";
    private static final Duration DUPLICATE_WINDOW = Duration.ofMinutes(2);

    private final KvConnection connection;
    private final JetStreamApi api;

    public KvBuckets(KvConnection connection) {
        this.connection = connection;
        this.api = connection.api();
    }

    /**
     * Opens a bucket that is there.
     *
     * @throws BucketNotFoundException if there is none of that name
     * @throws NotAKvBucketException if the stream behind the name is no KV bucket
     */
    public KvBucket open(String bucket) {
        return Await.result(openAsync(bucket), "open bucket \"" + bucket + "\"");
    }

    /** {@link #open} as a future. */
    public CompletableFuture<KvBucket> openAsync(String bucket) {
        BucketSubjects subjects = BucketSubjects.of(bucket, api.prefix());
        return api.streamInfo(subjects.stream()).handle((info, error) -> {
            if (error != null) {
                throw KvErrors.isCode(error, KvErrors.STREAM_NOT_FOUND)
                        ? new BucketNotFoundException(bucket, subjects.stream())
                        : KvErrors.translate(error, "open bucket \"" + bucket + "\"");
            }
            checkShape(bucket, info);
            return new KvBucket(connection, subjects);
        });
    }

    /**
     * Creates a bucket, or opens it if it is there with the same settings.
     *
     * @throws io.natskv.core.error.KvServerException code 10058 if it is there with others
     * @throws FeatureUnsupportedException if the server lacks a feature that is asked for
     */
    public KvBucket create(BucketConfig config) {
        return Await.result(createAsync(config), "create bucket \"" + config.bucket() + "\"");
    }

    /** {@link #create} as a future. */
    public CompletableFuture<KvBucket> createAsync(BucketConfig config) {
        String version = connection.nats().getServerInfo().getVersion();
        if (config.compression() && !connection.nats().getServerInfo().isSameOrNewerThanVersion("2.10.0")) {
            return CompletableFuture.failedFuture(
                    new FeatureUnsupportedException("Compression of a bucket", "2.10", version));
        }
        return api.createStream(streamOf(config))
                .thenApply(info -> new KvBucket(connection, BucketSubjects.of(config.bucket(), api.prefix())));
    }

    /**
     * Deletes a bucket with everything in it.
     *
     * @throws BucketNotFoundException if there is none of that name
     */
    public void delete(String bucket) {
        Await.result(deleteAsync(bucket), "delete bucket \"" + bucket + "\"");
    }

    /** {@link #delete} as a future. */
    public CompletableFuture<Void> deleteAsync(String bucket) {
        String stream = BucketSubjects.streamOf(KvNames.checkBucket(bucket));
        return api.deleteStream(stream).handle((done, error) -> {
            if (error != null) {
                throw KvErrors.isCode(error, KvErrors.STREAM_NOT_FOUND)
                        ? new BucketNotFoundException(bucket, stream)
                        : KvErrors.translate(error, "delete bucket \"" + bucket + "\"");
            }
            return null;
        });
    }

    /** The names of all buckets that have subjects of their own (all but mirrors), sorted. */
    public List<String> names() {
        return Await.result(namesAsync(), "list buckets");
    }

    /** {@link #names} as a future. */
    public CompletableFuture<List<String>> namesAsync() {
        return page(new ArrayList<>())
                .thenApply(streams -> streams.stream()
                        .filter(name -> name.startsWith(STREAM_PREFIX))
                        .map(name -> name.substring(STREAM_PREFIX.length()))
                        .sorted()
                        .toList());
    }

    private CompletableFuture<List<String>> page(List<String> found) {
        return api.streamNames("$KV.*.>", found.size()).thenCompose(names -> {
            if (names.isEmpty()) {
                return CompletableFuture.completedFuture(found);
            }
            found.addAll(names);
            return page(found);
        });
    }

    private static void checkShape(String bucket, StreamInfo info) {
        if (info.getConfiguration().getMaxMsgsPerSubject() < 1) {
            throw new NotAKvBucketException(bucket, "it keeps no last value per subject (max_msgs_per_subject)");
        }
    }

    private static StreamConfiguration streamOf(BucketConfig config) {
        StreamConfiguration.Builder stream = StreamConfiguration.builder()
                .name(BucketSubjects.streamOf(config.bucket()))
                .subjects("$KV." + config.bucket() + ".>")
                .maxMessagesPerSubject(config.history())
                .maxBytes(config.maxBytes())
                .maximumMessageSize(config.maxValueSize())
                .storageType(config.storage())
                .replicas(config.replicas())
                .discardPolicy(DiscardPolicy.New)
                .allowRollup(true)
                .denyDelete(true)
                .allowDirect(true)
                .description(config.description().isEmpty() ? null : config.description())
                // ADR-8: the window may not be longer than the bucket keeps anything.
                .duplicateWindow(config.ttl()
                        .filter(ttl -> ttl.compareTo(DUPLICATE_WINDOW) < 0)
                        .orElse(DUPLICATE_WINDOW));
        config.ttl().ifPresent(stream::maxAge);
        if (config.compression()) {
            stream.compressionOption(CompressionOption.S2);
        }
        return stream.build();
    }
}
