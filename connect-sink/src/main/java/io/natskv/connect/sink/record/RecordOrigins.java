package io.natskv.connect.sink.record;

import io.natskv.core.write.KvWrite.Origin;
import java.util.Objects;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * Where the consumer read a record: transforms may change a record's topic and partition, offsets are committed for what was read (KIP-793).
 * For one thread.
 */
public final class RecordOrigins {
    private final String originId;
    /** False on a worker before Kafka 3.6, which does not tell. */
    private boolean told = true;

    /** The last name that was made: most records have that of the one before. */
    private String lastTopic;

    private Uuid lastId;
    private String lastName;

    /** @param originId tells apart offsets that don't compare; empty for none */
    public RecordOrigins(String originId) {
        this.originId = originId;
    }

    public TopicPartition topicPartition(SinkRecord record) {
        if (told) {
            try {
                return new TopicPartition(record.originalTopic(), record.originalKafkaPartition());
            } catch (NoSuchMethodError e) {
                told = false;
            }
        }
        return new TopicPartition(record.topic(), record.kafkaPartition());
    }

    public long offset(SinkRecord record) {
        return told ? record.originalKafkaOffset() : record.kafkaOffset();
    }

    /**
     * Where a record came from, as its write tells. The topic's name is the last part, behind a colon, which names don't hold.
     *
     * @param topicId tells apart topics of one name; null if it is not known
     */
    public Origin origin(TopicPartition partition, long offset, Uuid topicId) {
        return new Origin(name(partition.topic(), topicId), partition.partition(), offset);
    }

    private String name(String topic, Uuid topicId) {
        if (!topic.equals(lastTopic) || !Objects.equals(topicId, lastId)) {
            lastTopic = topic;
            lastId = topicId;
            lastName = (originId.isEmpty() ? "" : originId + ":") + (topicId == null ? "" : topicId + ":") + topic;
        }
        return lastName;
    }
}
