package io.natskv.core.connect;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/**
 * A name with variables: {@code kv.${bucket}}, or {@code ${key[0]}} for the first of the dot-separated tokens of a key. Immutable.
 */
public final class NameTemplate {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([a-z]+)(?:\\[(\\d{1,4})])?}");

    private final String template;
    private final List<Part> parts;

    private sealed interface Part {}

    private record Text(String text) implements Part {}

    /** @param index the token that is meant, -1 for the whole value */
    private record Variable(String name, int index) implements Part {}

    private NameTemplate(String template, List<Part> parts) {
        this.template = template;
        this.parts = List.copyOf(parts);
    }

    /**
     * @param variables the variables that may be used
     * @throws IllegalArgumentException if the template is empty, malformed or uses another variable; the message says which are known
     */
    public static NameTemplate parse(String template, Set<String> variables) {
        if (template == null || template.isBlank()) {
            throw new IllegalArgumentException("The template must not be empty");
        }
        List<Part> parts = new ArrayList<>();
        Matcher matcher = VARIABLE.matcher(template);
        int from = 0;
        while (matcher.find()) {
            addText(parts, template, from, matcher.start());
            if (!variables.contains(matcher.group(1))) {
                throw new IllegalArgumentException("Unknown variable " + matcher.group() + " in template \"" + template
                        + "\"; known are " + known(variables));
            }
            parts.add(
                    new Variable(matcher.group(1), matcher.group(2) == null ? -1 : Integer.parseInt(matcher.group(2))));
            from = matcher.end();
        }
        addText(parts, template, from, template.length());
        return new NameTemplate(template, parts);
    }

    private static void addText(List<Part> parts, String template, int from, int to) {
        String text = template.substring(from, to);
        if (text.contains("${")) {
            throw new IllegalArgumentException("Malformed variable in template \"" + template + "\" at \""
                    + text.substring(text.indexOf("${")) + "\"");
        }
        if (!text.isEmpty()) {
            parts.add(new Text(text));
        }
    }

    private static String known(Set<String> variables) {
        return new TreeSet<>(variables).stream().map(name -> "${" + name + "}").collect(Collectors.joining(", "));
    }

    /** Checks a setting that holds a template. */
    public static ConfigDef.Validator validator(Set<String> variables) {
        return new ConfigDef.Validator() {
            @Override
            public void ensureValid(String name, Object value) {
                if (value == null) {
                    return;
                }
                try {
                    parse((String) value, variables);
                } catch (IllegalArgumentException e) {
                    throw new ConfigException(name, value, e.getMessage());
                }
            }

            @Override
            public String toString() {
                return "text with the variables " + known(variables);
            }
        };
    }

    /** True if the name depends on the variable. */
    public boolean uses(String variable) {
        return parts.stream()
                .anyMatch(part -> part instanceof Variable v && v.name().equals(variable));
    }

    /** How many tokens the value of a variable must have, at least; 0 if the name does not depend on it. */
    public int tokensOf(String variable) {
        return parts.stream()
                .mapToInt(part ->
                        part instanceof Variable v && v.name().equals(variable) ? Math.max(0, v.index()) + 1 : 0)
                .max()
                .orElse(0);
    }

    /** True if there is no variable in it. */
    public boolean isConstant() {
        return parts.stream().allMatch(Text.class::isInstance);
    }

    /**
     * The name.
     *
     * @param values gives the value of a variable
     * @throws IllegalArgumentException if a value has too few tokens
     */
    public String render(Function<String, String> values) {
        StringBuilder name = new StringBuilder();
        for (Part part : parts) {
            if (part instanceof Text text) {
                name.append(text.text());
            } else if (part instanceof Variable variable) {
                String value = values.apply(variable.name());
                name.append(variable.index() < 0 ? value : token(variable, value));
            }
        }
        return name.toString();
    }

    private String token(Variable variable, String value) {
        int from = 0;
        for (int i = 0; i < variable.index(); i++) {
            int dot = value.indexOf('.', from);
            if (dot < 0) {
                throw new IllegalArgumentException("Template \"" + template + "\" needs token " + variable.index()
                        + " of " + variable.name() + " \"" + value + "\", which has " + (i + 1));
            }
            from = dot + 1;
        }
        int end = value.indexOf('.', from);
        return value.substring(from, end < 0 ? value.length() : end);
    }

    @Override
    public String toString() {
        return template;
    }
}
