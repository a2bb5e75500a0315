package io.natskv.connect.source;

import io.natskv.connect.source.RecordKeys.KeyMode;
import io.natskv.connect.source.ValueFormat.ValueMode;
import io.natskv.core.connect.GivenSettings;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Whether the converters write what the records hold. Some fail at the first record; StringConverter does not, and writes what
 * {@code toString} makes of it: {@code [B@1a2b3c4d} for bytes.
 */
final class ConverterChecks {
    private static final String VALUE_CONVERTER = "value.converter";
    private static final String KEY_CONVERTER = "key.converter";
    private static final String HEADER_CONVERTER = "header.converter";
    private static final String TRANSFORMS = "transforms";
    private static final String KAFKA_TRANSFORMS = "org.apache.kafka.connect.transforms.";

    /** Converters for one primitive type, which no record of ours has. */
    private static final Set<String> PRIMITIVES = Set.of("Boolean", "Short", "Integer", "Long", "Float", "Double");

    /** Kafka's transforms that make something else of a whole value; unknown ones may do so too. */
    private static final Set<String> CHANGING = Set.of("Cast$Value", "ExtractField$Value", "HoistField$Value");

    private static final Set<String> CHANGING_KEYS =
            Set.of("Cast$Key", "ExtractField$Key", "HoistField$Key", "ValueToKey");

    private static final String BYTES_AS_THEY_ARE =
            "org.apache.kafka.connect.converters.ByteArrayConverter, which writes the bytes as they are";

    private final Map<String, String> settings;
    private final RecordSettings records;
    private final BiConsumer<String, String> errors;

    /**
     * @param records null if the connector's own settings are not usable
     * @param errors takes a setting and what is wrong about it
     */
    ConverterChecks(Map<String, String> settings, RecordSettings records, BiConsumer<String, String> errors) {
        this.settings = settings;
        this.records = records;
        this.errors = errors;
    }

    void run() {
        if (!GivenSettings.isSet(settings, VALUE_CONVERTER)) {
            errors.accept(
                    VALUE_CONVERTER,
                    "must be set here: the worker's own default, which a connector does not see, may write something else than is meant. Use "
                            + recommended());
        } else if (records != null) {
            checkValueConverter(records.valueMode());
        }
        if (records != null) {
            checkKeyConverter(records.keyMode());
            checkHeaderConverter();
        }
    }

    private String recommended() {
        ValueMode mode = records == null ? ValueMode.BYTES : records.valueMode();
        return switch (mode) {
            case BYTES -> BYTES_AS_THEY_ARE;
            case STRING -> "org.apache.kafka.connect.storage.StringConverter, which writes the text in UTF-8";
            case JSON ->
                "org.apache.kafka.connect.json.JsonConverter with " + VALUE_CONVERTER + ".schemas.enable=false";
            case ENVELOPE -> "org.apache.kafka.connect.json.JsonConverter or another converter for structs";
        };
    }

    private void checkValueConverter(ValueMode mode) {
        if (transformed(CHANGING, "Value")) {
            return;
        }
        String simple = simpleName(VALUE_CONVERTER);
        String problem = null;
        if (PRIMITIVES.contains(simple)) {
            problem = simple + "Converter can't write the records' values";
        } else if (mode != ValueMode.STRING && simple.equals("String")) {
            problem = mode == ValueMode.BYTES
                    ? "StringConverter would write values as \"[B@...\", the name of a Java array"
                    : "StringConverter would write values as Java prints them, " + example(mode)
                            + ", which nothing reads";
        } else if (mode != ValueMode.BYTES && simple.equals("ByteArray")) {
            problem = "ByteArrayConverter can't write what " + RecordSettings.RECORD_VALUE + "="
                    + mode.name().toLowerCase(Locale.ROOT) + " makes";
        }
        if (problem != null) {
            errors.accept(VALUE_CONVERTER, problem + "; use " + recommended());
        }
    }

    private static String example(ValueMode mode) {
        return mode == ValueMode.JSON ? "\"{a=1}\"" : "\"Struct{bucket=...}\"";
    }

    private void checkKeyConverter(KeyMode mode) {
        if (transformed(CHANGING_KEYS, "Key")) {
            return;
        }
        String simple = simpleName(KEY_CONVERTER);
        if (mode == KeyMode.KEY && (simple.equals("ByteArray") || PRIMITIVES.contains(simple))) {
            errors.accept(
                    KEY_CONVERTER,
                    simple + "Converter can't write a string; use org.apache.kafka.connect.storage.StringConverter");
        }
        if (mode == KeyMode.KEY_AND_REVISION
                && (simple.equals("String") || simple.equals("ByteArray") || PRIMITIVES.contains(simple))) {
            errors.accept(
                    KEY_CONVERTER,
                    "With " + RecordSettings.RECORD_KEY + "=key_and_revision the key is a struct; use "
                            + "org.apache.kafka.connect.json.JsonConverter or another converter for structs");
        }
    }

    private void checkHeaderConverter() {
        boolean headers = !records.ownHeaders().isEmpty()
                || !records.natsHeaders().isEmpty()
                || records.deadLetterTopic().isPresent();
        String simple = simpleName(HEADER_CONVERTER);
        if (headers && (simple.equals("ByteArray") || PRIMITIVES.contains(simple))) {
            errors.accept(
                    HEADER_CONVERTER,
                    simple + "Converter can't write headers that are texts and numbers; leave it out, or use "
                            + "org.apache.kafka.connect.storage.StringConverter");
        }
    }

    /** The converter's class without package and suffix; as such the worker's aliases are written, too. */
    private String simpleName(String setting) {
        String name = GivenSettings.text(settings, setting);
        String simple = name.substring(name.lastIndexOf('.') + 1);
        return simple.endsWith("Converter") ? simple.substring(0, simple.length() - "Converter".length()) : simple;
    }

    /** True if a transform may make something else of it: one that is known to, or one that we don't know and that is not for the other side. */
    private boolean transformed(Set<String> changing, String side) {
        return types().stream()
                .anyMatch(type -> type.startsWith(KAFKA_TRANSFORMS)
                        ? changing.contains(type.substring(KAFKA_TRANSFORMS.length()))
                        : !type.contains("$") || type.endsWith("$" + side));
    }

    private List<String> types() {
        return Arrays.stream(GivenSettings.text(settings, TRANSFORMS).split(","))
                .map(name -> GivenSettings.text(settings, TRANSFORMS + "." + name.trim() + ".type"))
                .filter(type -> !type.isEmpty())
                .toList();
    }
}
