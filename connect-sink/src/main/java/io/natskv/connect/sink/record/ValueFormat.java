package io.natskv.connect.sink.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.json.JsonConverterConfig;

/** The bytes to store for a value: bytes as they are, text in UTF-8, everything else as JSON by the rules of Connect's JsonConverter. */
final class ValueFormat {
    private static final String NO_TOPIC = "";

    private final boolean textAsJson;
    private final String decimalFormat;
    /** Made when it is needed, which with bytes and text is never. */
    private JsonConverter json;

    /**
     * @param textAsJson whether a string is stored as JSON too, in quotes
     * @param decimalFormat of {@link JsonConverterConfig#DECIMAL_FORMAT_CONFIG}
     */
    ValueFormat(boolean textAsJson, String decimalFormat) {
        this.textAsJson = textAsJson;
        this.decimalFormat = decimalFormat;
    }

    /**
     * @param schema null for none
     * @throws DataException if there is no JSON for it
     */
    byte[] bytes(Schema schema, Object value) {
        if (value instanceof byte[] bytes) {
            return bytes;
        }
        if (value instanceof ByteBuffer buffer) {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.duplicate().get(bytes);
            return bytes;
        }
        if (value instanceof String text && !textAsJson) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        try {
            return json().fromConnectData(
                            NO_TOPIC,
                            schema == null && value instanceof Struct struct ? struct.schema() : schema,
                            value);
        } catch (DataException e) {
            throw new DataException(
                    "A value of type " + value.getClass().getSimpleName() + " can't be made JSON: " + e.getMessage()
                            + ". Change value.converter: ByteArrayConverter takes the bytes as they are",
                    e);
        }
    }

    private JsonConverter json() {
        if (json == null) {
            json = new JsonConverter();
            json.configure(
                    Map.of(
                            JsonConverterConfig.SCHEMAS_ENABLE_CONFIG,
                            false,
                            JsonConverterConfig.DECIMAL_FORMAT_CONFIG,
                            decimalFormat),
                    false);
        }
        return json;
    }
}
