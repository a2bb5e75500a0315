package io.natskv.connect.sink.record;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.config.SinkConfig.Tombstone;
import io.natskv.core.KvOperation;
import io.natskv.core.connect.KvKafkaHeaders;
import io.natskv.core.connect.NameTemplate;
import io.natskv.core.error.InvalidBucketException;
import io.natskv.core.error.InvalidKeyException;
import io.natskv.core.key.KvNames;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWrite.Condition;
import io.natskv.core.write.KvWrite.Origin;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.sink.SinkRecord;

/** Makes of a record what is to be written, and to which bucket. */
public final class RecordConverter {
    /** The field of a struct that holds the key: what the source writes with {@code record.key=key_and_revision}. */
    public static final String KEY_FIELD = "key";

    private static final byte[] NO_VALUE = new byte[0];

    private final NameTemplate bucketTemplate;
    private final Tombstone tombstone;

    /** What is to be done about a record. */
    public sealed interface Outcome {
        record Write(String bucket, KvWrite write) implements Outcome {}

        record Ignored() implements Outcome {}
    }

    private static final Outcome IGNORED = new Outcome.Ignored();

    public RecordConverter(SinkConfig config) {
        this.bucketTemplate = config.bucketTemplate();
        this.tombstone = config.tombstone();
    }

    /**
     * What is to be done.
     *
     * @param origin the record's place in Kafka as the consumer read it, before any transform
     * @throws DataException if the record can't be written as it is; the message says what to change
     */
    public Outcome convert(SinkRecord record, Origin origin) {
        Optional<KvOperation> asked = operationHeader(record);
        if (asked.isEmpty() && record.value() == null) {
            if (tombstone == Tombstone.IGNORE) {
                return IGNORED;
            }
            if (tombstone == Tombstone.FAIL) {
                throw new DataException("The record has no value, and " + SinkConfig.TOMBSTONE_OPERATION + "=fail");
            }
        }
        KvOperation operation = asked.orElseGet(() -> operationOf(record));
        if (operation.isMarker() && record.value() != null) {
            throw new DataException("Header " + KvKafkaHeaders.OPERATION + " says " + operation
                    + ", but the record has a value. To write the value remove the header by the transform DropHeaders; to "
                    + operation + " the key send a record without value");
        }
        byte[] value = operation.isMarker() ? NO_VALUE : value(record.value());
        String bucket = bucketOf(record.topic());
        try {
            return new Outcome.Write(
                    bucket,
                    new KvWrite(
                            key(record.key()),
                            operation,
                            value,
                            null,
                            Condition.ALWAYS,
                            Optional.of(origin),
                            Optional.empty()));
        } catch (InvalidKeyException e) {
            throw new DataException(e.getMessage(), e);
        }
    }

    /**
     * The bucket for a topic.
     *
     * @throws DataException if the template gives no legal bucket name
     */
    public String bucketOf(String topic) {
        try {
            return KvNames.checkBucket(bucketTemplate.render(variable -> topic));
        } catch (InvalidBucketException | IllegalArgumentException e) {
            throw new DataException(
                    e.getMessage() + ". It comes from topic \"" + topic + "\" by " + SinkConfig.BUCKET_TEMPLATE + "="
                            + bucketTemplate
                            + "; name the bucket there, or take a part of the topic's name: ${topic[1]} is \"orders\" for "
                            + "topic \"kv.orders\"",
                    e);
        }
    }

    private KvOperation operationOf(SinkRecord record) {
        if (record.value() != null) {
            return KvOperation.PUT;
        }
        return tombstone == Tombstone.PURGE ? KvOperation.PURGE : KvOperation.DELETE;
    }

    private static Optional<KvOperation> operationHeader(SinkRecord record) {
        Header header = record.headers().lastWithName(KvKafkaHeaders.OPERATION);
        if (header == null || header.value() == null) {
            return Optional.empty();
        }
        String text = header.value() instanceof byte[] bytes
                ? new String(bytes, StandardCharsets.UTF_8)
                : header.value().toString();
        return switch (text.trim().toUpperCase(Locale.ROOT)) {
            case "PUT" -> Optional.of(KvOperation.PUT);
            case "DELETE", "DEL" -> Optional.of(KvOperation.DELETE);
            case "PURGE" -> Optional.of(KvOperation.PURGE);
            default ->
                throw new DataException(
                        "Header " + KvKafkaHeaders.OPERATION + " must be PUT, DELETE or PURGE, not \"" + text + "\"");
        };
    }

    private static String key(Object key) {
        if (key instanceof String text) {
            return text;
        }
        if (key instanceof byte[] bytes) {
            return utf8(ByteBuffer.wrap(bytes));
        }
        if (key instanceof ByteBuffer buffer) {
            return utf8(buffer.duplicate());
        }
        if (key instanceof Number number) {
            return number.toString();
        }
        if (key instanceof Struct struct) {
            Field field = struct.schema().field(KEY_FIELD);
            if (field == null || struct.get(field) instanceof Struct) {
                throw new DataException("The record's key is a struct without a plain field \"" + KEY_FIELD
                        + "\"; extract its field by the transform ExtractField$Key");
            }
            return key(struct.get(field));
        }
        if (key instanceof Map<?, ?> map) {
            if (map.get(KEY_FIELD) == null || map.get(KEY_FIELD) instanceof Map) {
                throw new DataException("The record's key is a map without a plain entry \"" + KEY_FIELD
                        + "\"; extract its entry by the transform ExtractField$Key");
            }
            return key(map.get(KEY_FIELD));
        }
        throw new DataException(
                key == null
                        ? "The record has no key, which names the entry; set one by the transform ValueToKey"
                        : "A key of type " + key.getClass().getSimpleName()
                                + " can't be written; strings, bytes and numbers can, and structs with a field \""
                                + KEY_FIELD + "\". Change key.converter or add a transform");
    }

    private static byte[] value(Object value) {
        if (value instanceof byte[] bytes) {
            return bytes;
        }
        if (value instanceof ByteBuffer buffer) {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.duplicate().get(bytes);
            return bytes;
        }
        if (value instanceof String text) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        throw new DataException(
                value == null
                        ? "Header " + KvKafkaHeaders.OPERATION
                                + " says PUT, but the record has no value; an empty value is no missing one. To delete the key remove "
                                + "the header by the transform DropHeaders"
                        : "A value of type " + value.getClass().getSimpleName()
                                + " can't be written; set value.converter to org.apache.kafka.connect.converters.ByteArrayConverter, which "
                                + "takes the bytes as they are");
    }

    private static String utf8(ByteBuffer bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw new DataException("The bytes of the record's key are no UTF-8 text; change key.converter", e);
        }
    }
}
