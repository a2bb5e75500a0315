package io.natskv.connect.sink.delivery;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.delivery.PartitionWatermarks.Tracked;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.connect.errors.ConnectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Records that are left out because a later one of their partition is stored: a replay, or the log is another one. For one thread. */
final class LateRecords {
    private static final Logger LOG = LoggerFactory.getLogger(LateRecords.class);

    private final String originId;
    private final SinkMetrics metrics;
    private final Set<TopicPartition> told = new HashSet<>();
    /** Partitions whose log must be another one, with the id that their topics had. */
    private final Map<TopicPartition, Uuid> suspects = new HashMap<>();

    LateRecords(String originId, SinkMetrics metrics) {
        this.originId = originId;
        this.metrics = metrics;
    }

    /** Tells once for each time that a partition comes here: a replay has many, a topic that began anew has nothing else. */
    void leftOut(Tracked place) {
        metrics.late.increment();
        if (told.add(place.partition())) {
            LOG.warn(
                    "Record {} was left out, because its key already holds a later record of its partition; so will be others like it. "
                            + "That is right after a crash or a rebalance. If offsets were reset to write the bucket anew, the topic was "
                            + "deleted and made again (set {} to have that recognised), or the records come from another Kafka cluster, set another "
                            + "{} (now \"{}\"): then these records count",
                    place,
                    SinkConfig.KAFKA_ADMIN_SERVERS,
                    SinkConfig.ORIGIN_ID,
                    originId);
        }
    }

    /**
     * A partition's log is another one.
     *
     * @param idsAreKnown whether Kafka can be asked which topic it is
     * @param before the topic's id until now; null if it was not known
     * @throws ConnectException if that can't be found out: its records would be left out
     */
    void checkNewLog(TopicPartition partition, long offset, boolean idsAreKnown, Uuid before) {
        if (!idsAreKnown) {
            throw new ConnectException("Partition " + partition + " goes on at offset " + offset
                    + ", which was read before: the topic was deleted and made again, or lost its end. Its records would be taken for late ones. "
                    + "Set " + SinkConfig.KAFKA_ADMIN_SERVERS + " to have new topics recognised, or another "
                    + SinkConfig.ORIGIN_ID + " (now \"" + originId + "\")");
        }
        if (before != null) {
            suspects.put(partition, before);
        }
    }

    /**
     * The id of a partition's topic was asked for and found.
     *
     * @throws ConnectException if it is the same topic although its log is another one
     */
    void found(TopicPartition partition, Uuid id) {
        if (!suspects.isEmpty() && id.equals(suspects.remove(partition))) {
            throw new ConnectException("The topic of " + partition
                    + " is the one it was, but its offsets went back: the log lost its end. Records that come at the offsets of lost ones would be taken for "
                    + "late ones. Set another " + SinkConfig.ORIGIN_ID + " (now \"" + originId + "\")");
        }
    }

    void forget(Collection<TopicPartition> partitions) {
        told.removeAll(partitions);
        suspects.keySet().removeAll(partitions);
    }
}
