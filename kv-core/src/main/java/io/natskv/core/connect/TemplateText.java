package io.natskv.core.connect;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/** How templates are written: text with variables {@code ${name}}, {@code ${name.path}}, and {@code [1]} behind for one of the dot-separated tokens. */
public final class TemplateText {
    private static final Pattern VARIABLE =
            Pattern.compile("\\$\\{([a-z]+)(?:\\.([^}]*?[^}\\]]))?(?:\\[(\\d{1,4})])?}");

    private TemplateText() {}

    /**
     * A variable as it is written.
     *
     * @param path null without
     * @param index the token that is meant, -1 for all
     * @param text with dollar and braces
     */
    public record Variable(String name, String path, int index, String text) {}

    /**
     * The parts of a template, in order.
     *
     * @param text makes a part of text between variables
     * @param variable makes a part of a variable; null if it is not known here
     * @param known the variables that are, for the message
     * @throws IllegalArgumentException if the template is empty or malformed, or a variable not known
     */
    public static <P> List<P> parse(
            String template, Function<String, P> text, Function<Variable, P> variable, String known) {
        if (template == null || template.isBlank()) {
            throw new IllegalArgumentException("The template must not be empty");
        }
        List<P> parts = new ArrayList<>();
        Matcher matcher = VARIABLE.matcher(template);
        int from = 0;
        while (matcher.find()) {
            addText(parts, template, from, matcher.start(), text);
            int index = matcher.group(3) == null ? -1 : Integer.parseInt(matcher.group(3));
            P part = variable.apply(new Variable(matcher.group(1), matcher.group(2), index, matcher.group()));
            if (part == null) {
                throw new IllegalArgumentException("Unknown variable " + matcher.group() + " in template \"" + template
                        + "\"; known are " + known);
            }
            parts.add(part);
            from = matcher.end();
        }
        addText(parts, template, from, template.length(), text);
        return List.copyOf(parts);
    }

    private static <P> void addText(List<P> parts, String template, int from, int to, Function<String, P> text) {
        String between = template.substring(from, to);
        if (between.contains("${")) {
            throw new IllegalArgumentException("Malformed variable in template \"" + template + "\" at \""
                    + between.substring(between.indexOf("${")) + "\"");
        }
        if (!between.isEmpty()) {
            parts.add(text.apply(between));
        }
    }

    /** A dot-separated token of a value; null if the value has too few. */
    public static String token(String value, int index) {
        int from = 0;
        for (int i = 0; i < index; i++) {
            int dot = value.indexOf('.', from);
            if (dot < 0) {
                return null;
            }
            from = dot + 1;
        }
        int end = value.indexOf('.', from);
        return value.substring(from, end < 0 ? value.length() : end);
    }

    /** How many dot-separated tokens a value has. */
    public static long tokens(String value) {
        return value.chars().filter(c -> c == '.').count() + 1;
    }

    /**
     * Checks a setting that holds a template.
     *
     * @param absent which values need no template, null among them
     * @param parse throws an {@link IllegalArgumentException} if the text is none
     * @param known the variables that are known
     */
    public static ConfigDef.Validator validator(Predicate<String> absent, Consumer<String> parse, String known) {
        return new ConfigDef.Validator() {
            @Override
            public void ensureValid(String name, Object value) {
                if (absent.test((String) value)) {
                    return;
                }
                try {
                    parse.accept((String) value);
                } catch (IllegalArgumentException e) {
                    throw new ConfigException(name, value, e.getMessage());
                }
            }

            @Override
            public String toString() {
                return "text with the variables " + known;
            }
        };
    }
}
