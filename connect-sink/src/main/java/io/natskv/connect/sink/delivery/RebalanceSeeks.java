package io.natskv.connect.sink.delivery;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.SinkTaskContext;

/**
 * Seeks that were asked for during a rebalance, in the middle of a poll. The worker seeks before its next poll; what this one still returns of
 * partitions that stay here was read before. For one thread.
 */
final class RebalanceSeeks {
    private final SinkTaskContext context;
    private final Map<TopicPartition, Long> asked = new HashMap<>();

    RebalanceSeeks(SinkTaskContext context) {
        this.context = context;
    }

    void asked(Map<TopicPartition, Long> offsets) {
        asked.putAll(offsets);
    }

    /**
     * True if a record of this partition, handed over by the first {@code put} after a rebalance, must not be taken over: those before it come again. Should
     * the worker have done its seek already, this record does too.
     */
    boolean isAheadOf(TopicPartition partition) {
        Long offset = asked.get(partition);
        if (offset == null) {
            return false;
        }
        context.offset(partition, offset);
        return true;
    }

    /** The records of a poll are through: before the next one the worker seeks. */
    void clear() {
        asked.clear();
    }

    /** Takes back what was asked for partitions that go in the same poll after all: to seek what is not assigned fails the task. */
    void forget(Collection<TopicPartition> partitions) {
        Map<TopicPartition, Long> nowhere = new HashMap<>();
        for (TopicPartition partition : partitions) {
            if (asked.remove(partition) != null) {
                nowhere.put(partition, null);
            }
        }
        context.offset(nowhere);
    }
}
