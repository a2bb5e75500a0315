package io.natskv.connect.sink.exactlyonce;

import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvException;
import org.apache.kafka.common.TopicPartition;

/** The stored offset of a partition does not fit what Kafka holds. */
final class OffsetMismatch extends KvException {
    private static final long serialVersionUID = 1L;

    OffsetMismatch(TopicPartition partition, long next, String bucket, String why) {
        super(
                ErrorClass.FATAL,
                "Partition " + partition + " is stored in bucket \"" + bucket + "\" up to offset " + next + ", but "
                        + why
                        + ". To write what the topic holds now set " + ExactlyOnceConfig.ON_OFFSET_MISMATCH
                        + "=reset, or stop the connector and set its offsets over REST; what the bucket holds stays");
    }

    /** A record came below those that were read before. */
    static OffsetMismatch wentBack(OffsetStore store, StoredOffset stored, long offset, long position) {
        return new OffsetMismatch(
                stored.partition(),
                stored.next(),
                store.bucket(),
                "record " + offset + " came behind offset " + position
                        + ": the topic was deleted and made again, or has lost its end");
    }
}
