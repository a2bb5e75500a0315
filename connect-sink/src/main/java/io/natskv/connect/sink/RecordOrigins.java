package io.natskv.connect.sink;

import io.natskv.connect.sink.PartitionWatermarks.Tracked;
import io.natskv.core.write.KvWrite.Origin;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * Where the consumer read a record: transforms may change a record's topic and partition, offsets are committed for what was read (KIP-793).
 * For one thread.
 */
final class RecordOrigins {
    private final String originId;
    /** False on a worker before Kafka 3.6, which does not tell. */
    private boolean told = true;

    /** @param originId tells apart offsets that don't compare; empty for none */
    RecordOrigins(String originId) {
        this.originId = originId;
    }

    TopicPartition topicPartition(SinkRecord record) {
        if (told) {
            try {
                return new TopicPartition(record.originalTopic(), record.originalKafkaPartition());
            } catch (NoSuchMethodError e) {
                told = false;
            }
        }
        return new TopicPartition(record.topic(), record.kafkaPartition());
    }

    long offset(SinkRecord record) {
        return told ? record.originalKafkaOffset() : record.kafkaOffset();
    }

    Origin origin(Tracked place) {
        String topic = place.partition().topic();
        return new Origin(
                originId.isEmpty() ? topic : originId + ":" + topic,
                place.partition().partition(),
                place.offset());
    }
}
