package io.natskv.core.connect;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;

/**
 * A name with variables: {@code kv.${bucket}}, or {@code ${key[0]}} for the first of the dot-separated tokens of a key. Immutable.
 */
public final class NameTemplate {
    private final String template;
    private final List<Part> parts;

    private sealed interface Part {}

    private record Text(String text) implements Part {}

    /** @param index the token that is meant, -1 for the whole value */
    private record Variable(String name, int index) implements Part {}

    private NameTemplate(String template, List<Part> parts) {
        this.template = template;
        this.parts = parts;
    }

    /**
     * @param variables the variables that may be used
     * @throws IllegalArgumentException if the template is empty, malformed or uses another variable; the message says which are known
     */
    public static NameTemplate parse(String template, Set<String> variables) {
        return new NameTemplate(
                template,
                TemplateText.parse(
                        template,
                        Text::new,
                        variable -> variable.path() == null && variables.contains(variable.name())
                                ? new Variable(variable.name(), variable.index())
                                : null,
                        known(variables)));
    }

    private static String known(Set<String> variables) {
        return new TreeSet<>(variables).stream().map(name -> "${" + name + "}").collect(Collectors.joining(", "));
    }

    /** Checks a setting that holds a template. */
    public static ConfigDef.Validator validator(Set<String> variables) {
        return TemplateText.validator(Objects::isNull, text -> parse(text, variables), known(variables));
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
        String token = TemplateText.token(value, variable.index());
        if (token == null) {
            throw new IllegalArgumentException("Template \"" + template + "\" needs token " + variable.index() + " of "
                    + variable.name() + " \"" + value + "\", which has " + TemplateText.tokens(value));
        }
        return token;
    }

    @Override
    public String toString() {
        return template;
    }
}
