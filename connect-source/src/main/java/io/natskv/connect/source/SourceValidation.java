package io.natskv.connect.source;

import io.natskv.connect.source.EntryConverter.KeyMode;
import io.natskv.connect.source.SourceConfig.StartMode;
import io.natskv.core.connect.ConnectionSettings;
import io.natskv.core.connect.GivenSettings;
import io.natskv.core.connect.LiveCheck;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigValue;

/** The checks that concern several settings, settings of the Connect framework, or the live server. */
final class SourceValidation {
    private static final String VALUE_CONVERTER = "value.converter";
    private static final String KEY_CONVERTER = "key.converter";
    private static final String EXACTLY_ONCE = "exactly.once.support";
    private static final String TRANSFORMS = "transforms";
    private static final String PRODUCER = "producer.override.";

    private final Map<String, String> settings;
    private final List<ConfigValue> all;
    private final Map<String, ConfigValue> values;

    private SourceValidation(Map<String, String> settings, List<ConfigValue> all) {
        this.settings = settings;
        this.all = all;
        this.values = all.stream().collect(Collectors.toMap(ConfigValue::name, Function.identity()));
    }

    /** Adds errors to the values of a configuration, and values for settings that are not the connector's own. */
    static void run(Map<String, String> settings, List<ConfigValue> values) {
        SourceValidation validation = new SourceValidation(settings, values);
        ConnectionSettings.check(settings, validation.values);
        validation.checkValueConverter();
        if (validation.ownSettingsAreClean()) {
            SourceConfig config = new SourceConfig(settings);
            validation.checkKeyConverter(config.keyMode());
            validation.checkOrder(config);
            validation.checkExactlyOnce();
            validation.checkLive(config);
        }
    }

    private boolean ownSettingsAreClean() {
        return SourceConfig.DEF.names().stream()
                .allMatch(name -> values.get(name).errorMessages().isEmpty());
    }

    private void checkValueConverter() {
        if (!GivenSettings.isSet(settings, VALUE_CONVERTER)) {
            error(
                    VALUE_CONVERTER,
                    "must be set here: the worker's own default, which a connector does not see, may write something else than the bytes. Use "
                            + "org.apache.kafka.connect.converters.ByteArrayConverter, which writes them as they are");
        } else if (isConverter(VALUE_CONVERTER, "String") && !valueIsTransformed()) {
            error(
                    VALUE_CONVERTER,
                    "StringConverter would write values as \"[B@...\", the name of a Java array; use "
                            + "org.apache.kafka.connect.converters.ByteArrayConverter, which writes the bytes as they are");
        }
    }

    private void checkKeyConverter(KeyMode mode) {
        if (!GivenSettings.isSet(settings, TRANSFORMS)) {
            if (mode == KeyMode.KEY && isConverter(KEY_CONVERTER, "ByteArray")) {
                error(
                        KEY_CONVERTER,
                        "ByteArrayConverter can't write a string; use org.apache.kafka.connect.storage.StringConverter");
            }
            if (mode == KeyMode.KEY_AND_REVISION
                    && (isConverter(KEY_CONVERTER, "String") || isConverter(KEY_CONVERTER, "ByteArray"))) {
                error(
                        KEY_CONVERTER,
                        "With " + SourceConfig.RECORD_KEY + "=key_and_revision the key is a struct; use "
                                + "org.apache.kafka.connect.json.JsonConverter or another converter for structs");
            }
        }
    }

    /** Records of one key have to stay in one partition, in the order of their revisions. */
    private void checkOrder(SourceConfig config) {
        if (config.keyMode() == KeyMode.KEY_AND_REVISION && config.partitions() == 0) {
            error(
                    SourceConfig.TOPIC_PARTITIONS,
                    "With " + SourceConfig.RECORD_KEY
                            + "=key_and_revision the number of partitions must be known, so that all "
                            + "revisions of a key go to one: set it to the topic's number of partitions, or set "
                            + SourceConfig.CREATED_PARTITIONS + " (without " + SourceConfig.CREATION_GROUPS + ")");
        }
        if (config.partitions() == 0) {
            for (String name : List.of("partitioner.class", "partitioner.ignore.keys")) {
                String value = GivenSettings.text(settings, PRODUCER + name);
                if (!value.isEmpty() && !value.equalsIgnoreCase("false")) {
                    error(
                            PRODUCER + name,
                            "Another partitioner may spread the records of one key over partitions, where they lose their order; "
                                    + "remove it, or set " + SourceConfig.TOPIC_PARTITIONS);
                }
            }
        }
        String inFlight = GivenSettings.text(settings, PRODUCER + "max.in.flight.requests.per.connection");
        boolean idempotent = Boolean.parseBoolean(GivenSettings.text(settings, PRODUCER + "enable.idempotence"));
        if (!inFlight.isEmpty() && !inFlight.equals("1") && !idempotent) {
            error(
                    PRODUCER + "max.in.flight.requests.per.connection",
                    "More than one request in flight loses the order of a key's records when one is retried, unless "
                            + PRODUCER + "enable.idempotence=true");
        }
    }

    private void checkExactlyOnce() {
        if ("required".equalsIgnoreCase(GivenSettings.text(settings, EXACTLY_ONCE)) && !isExactlyOnce(settings)) {
            error(
                    EXACTLY_ONCE,
                    SourceConfig.START_MODE
                            + "=updates_only has no offset to return to before its first record: changes made between a crash and the "
                            + "restart would be left out. Use snapshot or history");
        }
    }

    /** Also asked for settings with errors in them. */
    static boolean isExactlyOnce(Map<String, String> settings) {
        return !StartMode.UPDATES_ONLY.name().equalsIgnoreCase(GivenSettings.text(settings, SourceConfig.START_MODE));
    }

    private void checkLive(SourceConfig config) {
        LiveCheck.run(settings, config.buckets(), SourceConfig.BUCKETS)
                .forEach(finding -> values.get(finding.setting()).addErrorMessage(finding.message()));
    }

    /** By class name, as a whole or as the worker's alias. */
    private boolean isConverter(String setting, String kind) {
        String name = GivenSettings.text(settings, setting);
        String simple = name.substring(name.lastIndexOf('.') + 1);
        return simple.equals(kind + "Converter") || simple.equals(kind);
    }

    /** True if a transform may make something else of the bytes: Cast, or one that we don't know. */
    private boolean valueIsTransformed() {
        return Arrays.stream(GivenSettings.text(settings, TRANSFORMS).split(","))
                .map(name -> GivenSettings.text(settings, TRANSFORMS + "." + name.trim() + ".type"))
                .anyMatch(type -> !type.isEmpty()
                        && (!type.startsWith("org.apache.kafka.connect.transforms.") || type.endsWith("Cast$Value")));
    }

    private void error(String setting, String message) {
        ConfigValue value = values.computeIfAbsent(setting, name -> {
            ConfigValue added = new ConfigValue(name);
            added.value(settings.get(name));
            all.add(added);
            return added;
        });
        value.addErrorMessage(message);
    }
}
