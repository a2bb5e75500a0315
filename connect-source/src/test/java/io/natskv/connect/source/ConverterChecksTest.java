package io.natskv.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConverterChecksTest {
    private static final String KAFKA = "org.apache.kafka.connect.";

    /** Which converter writes which values: y or n for bytes, string, json, envelope. */
    @ParameterizedTest
    @CsvSource({
        KAFKA + "converters.ByteArrayConverter, ynnn",
        "ByteArrayConverter, ynnn",
        "ByteArray, ynnn",
        KAFKA + "storage.StringConverter, nynn",
        "StringConverter, nynn",
        KAFKA + "json.JsonConverter, yyyy",
        "io.confluent.connect.avro.AvroConverter, yyyy",
        "io.confluent.connect.json.JsonSchemaConverter, yyyy",
        KAFKA + "converters.LongConverter, nnnn",
    })
    void knowsWhatConvertersWrite(String converter, String fits) {
        String[] modes = {"bytes", "string", "json", "envelope"};
        for (int i = 0; i < modes.length; i++) {
            Map<String, String> errors = errors(Map.of("value.converter", converter, "record.value", modes[i]));
            if (fits.charAt(i) == 'y') {
                assertThat(errors).as(modes[i]).isEmpty();
            } else {
                assertThat(errors).as(modes[i]).containsOnlyKeys("value.converter");
                assertThat(errors.get("value.converter")).contains("; use org.apache.kafka.connect.");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "key, " + KAFKA + "storage.StringConverter, true",
        "key, " + KAFKA + "json.JsonConverter, true",
        "key, ByteArrayConverter, false",
        "key, IntegerConverter, false",
        "key_and_revision, StringConverter, false",
        "key_and_revision, ByteArrayConverter, false",
        "key_and_revision, JsonConverter, true",
        "key_and_revision, '', true",
    })
    void knowsWhatKeyConvertersWrite(String mode, String converter, boolean fits) {
        Map<String, String> errors = errors(Map.of(
                "value.converter",
                "ByteArrayConverter",
                "record.key",
                mode,
                "topic.partitions",
                "3",
                "key.converter",
                converter));
        assertThat(errors.keySet()).isEqualTo(fits ? Set.of() : Set.of("key.converter"));
    }

    @Test
    void headersNeedAConverterForTexts() {
        Map<String, String> settings = new HashMap<>(
                Map.of("value.converter", "ByteArrayConverter", "header.converter", "ByteArrayConverter"));
        assertThat(errors(settings)).containsOnlyKeys("header.converter");
        settings.put("record.headers", "");
        assertThat(errors(settings)).isEmpty();
        settings.put("record.nats.headers.include", "x");
        assertThat(errors(settings)).containsOnlyKeys("header.converter");
        settings.put("header.converter", KAFKA + "storage.SimpleHeaderConverter");
        assertThat(errors(settings)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {KAFKA + "transforms.Cast$Value", "com.example.Decode", "com.example.Decode$Value"})
    void aTransformMayMakeATextOfTheBytes(String transform) {
        assertThat(errors(transformed(transform))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                KAFKA + "transforms.InsertHeader",
                KAFKA + "transforms.Cast$Key",
                "com.example.Decode$Key",
                KAFKA + "transforms.InsertField$Value"
            })
    void otherTransformsDoNot(String transform) {
        assertThat(errors(transformed(transform))).containsOnlyKeys("value.converter");
    }

    private static Map<String, String> transformed(String transform) {
        return Map.of("value.converter", "StringConverter", "transforms", "t", "transforms.t.type", transform);
    }

    private static Map<String, String> errors(Map<String, String> given) {
        Map<String, String> settings = new HashMap<>(given);
        settings.put("nats.servers", "127.0.0.1:4222");
        Map<String, String> errors = new HashMap<>();
        new ConverterChecks(settings, new SourceConfig(settings).records(), errors::put).run();
        return errors;
    }
}
