package io.natskv.connect.source;

import io.natskv.core.KvEntry;
import io.natskv.core.connect.KvKafkaHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Makes a record of an entry. A put has the bytes as its value, also when there are none; a delete or purge has no value at all, which
 * Kafka's compaction takes as a tombstone.
 */
final class EntryConverter {
    static final String KEY = "key";
    static final String REVISION = "revision";
    static final Schema KEY_AND_REVISION = SchemaBuilder.struct()
            .name("io.natskv.KeyAndRevision")
            .version(1)
            .field(KEY, Schema.STRING_SCHEMA)
            .field(REVISION, Schema.INT64_SCHEMA)
            .build();

    private final TopicNames topics;
    private final KeyMode keyMode;
    private final int partitions;
    private final TimeText times = new TimeText();

    /** What a record's key is. */
    enum KeyMode {
        /** The key as a string: compaction keeps the last state of each key. */
        KEY,
        /** A struct of key and revision: compaction keeps everything. */
        KEY_AND_REVISION
    }

    /**
     * @param partitions number of partitions over which keys are spread here; 0 leaves it to the producer, which hashes the record's key.
     *     With {@link KeyMode#KEY_AND_REVISION} that would tear the revisions of a key apart
     */
    EntryConverter(TopicNames topics, KeyMode keyMode, int partitions) {
        if (keyMode == KeyMode.KEY_AND_REVISION && partitions < 1) {
            throw new IllegalArgumentException("The number of partitions is needed with keys that hold the revision");
        }
        this.topics = topics;
        this.keyMode = keyMode;
        this.partitions = partitions;
    }

    /**
     * The record.
     *
     * @param sourcePartition shared by all records of a watch, and not changed
     * @param sourceOffset where to go on after this record
     * @throws org.apache.kafka.connect.errors.DataException if the template gives no legal topic for this key
     */
    SourceRecord convert(KvEntry entry, Map<String, ?> sourcePartition, Map<String, ?> sourceOffset) {
        boolean marker = entry.operation().isMarker();
        return new EntryRecord(
                entry.revision(),
                sourcePartition,
                sourceOffset,
                topics.of(entry.bucket(), entry.key()),
                partitions == 0 ? null : partitionOf(entry.key(), partitions),
                keyMode == KeyMode.KEY ? Schema.STRING_SCHEMA : KEY_AND_REVISION,
                keyMode == KeyMode.KEY ? entry.key() : keyAndRevision(entry),
                marker ? null : Schema.OPTIONAL_BYTES_SCHEMA,
                marker ? null : entry.value(),
                entry.created().toEpochMilli(),
                headers(entry));
    }

    /** The partition that Kafka's default partitioner gives to a record with this key as a string. */
    static int partitionOf(String key, int partitions) {
        return Utils.toPositive(Utils.murmur2(key.getBytes(StandardCharsets.UTF_8))) % partitions;
    }

    private static Struct keyAndRevision(KvEntry entry) {
        return new Struct(KEY_AND_REVISION).put(KEY, entry.key()).put(REVISION, entry.revision());
    }

    private ConnectHeaders headers(KvEntry entry) {
        ConnectHeaders headers = new ConnectHeaders();
        headers.addString(KvKafkaHeaders.BUCKET, entry.bucket());
        headers.addString(KvKafkaHeaders.OPERATION, entry.operation().name());
        headers.addLong(KvKafkaHeaders.REVISION, entry.revision());
        headers.addString(KvKafkaHeaders.CREATED, times.of(entry.created()));
        headers.addLong(KvKafkaHeaders.DELTA, entry.delta());
        return headers;
    }
}
