package io.natskv.core.connect;

import java.util.HashMap;
import java.util.Map;

/**
 * A connector's settings as they were given. Those that a {@code ConfigDef} does not parse, which are Connect's own, come as they were typed,
 * and a null in the JSON comes as null; Connect itself trims texts and takes null for unset.
 */
public final class GivenSettings {
    private GivenSettings() {}

    /** A setting without blanks around it; empty if it is not set. */
    public static String text(Map<String, String> settings, String name) {
        String value = settings.get(name);
        return value == null ? "" : value.trim();
    }

    /** True if a setting is there and not blank. */
    public static boolean isSet(Map<String, String> settings, String name) {
        return !text(settings, name).isEmpty();
    }

    /** The settings without those that are null: so a {@code ConfigDef} takes its default, or reports what is missing. */
    public static Map<String, String> withoutNulls(Map<String, String> settings) {
        Map<String, String> given = new HashMap<>(settings);
        given.values().removeIf(value -> value == null);
        return given;
    }
}
