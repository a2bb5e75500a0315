package io.natskv.connect.sink.delivery;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Up to where each topic partition is done without a gap: the only offsets that may be committed. Records are tracked in the order of their
 * offsets and done in any order. For one thread.
 */
public final class PartitionWatermarks {
    private final Map<TopicPartition, Partition> partitions = new HashMap<>();
    private int waiting;

    /** A record on its way. */
    public static final class Tracked {
        private final TopicPartition partition;
        private final long offset;
        private boolean done;
        private boolean dropped;

        private Tracked(TopicPartition partition, long offset) {
            this.partition = partition;
            this.offset = offset;
        }

        public TopicPartition partition() {
            return partition;
        }

        public long offset() {
            return offset;
        }

        /** True once its partition was rewound or taken away: what becomes of this record matters no more. */
        public boolean isDropped() {
            return dropped;
        }

        @Override
        public String toString() {
            return partition + "-" + offset;
        }
    }

    private static final class Partition {
        private final ArrayDeque<Tracked> open = new ArrayDeque<>();
        /** Where reading goes on after a rewind, until the first record from there arrives; -1 if there was none. */
        private long rewoundTo = -1;
        /** The offset of the last record that was tracked; -1 for none. */
        private long last = -1;

        private void drop() {
            open.forEach(tracked -> tracked.dropped = true);
            open.clear();
        }
    }

    /** Begins to track a record. */
    public Tracked track(TopicPartition topicPartition, long offset) {
        Partition partition = partitions.computeIfAbsent(topicPartition, name -> new Partition());
        Tracked tracked = new Tracked(topicPartition, offset);
        partition.open.add(tracked);
        partition.rewoundTo = -1;
        partition.last = offset;
        waiting++;
        return tracked;
    }

    /**
     * True if a record comes at or before the last one of its partition although it was not rewound to there: then it is another record than
     * that of the same offset was.
     */
    public boolean wentBack(TopicPartition topicPartition, long offset) {
        Partition partition = partitions.get(topicPartition);
        return partition != null && offset <= partition.last;
    }

    /** How many records are tracked and can't be committed yet. */
    public int waiting() {
        return waiting;
    }

    /** The record is stored, or needs not be. */
    public void done(Tracked tracked) {
        tracked.done = true;
        if (!tracked.dropped) {
            ArrayDeque<Tracked> open = partitions.get(tracked.partition).open;
            while (!open.isEmpty() && open.peek().done) {
                open.remove();
                waiting--;
            }
        }
    }

    /** True if all records are done. */
    public boolean isClean() {
        return partitions.values().stream().allMatch(partition -> partition.open.isEmpty());
    }

    /**
     * The offsets to commit.
     *
     * @param current up to where the worker has handed records over, by partition. A partition without records on their way is done up to
     *     there: what never came here was filtered out
     */
    public Map<TopicPartition, OffsetAndMetadata> committable(Map<TopicPartition, OffsetAndMetadata> current) {
        Map<TopicPartition, OffsetAndMetadata> result = new HashMap<>();
        current.forEach((topicPartition, offset) -> {
            Partition partition = partitions.get(topicPartition);
            long limit = partition == null
                    ? -1
                    : partition.open.isEmpty() ? partition.rewoundTo : partition.open.peek().offset;
            result.put(topicPartition, limit < 0 || limit > offset.offset() ? offset : new OffsetAndMetadata(limit));
        });
        return result;
    }

    /**
     * Drops all records on their way, to have them delivered again.
     *
     * @return the first offset that was not done, of each partition that had one
     */
    public Map<TopicPartition, Long> rewind() {
        Map<TopicPartition, Long> first = new HashMap<>();
        partitions.forEach((topicPartition, partition) -> {
            if (!partition.open.isEmpty()) {
                partition.rewoundTo = partition.open.peek().offset;
                partition.last = partition.rewoundTo - 1;
                first.put(topicPartition, partition.rewoundTo);
                drop(partition);
            }
        });
        return first;
    }

    /** Drops what is known of these partitions, which belong to another task now. */
    public void forget(Collection<TopicPartition> gone) {
        for (TopicPartition topicPartition : gone) {
            Partition partition = partitions.remove(topicPartition);
            if (partition != null) {
                drop(partition);
            }
        }
    }

    private void drop(Partition partition) {
        waiting -= partition.open.size();
        partition.drop();
    }
}
