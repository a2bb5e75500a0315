package io.natskv.connect.sink.config;

import io.natskv.core.error.InvalidBucketException;
import io.natskv.core.key.KvNames;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/** Reads and checks {@code topic:bucket} pairs. */
final class TopicBuckets implements ConfigDef.Validator {
    /** @throws IllegalArgumentException if a pair is malformed or a topic named twice */
    static Map<String, String> parse(List<String> pairs) {
        Map<String, String> buckets = new LinkedHashMap<>();
        for (String pair : pairs) {
            if (pair.isBlank()) {
                continue;
            }
            int colon = pair.indexOf(':');
            if (colon < 1) {
                throw new IllegalArgumentException("\"" + pair + "\" is no topic:bucket pair");
            }
            String topic = pair.substring(0, colon).trim();
            try {
                if (buckets.put(
                                topic,
                                KvNames.checkBucket(pair.substring(colon + 1).trim()))
                        != null) {
                    throw new IllegalArgumentException("topic " + topic + " is named twice");
                }
            } catch (InvalidBucketException e) {
                throw new IllegalArgumentException(e.getMessage(), e);
            }
        }
        return buckets;
    }

    @Override
    public void ensureValid(String name, Object value) {
        if (!(value instanceof List<?> list)) {
            return;
        }
        try {
            parse(list.stream().map(String::valueOf).toList());
        } catch (IllegalArgumentException e) {
            throw new ConfigException(name, value, e.getMessage());
        }
    }

    @Override
    public String toString() {
        return "topic:bucket pairs";
    }
}
