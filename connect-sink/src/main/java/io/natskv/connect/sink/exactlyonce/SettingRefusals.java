package io.natskv.connect.sink.exactlyonce;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.config.SinkConfig.WriteMode;
import java.util.LinkedHashMap;
import java.util.Map;

/** Which settings can't be combined with {@code delivery=exactly_once}, and why. */
public final class SettingRefusals {
    private SettingRefusals() {}

    /** The reasons against a configuration, by the setting to change; empty if there are none. */
    public static Map<String, String> of(SinkConfig config) {
        Map<String, String> reasons = new LinkedHashMap<>();
        if (!config.bucketTemplate().dependsOnTopicOnly()) {
            reasons.put(
                    SinkConfig.BUCKET_TEMPLATE,
                    "may use nothing but ${topic} with " + SinkConfig.DELIVERY
                            + "=exactly_once: the records of a partition and its offset are stored together, which is possible only within one "
                            + "bucket. Split the topic before, or use at_least_once");
        }
        if (config.writeMode() != WriteMode.PUT) {
            reasons.put(
                    SinkConfig.WRITE_MODE,
                    "can only be put with " + SinkConfig.DELIVERY
                            + "=exactly_once: a single record whose condition does not hold would have its whole batch refused, and the server "
                            + "does not say which one it was. Use at_least_once for conditional writes");
        }
        return reasons;
    }
}
