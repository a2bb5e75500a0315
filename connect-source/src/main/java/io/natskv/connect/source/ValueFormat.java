package io.natskv.connect.source;

import io.natskv.connect.source.UndecodableException.Part;
import io.natskv.core.KvEntry;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.connect.data.Schema;

/** What the value of a record is for an entry that has one. */
interface ValueFormat {
    /** The stored bytes. */
    ValueFormat BYTES = new ValueFormat() {
        @Override
        public Schema schema() {
            return Schema.OPTIONAL_BYTES_SCHEMA;
        }

        @Override
        public Object of(KvEntry entry, String key, KvEntry previous) {
            return entry.value();
        }
    };

    /** The text that the bytes are in UTF-8. */
    ValueFormat TEXT = new ValueFormat() {
        @Override
        public Schema schema() {
            return Schema.OPTIONAL_STRING_SCHEMA;
        }

        @Override
        public Object of(KvEntry entry, String key, KvEntry previous) {
            try {
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(entry.value()))
                        .toString();
            } catch (CharacterCodingException e) {
                throw new UndecodableException(Part.VALUE, "the value is no UTF-8 text", e);
            }
        }
    };

    /** What a record's value is. */
    enum ValueMode {
        BYTES,
        STRING,
        JSON,
        ENVELOPE
    }

    /** Null where values have no schema. */
    Schema schema();

    /**
     * The value; never null, which would be a tombstone.
     *
     * @param key the decoded key
     * @param previous what the key held before, or null
     * @throws UndecodableException if the bytes are not what this format takes them for
     */
    Object of(KvEntry entry, String key, KvEntry previous);
}
