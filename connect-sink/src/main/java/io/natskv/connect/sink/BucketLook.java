package io.natskv.connect.sink;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.delivery.BucketOpener;
import io.natskv.connect.sink.exactlyonce.BucketChecks;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvException;
import io.natskv.core.key.BucketSubjects;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks whether a bucket that is there can do what the settings ask, and tells where it differs; changes nothing. */
final class BucketLook implements BiFunction<KvConnection, String, CompletableFuture<Void>> {
    private static final Logger LOG = LoggerFactory.getLogger(BucketLook.class);

    private final BucketOpener opener;
    private final BiFunction<KvConnection, String, CompletableFuture<Void>> more;

    BucketLook(SinkConfig config) {
        opener = new BucketOpener(config);
        more = config.delivery() == SinkConfig.Delivery.EXACTLY_ONCE
                ? new BucketChecks(config)
                : (connection, bucket) -> CompletableFuture.completedFuture(null);
    }

    /** @return fails with a {@link KvException} that tells the reason */
    @Override
    public CompletableFuture<Void> apply(KvConnection connection, String bucket) {
        return connection.api().streamInfo(BucketSubjects.streamOf(bucket)).thenCompose(info -> {
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
        });
    }
}
