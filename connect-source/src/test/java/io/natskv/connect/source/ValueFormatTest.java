package io.natskv.connect.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.connect.source.UndecodableException.Part;
import io.natskv.core.KvEntry;
import io.natskv.core.KvOperation;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.connect.json.JsonConverter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValueFormatTest {
    static Stream<Arguments> json() {
        return Stream.of(
                Arguments.of("{}", Map.of()),
                Arguments.of("[]", List.of()),
                Arguments.of("\"\"", ""),
                Arguments.of(" 7 ", 7L),
                Arguments.of("-9223372036854775808", Long.MIN_VALUE),
                Arguments.of("7.0", 7.0),
                Arguments.of("1e3", 1000.0),
                Arguments.of("true", true),
                Arguments.of(
                        "[null,1,[2.5,\"x\"],{\"a\":null}]",
                        Arrays.asList(null, 1L, List.of(2.5, "x"), Collections.singletonMap("a", null))),
                Arguments.of(
                        "{\"a\":{\"b\":[{\"c\":\"h\u00f6\"}]},\"d\":false}",
                        Map.of("a", Map.of("b", List.of(Map.of("c", "h\u00f6"))), "d", false)));
    }

    @ParameterizedTest
    @MethodSource("json")
    void readsJson(String text, Object value) {
        JsonValues json = new JsonValues();
        assertThat(json.of(entry(text), "k", null)).isEqualTo(value);
        assertThat(json.schema()).isNull();
    }

    /** What goes through the worker's converter comes out as it went in, and is what that converter itself reads. */
    @ParameterizedTest
    @MethodSource("json")
    void isWhatTheJsonConverterReads(String text, Object value) {
        try (JsonConverter converter = new JsonConverter()) {
            converter.configure(Map.of("schemas.enable", "false", "converter.type", "value"));
            byte[] written = converter.fromConnectData("t", null, new JsonValues().of(entry(text), "k", null));
            assertThat(converter.toConnectData("t", written).value()).isEqualTo(value);
            assertThat(converter
                            .toConnectData("t", text.getBytes(StandardCharsets.UTF_8))
                            .value())
                    .isEqualTo(value);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "{",
                "{\"a\":secret}",
                "[1,]",
                "1 2",
                "{} x",
                "'a'",
                "NaN",
                "9223372036854775808",
                "[12345678901234567890]",
                "1e400"
            })
    void refusesWhatIsNoJsonOrWouldChange(String text) {
        assertThatThrownBy(() -> new JsonValues().of(entry(text), "k", null))
                .isInstanceOfSatisfying(
                        UndecodableException.class, e -> assertThat(e.part()).isEqualTo(Part.VALUE))
                .hasNoCause()
                .message()
                .doesNotContain("secret");
    }

    @Test
    void refusesDeepNesting() {
        assertThatThrownBy(() -> new JsonValues().of(entry("[".repeat(100_000)), "k", null))
                .isInstanceOf(UndecodableException.class);
    }

    @Test
    void refusesWhatIsNoUtf8() {
        assertThat(ValueFormat.TEXT.of(entry("h\u00f6"), "k", null)).isEqualTo("h\u00f6");
        assertThat(ValueFormat.TEXT.of(entry(""), "k", null)).isEqualTo("");
        for (byte[] bytes :
                List.of(new byte[] {-1}, new byte[] {'a', (byte) 0xC3}, new byte[] {(byte) 0xED, -96, -128})) {
            assertThatThrownBy(() -> ValueFormat.TEXT.of(entry(bytes), "k", null))
                    .isInstanceOf(UndecodableException.class)
                    .hasMessageContaining("UTF-8");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u00ff\u00fe", "{\"a\":\"\u00ff\"}"})
    void refusesJsonThatIsNoUtf8(String latin) {
        assertThatThrownBy(() -> new JsonValues().of(entry(latin.getBytes(StandardCharsets.ISO_8859_1)), "k", null))
                .isInstanceOf(UndecodableException.class);
    }

    private static KvEntry entry(String value) {
        return entry(value.getBytes(StandardCharsets.UTF_8));
    }

    private static KvEntry entry(byte[] value) {
        return new KvEntry("orders", "k", value, 7, Instant.EPOCH, 0, KvOperation.PUT, null);
    }
}
