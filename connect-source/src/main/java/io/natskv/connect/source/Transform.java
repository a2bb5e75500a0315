package io.natskv.connect.source;

import io.natskv.core.connect.GivenSettings;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A transform that a connector's settings name.
 *
 * @param type its class
 * @param conditional whether a predicate says which records it changes
 */
record Transform(String type, boolean conditional) {
    static final String SETTING = "transforms";
    private static final String KAFKA_TRANSFORMS = "org.apache.kafka.connect.transforms.";

    /** Those with a type, in their order. */
    static List<Transform> of(Map<String, String> settings) {
        return Arrays.stream(GivenSettings.text(settings, SETTING).split(","))
                .map(name -> SETTING + "." + name.trim())
                .map(prefix -> new Transform(
                        GivenSettings.text(settings, prefix + ".type"),
                        GivenSettings.isSet(settings, prefix + ".predicate")))
                .filter(transform -> !transform.type.isEmpty())
                .toList();
    }

    boolean isOfKafka() {
        return type.startsWith(KAFKA_TRANSFORMS);
    }

    /** @param names of Kafka's own, without their package */
    boolean isOneOf(Set<String> names) {
        return isOfKafka() && names.contains(type.substring(KAFKA_TRANSFORMS.length()));
    }
}
