package io.natskv.connect.sink.template;

import io.natskv.core.connect.TemplateText;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * Text with variables that a record fills in: {@code ${topic}}, {@code ${key}}, {@code ${value.customer.id}}, {@code ${header.tenant}};
 * with {@code [1]} behind, the second of the dot-separated parts of it. Immutable.
 */
public final class RecordTemplate {
    private final String template;
    private final List<Part> parts;

    /** What of a record a variable may stand for. */
    public enum Variable {
        /** The topic, as transforms left it. */
        TOPIC(false),
        PARTITION(false),
        OFFSET(false),
        /** The record's key, or a field of it. */
        KEY(true),
        /** The record's value, or a field of it. */
        VALUE(true),
        /** A header, by its name. */
        HEADER(true);

        private final boolean hasPath;

        Variable(boolean hasPath) {
            this.hasPath = hasPath;
        }

        private String text() {
            String name = name().toLowerCase(Locale.ROOT);
            return switch (this) {
                case HEADER -> "${header.<name>}";
                case VALUE, KEY -> "${" + name + "}, ${" + name + ".<field>}";
                default -> "${" + name + "}";
            };
        }
    }

    private sealed interface Part {}

    private record Text(String text) implements Part {}

    /**
     * @param path field or header; null for the whole
     * @param index the token that is meant, -1 for all
     */
    private record Place(Variable variable, String path, int index, String text) implements Part {}

    private RecordTemplate(String template, List<Part> parts) {
        this.template = template;
        this.parts = parts;
    }

    /**
     * @param allowed the variables that may be used
     * @throws IllegalArgumentException if the template is empty, malformed or uses another variable; the message says which are known
     */
    public static RecordTemplate parse(String template, Set<Variable> allowed) {
        return new RecordTemplate(
                template,
                TemplateText.parse(template, Text::new, variable -> place(variable, allowed), known(allowed)));
    }

    /** Null if there is no such variable. */
    private static Place place(TemplateText.Variable written, Set<Variable> allowed) {
        for (Variable variable : allowed) {
            boolean named = variable.name().equalsIgnoreCase(written.name());
            if (named && (written.path() == null ? variable != Variable.HEADER : variable.hasPath)) {
                return new Place(variable, written.path(), written.index(), written.text());
            }
        }
        return null;
    }

    private static String known(Set<Variable> allowed) {
        return new TreeSet<>(allowed).stream().map(Variable::text).collect(Collectors.joining(", "));
    }

    /** Checks a setting that holds a template, or nothing. */
    public static ConfigDef.Validator validator(Set<Variable> allowed) {
        return TemplateText.validator(
                text -> text == null || text.isEmpty(), text -> parse(text, allowed), known(allowed));
    }

    /** Checks a setting that has to hold a template. */
    public static ConfigDef.Validator requiredValidator(Set<Variable> allowed) {
        return TemplateText.validator(text -> false, text -> parse(text, allowed), known(allowed));
    }

    /** True if there is no variable in it. */
    public boolean isConstant() {
        return parts.stream().allMatch(Text.class::isInstance);
    }

    /** True if all records of a topic give the same text. */
    public boolean dependsOnTopicOnly() {
        return parts.stream().allMatch(part -> part instanceof Text || ((Place) part).variable() == Variable.TOPIC);
    }

    /**
     * The text for a record.
     *
     * @throws DataException if the record lacks something, or has it in a form that is no text; the message says what
     */
    public String render(SinkRecord record) {
        if (parts.size() == 1) {
            return text(parts.get(0), record);
        }
        StringBuilder text = new StringBuilder();
        for (Part part : parts) {
            text.append(text(part, record));
        }
        return text.toString();
    }

    /** The text for a record; null if the record lacks a field or header that is named. */
    public String renderIfThere(SinkRecord record) {
        for (Part part : parts) {
            if (part instanceof Place place && find(place, record) == null) {
                return null;
            }
        }
        return render(record);
    }

    private String text(Part part, SinkRecord record) {
        if (part instanceof Text text) {
            return text.text();
        }
        Place place = (Place) part;
        Object found = find(place, record);
        if (found == null) {
            throw new DataException(missing(place, record));
        }
        String text = Fields.text(found);
        if (text == null) {
            throw new DataException(place.text() + " of template \"" + template + "\" is a "
                    + found.getClass().getSimpleName()
                    + "; only strings, bytes of UTF-8 and numbers can be part of a name"
                    + Fields.hint(found, place.text()));
        }
        return place.index() < 0 ? text : token(place, text);
    }

    private static Object find(Place place, SinkRecord record) {
        return switch (place.variable()) {
            case TOPIC -> record.topic();
            case PARTITION -> record.kafkaPartition();
            case OFFSET -> record.kafkaOffset();
            case KEY -> place.path() == null ? Fields.wholeKey(record.key()) : Fields.at(record.key(), place.path());
            case VALUE -> place.path() == null ? record.value() : Fields.at(record.value(), place.path());
            case HEADER -> {
                Header header = record.headers().lastWithName(place.path());
                yield header == null ? null : header.value();
            }
        };
    }

    private String missing(Place place, SinkRecord record) {
        String what = place.text() + ", which template \"" + template + "\" needs";
        if (place.variable() == Variable.HEADER) {
            return "The record has no header " + place.path() + " for " + what;
        }
        boolean key = place.variable() == Variable.KEY;
        Object whole = key ? record.key() : record.value();
        if (whole == null) {
            return "The record has no " + (key ? "key" : "value") + " for " + what;
        }
        return "The record's " + (key ? "key" : "value") + " has no "
                + (Fields.hasFields(whole)
                        ? "such field for " + what
                        : "fields, it is a " + whole.getClass().getSimpleName() + ", for " + what
                                + "; set " + (key ? "key" : "value")
                                + ".converter to one that reads structures (JsonConverter, Avro)");
    }

    private String token(Place place, String text) {
        String token = TemplateText.token(text, place.index());
        if (token == null) {
            throw new DataException("Template \"" + template + "\" needs part " + place.index() + " of \"" + text
                    + "\", which has " + TemplateText.tokens(text));
        }
        return token;
    }

    @Override
    public String toString() {
        return template;
    }
}
