package io.natskv.connect.sink.exactlyonce;

import io.nats.client.api.StreamConfiguration;
import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.delivery.WriteProbe;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvException;
import io.natskv.core.key.BucketSubjects;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks whether a bucket that is there can be written exactly once; changes nothing. */
public final class BucketChecks implements BiFunction<KvConnection, String, CompletableFuture<Void>> {
    private static final Logger LOG = LoggerFactory.getLogger(BucketChecks.class);

    private final ExactlyOnceConfig config;

    public BucketChecks(SinkConfig settings) {
        this.config = new ExactlyOnceConfig(settings);
    }

    /** @return fails with a {@link KvException} that tells the reason */
    @Override
    public CompletableFuture<Void> apply(KvConnection connection, String bucket) {
        return connection
                .api()
                .streamInfo(BucketSubjects.streamOf(bucket))
                .thenAccept(info -> check(bucket, info.getConfiguration()))
                .thenCompose(ok -> checkPermission(connection, bucket));
    }

    private CompletableFuture<Void> checkPermission(KvConnection connection, String bucket) {
        String name = OffsetName.of(config.id(), new TopicPartition("validate", 0));
        String subject = BucketSubjects.of(bucket, connection.api().prefix()).offsetsWriteSubject(name);
        return WriteProbe.refusal(connection, subject)
                .thenAccept(refused -> refused.ifPresent(refusal -> {
                    throw refusal;
                }));
    }

    private void check(String bucket, StreamConfiguration stream) {
        BucketRefusals.of(bucket, stream, config.allowsRepublish()).ifPresent(reason -> {
            throw new KvException(ErrorClass.FATAL, reason);
        });
        if (stream.getMaxBytes() > 0) {
            LOG.warn(
                    "Bucket {} has a size limit, max_bytes={}: a batch needs all its bytes free, up to {} ({}), also where it replaces what is "
                            + "there. A bucket that is nearly full is written by smaller batches, a full one not at all",
                    bucket,
                    stream.getMaxBytes(),
                    config.batchMaxBytes(),
                    ExactlyOnceConfig.BATCH_MAX_BYTES);
        }
    }
}
