package io.natskv.connect.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.natskv.connect.source.UndecodableException.Part;
import io.natskv.core.KvEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;

/**
 * What the bytes are in JSON, without a schema, as Connect's own JsonConverter reads it: objects are maps, arrays lists, whole numbers longs,
 * other numbers doubles. Other than there a number that does not fit is refused rather than changed, and so is a bare {@code null}: a record
 * without value is a tombstone.
 */
final class JsonValues implements ValueFormat {
    private final JsonFactory factory = new JsonFactory();

    @Override
    public Schema schema() {
        return null;
    }

    @Override
    public Object of(KvEntry entry, String key, KvEntry previous) {
        try (JsonParser parser = factory.createParser(entry.value())) {
            JsonToken first = parser.nextToken();
            if (first == null || first == JsonToken.VALUE_NULL) {
                throw undecodable(
                        first == null
                                ? "the value is empty, which is no JSON"
                                : "the value is a JSON null, which would be a delete");
            }
            Object value = read(parser, first);
            if (parser.nextToken() != null) {
                throw undecodable("there is something behind the value's JSON");
            }
            return value;
        } catch (JsonProcessingException e) {
            // Its message quotes the value, and so does the cause.
            throw undecodable("the value is no JSON"
                    + (e.getLocation() == null
                            ? ""
                            : ", at byte " + e.getLocation().getByteOffset()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Nesting is bounded by the parser. */
    private Object read(JsonParser parser, JsonToken token) throws IOException {
        return switch (token) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT -> wholeNumber(parser);
            case VALUE_NUMBER_FLOAT -> number(parser);
            case VALUE_TRUE -> Boolean.TRUE;
            case VALUE_FALSE -> Boolean.FALSE;
            default -> null;
        };
    }

    private Map<String, Object> object(JsonParser parser) throws IOException {
        Map<String, Object> map = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            map.put(name, read(parser, parser.nextToken()));
        }
        return map;
    }

    private List<Object> array(JsonParser parser) throws IOException {
        List<Object> list = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            list.add(read(parser, token));
        }
        return list;
    }

    private static Long wholeNumber(JsonParser parser) throws IOException {
        if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
            throw undecodable("a whole number in the value's JSON does not fit into 64 bits");
        }
        return parser.getLongValue();
    }

    private static Double number(JsonParser parser) throws IOException {
        double number = parser.getDoubleValue();
        if (Double.isInfinite(number)) {
            throw undecodable("a number in the value's JSON is too large");
        }
        return number;
    }

    private static UndecodableException undecodable(String reason) {
        return new UndecodableException(Part.VALUE, reason, null);
    }
}
