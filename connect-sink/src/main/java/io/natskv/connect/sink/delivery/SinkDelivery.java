package io.natskv.connect.sink.delivery;

import java.util.Collection;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * Brings the records of a task to their buckets, under one delivery guarantee. Belongs to the task's thread: its methods are called one at a
 * time, as the worker calls the task's, and none of them may block longer than a second or two, whatever the server does.
 */
public interface SinkDelivery extends AutoCloseable {
    /**
     * Partitions come here. Must not fail: an exception in {@code open} fails the task, and nothing can be sought there.
     *
     * @param partitions those that are new; of those kept nothing is said
     */
    default void open(Collection<TopicPartition> partitions) {
        // at-least-once begins where the group's offsets stand
    }

    /**
     * Takes records over, and cares for those that are on their way; called without records too.
     *
     * @throws org.apache.kafka.connect.errors.ConnectException if the task can't go on
     */
    void put(Collection<SinkRecord> records);

    /**
     * The offsets that may be committed: up to where everything is stored. May wait a moment for what is in flight, because this may be the
     * last chance. Must not fail.
     *
     * @param current up to where the worker has handed records over, by partition
     */
    Map<TopicPartition, OffsetAndMetadata> committable(Map<TopicPartition, OffsetAndMetadata> current);

    /** Lets go of partitions: they belong to another task now, or the task stops. */
    void forget(Collection<TopicPartition> partitions);

    /** Ends everything; what is not acknowledged is given up. */
    @Override
    void close();
}
