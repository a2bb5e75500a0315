package io.natskv.connect.sink.template;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;

/** Looks into structs and maps, and makes text of what is plain. */
public final class Fields {
    /** The field of a structured key that is the key: what the source writes with {@code record.key=key_and_revision}. */
    static final String KEY_FIELD = "key";

    private Fields() {}

    /** True for a struct or map. */
    public static boolean hasFields(Object value) {
        return value instanceof Struct || value instanceof Map;
    }

    /** The field, or null if it is not there or is null. A field whose name holds the dots of the path comes first. */
    public static Object at(Object value, String path) {
        Object whole = field(value, path);
        int dot = path.indexOf('.');
        return whole != null || dot < 0 ? whole : at(field(value, path.substring(0, dot)), path.substring(dot + 1));
    }

    private static Object field(Object value, String name) {
        if (value instanceof Struct struct) {
            Field field = struct.schema().field(name);
            return field == null ? null : struct.get(field);
        }
        return value instanceof Map<?, ?> map ? map.get(name) : null;
    }

    /** A structured key stands for its field of that name, if it has one. */
    static Object wholeKey(Object key) {
        Object field = hasFields(key) ? field(key, KEY_FIELD) : null;
        return field == null ? key : field;
    }

    /**
     * What a plain value is as text; null if it is not plain.
     *
     * @throws DataException if bytes are no UTF-8
     */
    public static String text(Object value) {
        if (value instanceof String text) {
            return text;
        }
        if (value instanceof byte[] bytes) {
            return utf8(ByteBuffer.wrap(bytes));
        }
        if (value instanceof ByteBuffer buffer) {
            return utf8(buffer.duplicate());
        }
        if (value instanceof BigDecimal decimal) {
            return decimal.toPlainString();
        }
        return value instanceof Number number ? number.toString() : null;
    }

    /** Which variable to use instead, where there are fields. */
    static String hint(Object value, String variable) {
        return hasFields(value)
                ? ". Name a field of it: " + variable.substring(0, variable.length() - 1) + ".<field>}"
                : "";
    }

    private static String utf8(ByteBuffer bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw new DataException("Bytes that are to be part of a name are no UTF-8 text; change the converter", e);
        }
    }
}
