package io.natskv.connect.source;

import java.util.Map;
import org.apache.kafka.connect.json.JsonConverter;

/** What a worker makes of an offset by storing it: JSON without schemas, in which all whole numbers are longs. */
final class StoredOffsets {
    private StoredOffsets() {}

    @SuppressWarnings("unchecked")
    static Map<String, Object> roundTrip(Map<String, ?> offset) {
        try (JsonConverter converter = new JsonConverter()) {
            converter.configure(Map.of("schemas.enable", "false", "converter.type", "value"));
            byte[] json = converter.fromConnectData("offsets", null, offset);
            return (Map<String, Object>)
                    converter.toConnectData("offsets", json).value();
        }
    }
}
