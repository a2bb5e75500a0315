package io.natskv.connect.sink.exactlyonce;

import io.natskv.core.error.KvException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is told of a partition. */
final class LaneLog {
    private static final Logger LOG = LoggerFactory.getLogger(LaneLog.class);

    private final TopicPartition partition;

    LaneLog(TopicPartition partition) {
        this.partition = partition;
    }

    void claimed(OffsetStore store, StoredOffset offset) {
        LOG.info(
                "Claimed partition {} in bucket {}, epoch {}, {}",
                partition,
                store.bucket(),
                offset.epoch(),
                offset.next() == StoredOffset.NONE
                        ? "from where the consumer group stands"
                        : "from offset " + offset.next());
    }

    void wentBack(long offset, long position) {
        LOG.warn(
                "Record {} of partition {} came behind offset {}: the topic was deleted and made again, or has lost its end. Going on with it "
                        + "({}=reset)",
                offset,
                partition,
                position,
                ExactlyOnceConfig.ON_OFFSET_MISMATCH);
    }

    void fenced(OffsetStore store, StoredOffset held, StoredOffset found) {
        LOG.warn(
                "Partition {} in bucket {} was claimed by another task (epoch {}, ours {}). If it stays assigned to this task, it is claimed back",
                partition,
                store.bucket(),
                found.epoch(),
                held.epoch());
    }

    void purged(OffsetStore store, StoredOffset held) {
        LOG.warn(
                "The offset of partition {} is gone from bucket {}: it was purged. Going on at offset {}",
                partition,
                store.bucket(),
                held.next());
    }

    void triesAgain(KvException error) {
        LOG.info("Partition {} has to try again: {}", partition, error.getMessage());
    }

    /** With the number of free bytes, for which the server is asked. */
    void blocked(OffsetStore store, long needed, KvException error) {
        store.freeBytes()
                .whenComplete((free, failure) -> LOG.warn(
                        "BLOCKED: bucket {} is full: the next record of partition {} needs {} bytes and its offset some 400 more, {} are free. "
                                + "It goes on when max_bytes is raised or the stream is purged; deleting keys frees nothing ({})",
                        store.bucket(),
                        partition,
                        needed,
                        failure == null && free.isPresent() ? free.get() : "an unknown number",
                        error.getMessage()));
    }

    void goesOn(OffsetStore store) {
        LOG.info("Bucket {} has room again; partition {} goes on", store.bucket(), partition);
    }
}
