package io.natskv.connect.source;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.json.JsonConverter;

/**
 * What a worker stores: JSON without schemas. An offset is found by the bytes of its partition's JSON, in which the order of the keys
 * counts; and all whole numbers of an offset come back as longs.
 */
final class StoredOffsets {
    private final Map<String, Map<String, Object>> byPartition = new HashMap<>();
    private final JsonConverter converter = new JsonConverter();

    StoredOffsets() {
        converter.configure(Map.of("schemas.enable", "false", "converter.type", "value"));
    }

    void put(Map<String, ?> partition, Map<String, ?> offset) {
        byPartition.put(new String(json(partition), StandardCharsets.UTF_8), stored(offset));
    }

    /** Null if there is none. */
    Map<String, Object> get(Map<String, ?> partition) {
        return byPartition.get(new String(json(partition), StandardCharsets.UTF_8));
    }

    /** As {@code GET /connectors/.../offsets}. */
    Map<Map<String, Object>, Map<String, Object>> byPartition() {
        Map<Map<String, Object>, Map<String, Object>> all = new HashMap<>();
        byPartition.forEach((partition, offset) -> all.put(parsed(partition.getBytes(StandardCharsets.UTF_8)), offset));
        return all;
    }

    void reset(Map<String, ?> partition) {
        byPartition.remove(new String(json(partition), StandardCharsets.UTF_8));
    }

    List<Map<String, Object>> all() {
        return List.copyOf(byPartition.values());
    }

    static Map<String, Object> roundTrip(Map<String, ?> offset) {
        return new StoredOffsets().stored(offset);
    }

    private Map<String, Object> stored(Map<String, ?> offset) {
        return parsed(json(offset));
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> parsed(byte[] json) {
        return (Map<String, Object>) converter.toConnectData("offsets", json).value();
    }

    private byte[] json(Map<String, ?> map) {
        return converter.fromConnectData("offsets", null, map);
    }
}
