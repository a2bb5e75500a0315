package io.natskv.connect.source;

import io.natskv.connect.source.UndecodableException.Part;
import io.natskv.core.KvEntry;
import io.natskv.core.error.InvalidKeyException;
import io.natskv.core.key.KeyCodec;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;

/** The key of a record, and its partition: all records of a key go to the same one. Immutable. */
final class RecordKeys {
    static final String KEY = "key";
    static final String REVISION = "revision";
    static final Schema KEY_AND_REVISION = SchemaBuilder.struct()
            .name("io.natskv.KeyAndRevision")
            .version(1)
            .field(KEY, Schema.STRING_SCHEMA)
            .field(REVISION, Schema.INT64_SCHEMA)
            .build();

    private final KeyMode mode;
    private final KeyCodec codec;
    private final int partitions;

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
    RecordKeys(KeyMode mode, KeyCodec codec, int partitions) {
        if (mode == KeyMode.KEY_AND_REVISION && partitions < 1) {
            throw new IllegalArgumentException("The number of partitions is needed with keys that hold the revision");
        }
        this.mode = mode;
        this.codec = codec;
        this.partitions = partitions;
    }

    Schema schema() {
        return mode == KeyMode.KEY ? Schema.STRING_SCHEMA : KEY_AND_REVISION;
    }

    /**
     * The key as its writer knows it.
     *
     * @throws UndecodableException if the codec would not have made the stored one of it. Else two stored keys could become one
     */
    String decode(KvEntry entry) {
        if (codec == KeyCodec.NONE) {
            return entry.key();
        }
        try {
            String decoded = codec.decode(entry.key());
            if (codec.encode(decoded).equals(entry.key())) {
                return decoded;
            }
        } catch (InvalidKeyException e) {
            throw new UndecodableException(Part.KEY, "the key is none that the codec " + codec + " makes", e);
        }
        throw new UndecodableException(Part.KEY, "the key is none that the codec " + codec + " makes", null);
    }

    /** The record's key for a decoded key. */
    Object of(String key, long revision) {
        return mode == KeyMode.KEY
                ? key
                : new Struct(KEY_AND_REVISION).put(KEY, key).put(REVISION, revision);
    }

    /** The record's partition for a decoded key; null leaves it to the producer. */
    Integer partition(String key) {
        return partitions == 0 ? null : partitionOf(key, partitions);
    }

    /** The partition that Kafka's default partitioner gives to a record with this key as a string. */
    static int partitionOf(String key, int partitions) {
        return Utils.toPositive(Utils.murmur2(key.getBytes(StandardCharsets.UTF_8))) % partitions;
    }
}
