package io.natskv.connect.sink.delivery;

import io.nats.client.api.StreamConfiguration;
import io.natskv.connect.sink.config.BucketSettings;
import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the buckets that records go to: makes them if it is to, tells once where one differs, and refuses one that can't do what is asked. Thread-safe. */
public final class BucketOpener {
    private static final Logger LOG = LoggerFactory.getLogger(BucketOpener.class);

    private final BucketSettings settings;
    private final boolean timesToLive;
    private final Set<String> told = ConcurrentHashMap.newKeySet();

    public BucketOpener(SinkConfig config) {
        settings = config.buckets();
        timesToLive = config.recordTtl().isPresent();
    }

    /**
     * Opens a bucket, without blocking.
     *
     * @return fails with {@link BucketNotFoundException} if it is missing and not to be made, with a fatal {@link KvException} if it can't do what
     *     the settings ask, or with what the server says
     */
    public CompletableFuture<SinkBucket> open(KvConnection connection, String name) {
        KvBuckets buckets = new KvBuckets(connection);
        CompletableFuture<KvBucket> opening = buckets.openAsync(name);
        if (settings.create()) {
            opening = opening.handle((bucket, error) -> error == null
                            ? CompletableFuture.completedFuture(bucket)
                            : KvErrors.translate(error, "") instanceof BucketNotFoundException
                                    ? created(buckets, name)
                                    : CompletableFuture.<KvBucket>failedFuture(error))
                    .thenCompose(future -> future);
        }
        return opening.thenCompose(bucket -> bucket.statusAsync().thenApply(status -> {
            SinkBucket opened = new SinkBucket(bucket, status.stream().getConfiguration(), System.nanoTime());
            problem(opened.config()).ifPresent(text -> {
                throw new KvException(ErrorClass.FATAL, text);
            });
            tellDifferences(name, opened.config());
            return opened;
        }));
    }

    private CompletableFuture<KvBucket> created(KvBuckets buckets, String name) {
        return buckets.createAsync(settings.of(name))
                .thenApply(bucket -> {
                    LOG.info("Created bucket \"{}\"", name);
                    told.add(name);
                    return bucket;
                })
                .handle((bucket, error) -> error == null
                        ? CompletableFuture.completedFuture(bucket)
                        // Another task was faster.
                        : KvErrors.isCode(error, KvErrors.STREAM_EXISTS)
                                ? buckets.openAsync(name)
                                : CompletableFuture.<KvBucket>failedFuture(error))
                .thenCompose(future -> future);
    }

    /** Why the settings can't be used with this bucket. */
    public Optional<String> problem(StreamConfiguration found) {
        if (found.getMirror() == null
                && (found.getSubjects() == null || found.getSubjects().isEmpty())) {
            return Optional.of("Bucket of stream " + found.getName()
                    + " has no subjects of its own: it is filled from its sources, and nothing can be written to it. Give it the subjects of a "
                    + "bucket, $KV.<bucket>.>, or write to where it comes from");
        }
        if (!timesToLive) {
            return Optional.empty();
        }
        String bucket =
                "Bucket of stream " + found.getName() + ": " + SinkConfig.RECORD_TTL + " can't be used, because ";
        if (!found.getAllowMessageTtl()) {
            return Optional.of(bucket
                    + "its entries have no times to live of their own: set limit markers (server 2.11; nats stream edit "
                    + found.getName() + " --allow-msg-ttl --subject-del-markers-ttl 1h), or " + BucketSettings.CREATE
                    + " with "
                    + BucketSettings.LIMIT_MARKER_TTL_MS);
        }
        return found.getMaxMsgsPerSubject() == 1
                ? Optional.empty()
                : Optional.of(
                        bucket + "it keeps " + found.getMaxMsgsPerSubject()
                                + " revisions of a key: when the last one expires an older value would come back to light. Its history must be 1");
    }

    /** Where the bucket differs from what the settings ask for. */
    public List<String> differences(StreamConfiguration found) {
        return settings.differences(found);
    }

    private void tellDifferences(String name, StreamConfiguration found) {
        List<String> differences = differences(found);
        if (!differences.isEmpty() && told.add(name)) {
            LOG.warn("Bucket \"{}\" is not as asked for: {}. It stays as it is", name, String.join(", ", differences));
        }
    }
}
