package io.natskv.core.bucket;

import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.ServerInfo;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.natskv.core.connection.JetStreamApi;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.FeatureUnsupportedException;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.error.NotAKvBucketException;
import io.natskv.core.key.BucketSubjects;
import io.natskv.core.key.KvNames;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The buckets of one account and JetStream domain: open, create, update, delete, list. Async first; the others wait for the future. */
public final class KvBuckets {
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
        String stream = BucketSubjects.streamOf(KvNames.checkBucket(bucket));
        return api.streamInfo(stream).handle((info, error) -> {
            if (error != null) {
                throw failure(error, bucket, "open");
            }
            BucketStreams.checkShape(bucket, info);
            return bucketOf(bucket, info);
        });
    }

    /** A bucket of that name, whether it is there or not, as long as it is no mirror: its subjects are taken to be the usual ones. */
    public KvBucket assume(String bucket) {
        return new KvBucket(connection, BucketSubjects.of(KvNames.checkBucket(bucket), api.prefix()));
    }

    /**
     * Creates a bucket, or opens it if it is there with the same settings. One of an old client that differs only in its discard policy
     * or in direct reads is brought up to date.
     *
     * @throws io.natskv.core.error.KvServerException code 10058 if it is there with other settings
     * @throws FeatureUnsupportedException if the server lacks a feature that is asked for; nothing was created then
     */
    public KvBucket create(BucketConfig config) {
        return Await.result(createAsync(config), "create bucket \"" + config.bucket() + "\"");
    }

    /** {@link #create} as a future. */
    public CompletableFuture<KvBucket> createAsync(BucketConfig config) {
        StreamConfiguration wanted = BucketStreams.configuration(config);
        return supported(config)
                .thenCompose(ok -> api.createStream(wanted))
                .handle((info, error) -> error == null
                        ? CompletableFuture.completedFuture(info)
                        : KvErrors.isCode(error, KvErrors.STREAM_EXISTS)
                                ? upgraded(wanted, error)
                                : CompletableFuture.<StreamInfo>failedFuture(failure(error, config.bucket(), "create")))
                .thenCompose(future -> future)
                .thenApply(info -> bucketOf(config.bucket(), info));
    }

    private CompletableFuture<StreamInfo> upgraded(StreamConfiguration wanted, Throwable exists) {
        return api.streamInfo(wanted.getName()).thenCompose(info -> {
            StreamConfiguration found = info.getConfiguration();
            if (BucketStreams.differences(wanted, OffsetSpace.without(found)).isEmpty()) {
                return CompletableFuture.completedFuture(info); // all the same but for room for offsets
            }
            boolean old = found.getDiscardPolicy() != DiscardPolicy.New || !found.getAllowDirect();
            StreamConfiguration modern = StreamConfiguration.builder(found)
                    .discardPolicy(DiscardPolicy.New)
                    .allowDirect(true)
                    .build();
            return old && BucketStreams.differences(wanted, modern).isEmpty()
                    ? api.updateStream(modern)
                    : CompletableFuture.failedFuture(exists);
        });
    }

    /**
     * Changes the settings of a bucket that is there. What other tools have set beyond those of {@link BucketConfig} stays.
     *
     * @throws BucketNotFoundException if there is none of that name
     * @throws KvException if the server does not allow the change (storage, for example)
     */
    public KvBucket update(BucketConfig config) {
        return Await.result(updateAsync(config), "update bucket \"" + config.bucket() + "\"");
    }

    /** {@link #update} as a future. */
    public CompletableFuture<KvBucket> updateAsync(BucketConfig config) {
        StreamConfiguration wanted = BucketStreams.configuration(config);
        return supported(config)
                .thenCompose(ok -> api.streamInfo(wanted.getName()))
                .thenCompose(info -> api.updateStream(wanted.getName(), BucketStreams.merged(info, wanted)))
                .handle((info, error) -> {
                    if (error != null) {
                        throw failure(error, config.bucket(), "update");
                    }
                    return bucketOf(config.bucket(), info);
                });
    }

    /**
     * Lets a bucket take atomic batches (ADR-50); its other settings stay as they are.
     *
     * @throws FeatureUnsupportedException if the server is older than 2.12
     */
    public void allowBatches(String bucket) {
        String stream = BucketSubjects.streamOf(KvNames.checkBucket(bucket));
        Await.result(
                connection
                        .requireLevel(2, "A bucket that takes atomic batches", "2.12")
                        .thenCompose(ok -> api.streamInfo(stream))
                        .thenCompose(info -> info.getConfiguration().getAllowAtomicPublish()
                                ? CompletableFuture.completedFuture(info)
                                : api.updateStream(stream, BucketStreams.allowingBatches(info)))
                        .handle((info, error) -> {
                            if (error != null) {
                                throw failure(error, bucket, "allow batches in");
                            }
                            return info;
                        }),
                "allow batches in bucket \"" + bucket + "\"");
    }

    /** Creates a bucket, or changes the settings of the one that is there. */
    public KvBucket createOrUpdate(BucketConfig config) {
        return Await.result(createOrUpdateAsync(config), "create or update bucket \"" + config.bucket() + "\"");
    }

    /** {@link #createOrUpdate} as a future. */
    public CompletableFuture<KvBucket> createOrUpdateAsync(BucketConfig config) {
        return updateAsync(config)
                .handle((bucket, error) -> error == null
                        ? CompletableFuture.completedFuture(bucket)
                        : KvErrors.translate(error, "") instanceof BucketNotFoundException
                                ? createAsync(config)
                                : CompletableFuture.<KvBucket>failedFuture(error))
                .thenCompose(future -> future);
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
                throw failure(error, bucket, "delete");
            }
            return null;
        });
    }

    /** The names of all buckets that have subjects of their own (all but mirrors), page by page as they are read. */
    public Stream<String> names() {
        return pages(offset -> api.streamNames(BucketStreams.subjectsOf("*"), offset), "list buckets")
                .filter(name -> name.startsWith(BucketStreams.PREFIX))
                .map(BucketStreams::bucketOf);
    }

    /** The states of all buckets that have subjects of their own (all but mirrors), page by page as they are read. */
    public Stream<BucketStatus> statuses() {
        return pages(offset -> api.streams(BucketStreams.subjectsOf("*"), offset), "list buckets")
                .filter(info -> info.getConfiguration().getName().startsWith(BucketStreams.PREFIX))
                .map(info -> Await.result(
                        OffsetSpace.status(
                                api,
                                BucketSubjects.of(
                                        BucketStreams.bucketOf(
                                                info.getConfiguration().getName()),
                                        api.prefix()),
                                info),
                        "list buckets"));
    }

    private static <T> Stream<T> pages(IntFunction<CompletableFuture<List<T>>> page, String action) {
        Iterator<T> all = new Iterator<>() {
            private Iterator<T> current = List.<T>of().iterator();
            private int offset;
            private boolean ended;

            @Override
            public boolean hasNext() {
                if (!current.hasNext() && !ended) {
                    List<T> next = Await.result(page.apply(offset), action);
                    offset += next.size();
                    ended = next.isEmpty();
                    current = new ArrayList<>(next).iterator();
                }
                return current.hasNext();
            }

            @Override
            public T next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return current.next();
            }
        };
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(all, Spliterator.ORDERED), false);
    }

    private KvBucket bucketOf(String bucket, StreamInfo info) {
        return new KvBucket(connection, BucketStreams.subjects(bucket, info, api.prefix()));
    }

    /** Refuses by name what the server lacks: an old one would ignore it without a word. */
    private CompletableFuture<Void> supported(BucketConfig config) {
        ServerInfo server = connection.nats().getServerInfo();
        boolean from210 = server.isSameOrNewerThanVersion("2.10.0");
        String lacking = from210
                ? null
                : config.compression()
                        ? "Compression of a bucket"
                        : !config.sources().isEmpty()
                                ? "A bucket with sources"
                                : config.metadata().isEmpty() ? null : "Metadata of a bucket";
        if (lacking != null) {
            return CompletableFuture.failedFuture(
                    new FeatureUnsupportedException(lacking, "2.10", server.getVersion()));
        }
        return config.limitMarkerTtl().isEmpty()
                ? CompletableFuture.completedFuture(null)
                : connection.requireLevel(1, "Limit markers of a bucket", "2.11");
    }

    private static KvException failure(Throwable error, String bucket, String verb) {
        return KvErrors.isCode(error, KvErrors.STREAM_NOT_FOUND)
                ? new BucketNotFoundException(bucket, BucketSubjects.streamOf(bucket))
                : KvErrors.translate(error, verb + " bucket \"" + bucket + "\"");
    }
}
