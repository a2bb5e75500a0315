package io.natskv.connect.sink.exactlyonce;

import io.natskv.connect.sink.config.SinkConfig;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The settings that do nothing with {@code delivery=exactly_once}. */
final class IdleSettings {
    private IdleSettings() {}

    /**
     * What to tell of a configuration.
     *
     * @param given the names that it sets
     */
    static List<String> of(Set<String> given) {
        return Stream.of(
                        SinkConfig.MAX_IN_FLIGHT,
                        SinkConfig.MAX_IN_FLIGHT_BYTES,
                        SinkConfig.COALESCE,
                        SinkConfig.GUARD,
                        SinkConfig.ON_CONFLICT)
                .filter(given::contains)
                .map(name -> name + " is set and does nothing with " + SinkConfig.DELIVERY
                        + "=exactly_once: remove it, or use at_least_once. What is under way at once is set by "
                        + ExactlyOnceConfig.BATCH_MAX_RECORDS + " and " + ExactlyOnceConfig.BATCH_MAX_BYTES)
                .toList();
    }
}
