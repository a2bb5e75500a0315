package io.natskv.connect.sink.record;

import io.natskv.core.write.KvWrite.Origin;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * Where the consumer read a record: transforms may change a record's topic and partition, offsets are committed for what was read (KIP-793).
 * For one thread.
 */
public final class RecordOrigins {
    private final String originId;
    /** False on a worker before Kafka 3.6, which does not tell. */
    private boolean told = true;

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

    /** Where a record came from, as its write tells. */
    public Origin origin(TopicPartition partition, long offset) {
        String topic = partition.topic();
        return new Origin(originId.isEmpty() ? topic : originId + ":" + topic, partition.partition(), offset);
    }
}
