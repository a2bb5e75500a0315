package io.natskv.core.connect;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A connector's settings as they were given. Those that a {@code ConfigDef} does not parse, which are Connect's own, come as they were typed,
 * and a null in the JSON comes as null; Connect itself trims texts and takes null for unset.
 */
public final class GivenSettings {
    /** Variables of our own templates have no colon. */
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{[^}:]+:[^}]*}");

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

    /**
     * True if a setting still holds a reference to a config provider, {@code ${file:/path:key}}. The worker puts in what is meant before it
     * asks a connector; where it could not, nothing can be said about the setting.
     */
    public static boolean isReference(Map<String, String> settings, String name) {
        return REFERENCE.matcher(text(settings, name)).find();
    }

    /** The settings without those that are null: so a {@code ConfigDef} takes its default, or reports what is missing. */
    public static Map<String, String> withoutNulls(Map<String, String> settings) {
        Map<String, String> given = new HashMap<>(settings);
        given.values().removeIf(value -> value == null);
        return given;
    }
}
