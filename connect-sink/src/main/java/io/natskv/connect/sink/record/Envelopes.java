package io.natskv.connect.sink.record;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.config.SinkConfig.EnvelopeMode;
import io.natskv.connect.sink.template.Fields;
import io.natskv.core.KvOperation;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * Opens the envelope in which the source may send an entry: a struct, or a map, that names key, value and operation. Without one the
 * record's value is what is stored, and a header may tell the operation.
 */
final class Envelopes {
    private static final String KEY = "key";
    private static final String VALUE = "value";
    private static final String OPERATION = "operation";
    /** What all envelopes have, and nothing else has by chance. */
    private static final List<String> FIELDS = List.of("bucket", KEY, VALUE, "revision", "created", OPERATION);

    private final EnvelopeMode mode;
    private final boolean base64;
    /** The last schema that was looked at, and whether it is an envelope's: most records have that of the one before. */
    private Schema lastSchema;

    private boolean lastIsEnvelope;

    /** @param base64 whether a text in an envelope without a schema is bytes in Base64 */
    Envelopes(EnvelopeMode mode, boolean base64) {
        this.mode = mode;
        this.base64 = base64;
    }

    /** @throws DataException if there must be an envelope and is none, or its operation is none */
    RecordContent contentOf(SinkRecord record) {
        Object value = record.value();
        if (mode != EnvelopeMode.NEVER && isEnvelope(value)) {
            return opened(value);
        }
        if (mode == EnvelopeMode.ALWAYS && value != null) {
            throw new DataException(
                    "The record's value is no envelope: it needs the fields " + String.join(", ", FIELDS));
        }
        return new RecordContent(Operations.ofHeader(record), null, record.valueSchema(), value);
    }

    private boolean isEnvelope(Object value) {
        if (value instanceof Struct struct) {
            if (struct.schema() != lastSchema) {
                lastSchema = struct.schema();
                lastIsEnvelope = FIELDS.stream().allMatch(name -> lastSchema.field(name) != null);
            }
            return lastIsEnvelope;
        }
        return value instanceof Map<?, ?> map && map.keySet().containsAll(FIELDS);
    }

    private RecordContent opened(Object envelope) {
        KvOperation operation = Operations.parse(
                Fields.text(orEmpty(Fields.at(envelope, OPERATION))), "Field " + OPERATION + " of the envelope");
        Object key = Fields.at(envelope, KEY);
        Schema schema = null;
        if (envelope instanceof Struct struct) {
            Field field = struct.schema().field(VALUE);
            schema = field.schema();
        }
        Object value = Fields.at(envelope, VALUE);
        if (base64 && value instanceof String text && !(envelope instanceof Struct)) {
            value = decoded(text);
        }
        return new RecordContent(
                operation, key == null ? null : Fields.text(key), schema, operation.isMarker() ? null : value);
    }

    private static byte[] decoded(String text) {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new DataException(
                    "The value in the envelope is no Base64; set " + SinkConfig.ENVELOPE_VALUE
                            + "=string if it is text",
                    e);
        }
    }

    private static Object orEmpty(Object value) {
        return value == null ? "" : value;
    }
}
