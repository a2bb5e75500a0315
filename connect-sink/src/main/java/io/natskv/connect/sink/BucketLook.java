package io.natskv.connect.sink;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.delivery.BucketOpener;
import io.natskv.connect.sink.delivery.WriteProbe;
import io.natskv.connect.sink.exactlyonce.BucketChecks;
import io.natskv.core.bucket.OffsetSpace;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvException;
import io.natskv.core.key.BucketSubjects;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks whether the server, and a bucket that is there, can do what the settings ask, and tells where it differs; changes nothing. */
final class BucketLook implements BiFunction<KvConnection, String, CompletableFuture<Void>> {
    private static final Logger LOG = LoggerFactory.getLogger(BucketLook.class);

    /** A key to try. */
    private static final String KEY = "nats-kv-validate";

    private final BucketOpener opener;
    private final boolean readsLeader;
    private final Function<KvConnection, CompletableFuture<Void>> server;
    private final BiFunction<KvConnection, String, CompletableFuture<Void>> more;

    BucketLook(SinkConfig config) {
        boolean exactlyOnce = config.delivery() == SinkConfig.Delivery.EXACTLY_ONCE;
        opener = new BucketOpener(config);
        readsLeader = exactlyOnce || config.getBoolean(SinkConfig.GUARD);
        server = exactlyOnce ? OffsetSpace::requireLevel : connection -> CompletableFuture.completedFuture(null);
        more = exactlyOnce ? new BucketChecks(config) : (connection, bucket) -> CompletableFuture.completedFuture(null);
    }

    /** @return fails with a {@link KvException} that tells the reason */
    @Override
    public CompletableFuture<Void> apply(KvConnection connection, String bucket) {
        return server.apply(connection)
                .thenCompose(ok -> connection.api().streamInfo(BucketSubjects.streamOf(bucket)))
                .thenCompose(info -> {
                    opener.problem(info.getConfiguration()).ifPresent(reason -> {
                        throw new KvException(ErrorClass.FATAL, reason);
                    });
                    List<String> differences = opener.differences(info.getConfiguration());
                    if (!differences.isEmpty()) {
                        LOG.warn(
                                "Bucket \"{}\" is not as asked for: {}. It would stay as it is",
                                bucket,
                                String.join(", ", differences));
                    }
                    return more.apply(connection, bucket);
                })
                .thenCompose(ok -> permissions(connection, bucket));
    }

    /** What a task would come upon later: reads of the leader are needed only once a write met another revision. */
    private CompletableFuture<Void> permissions(KvConnection connection, String bucket) {
        BucketSubjects subjects = BucketSubjects.of(bucket, connection.api().prefix());
        CompletableFuture<Void> write = WriteProbe.refusal(connection, subjects.writeSubject(KEY))
                .thenAccept(refused -> refused.ifPresent(refusal -> LOG.warn(
                        "{}, unless all keys that the connector will write to bucket \"{}\" are among those that this user may write",
                        refusal.getMessage(),
                        bucket)));
        CompletableFuture<?> read =
                readsLeader ? connection.api().lastMessage(subjects.stream(), subjects.readSubject(KEY)) : write;
        return write.thenCombine(read, (written, found) -> null);
    }
}
