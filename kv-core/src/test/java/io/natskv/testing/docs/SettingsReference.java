package io.natskv.testing.docs;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.config.ConfigDef.Type;

/** The settings of a connector as Markdown, group by group in the order of their definition. */
public final class SettingsReference {
    private SettingsReference() {}

    /**
     * The page.
     *
     * @param title its heading
     * @param introduction Markdown that stands before the groups
     */
    public static String of(String title, String introduction, ConfigDef def) {
        StringBuilder page = new StringBuilder();
        page.append("# ").append(title).append("\n\n");
        page.append(
                "<!-- Generated from the code: a test fails when this page differs from it, and says how to write it. -->\n\n");
        page.append(introduction.strip()).append("\n");
        List<ConfigKey> keys = List.copyOf(def.configKeys().values());
        for (String group : def.groups()) {
            page.append("\n## ").append(group).append("\n");
            keys.stream()
                    .filter(key -> group.equals(key.group))
                    .sorted(Comparator.comparingInt(key -> key.orderInGroup))
                    .forEach(key -> append(page, key));
        }
        return page.toString();
    }

    private static void append(StringBuilder page, ConfigKey key) {
        page.append("\n### `").append(key.name).append("`\n");
        page.append(escaped(key.documentation)).append("\n\n");
        page.append("- type: ").append(key.type.name().toLowerCase(Locale.ROOT)).append('\n');
        page.append("- default: ").append(defaultOf(key)).append('\n');
        String valid = validValues(key);
        if (!valid.isEmpty()) {
            page.append("- valid: ").append(escaped(valid)).append('\n');
        }
        page.append("- importance: ")
                .append(key.importance.name().toLowerCase(Locale.ROOT))
                .append('\n');
    }

    private static String defaultOf(ConfigKey key) {
        if (!key.hasDefault()) {
            return "none, it must be set";
        }
        if (key.defaultValue == null || key.defaultValue.equals("") || key.defaultValue.equals(List.of())) {
            return "not set";
        }
        return "`" + ConfigDef.convertToString(key.defaultValue, key.type) + "`";
    }

    private static String validValues(ConfigKey key) {
        return key.type == Type.BOOLEAN ? "true, false" : key.validator == null ? "" : key.validator.toString();
    }

    /** Characters that Markdown would take for its own. */
    private static String escaped(String text) {
        return text.replace("<", "&lt;").replaceAll("([*\\[\\]])", "\\\\$1");
    }
}
