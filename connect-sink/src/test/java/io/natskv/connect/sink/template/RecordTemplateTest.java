package io.natskv.connect.sink.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.connect.sink.template.RecordTemplate.Variable;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordTemplateTest {
    private static final Set<Variable> ALL = EnumSet.allOf(Variable.class);
    private static final Schema ADDRESS =
            SchemaBuilder.struct().field("zip", Schema.STRING_SCHEMA).build();
    private static final Schema CUSTOMER = SchemaBuilder.struct()
            .field("id", Schema.INT32_SCHEMA)
            .field("home.zip", Schema.OPTIONAL_STRING_SCHEMA)
            .field("address", ADDRESS)
            .field("note", Schema.OPTIONAL_STRING_SCHEMA)
            .build();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "plain                        | plain",
                "${topic}                     | kv.orders",
                "${topic[0]}                  | kv",
                "${topic[1]}.${key.id}        | orders.7",
                "${key.address.zip}           | 04109",
                "${key.home.zip}              | 10115",
                "${value.customer.id}         | 8",
                "${value.tags[1]}             | b",
                "${value.price}               | 10.20",
                "${header.tenant}             | acme",
                "${header.x-a.b}              | dotted",
                "${header.dots[2]}            | three",
                "${partition}-${offset}       | 3-42",
                "${value.bytes}/${value.buffer}| raw/wrapped"
            })
    void fillsInWhatTheRecordHas(String template, String expected) {
        assertThat(RecordTemplate.parse(template, ALL).render(record())).isEqualTo(expected);
        assertThat(RecordTemplate.parse(template, ALL).renderIfThere(record())).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "${key}             | ${key.<field>}",
                "${key.nothing}     | no such field",
                "${key.note}        | no such field",
                "${value.customer}  | ${value.customer.<field>}",
                "${value.when}      | Date",
                "${header.nothing}  | no header nothing",
                "${topic[2]}        | has 2",
            })
    void saysWhatARecordLacks(String template, String message) {
        assertThatThrownBy(() -> RecordTemplate.parse(template, ALL).render(record()))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(message)
                .hasMessageContaining(template.contains("topic") ? template : template.substring(0, 5));
    }

    @Test
    void saysWhenThereAreNoFieldsAtAll() {
        SinkRecord plain = new SinkRecord("t", 0, null, "text", null, null, 0);
        assertThatThrownBy(() -> RecordTemplate.parse("${key.id}", ALL).render(plain))
                .hasMessageContaining("it is a String")
                .hasMessageContaining("key.converter");
        assertThatThrownBy(() -> RecordTemplate.parse("${value.id}", ALL).render(plain))
                .hasMessageContaining("has no value");
    }

    @ParameterizedTest
    @CsvSource({"${header.nothing}", "a${key.nothing}b", "${value.customer.nothing}"})
    void whatNeedNotBeThereIsNull(String template) {
        assertThat(RecordTemplate.parse(template, ALL).renderIfThere(record())).isNull();
    }

    @Test
    void aStructuredKeyStandsForItsFieldKey() {
        RecordTemplate template = RecordTemplate.parse("${key[0]}", ALL);
        SinkRecord record = new SinkRecord("t", 0, null, Map.of("key", "a.b", "revision", 1L), null, null, 0);
        assertThat(template.render(record)).isEqualTo("a");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "${unknown}    | Unknown variable",
                "${topic.name} | Unknown variable",
                "${header}     | ${header.<name>}",
                "${Topic}      | Malformed",
                "${key[x]}     | Malformed",
                "${key         | Malformed",
            })
    void refusesWhatItCanNotRead(String template, String message) {
        assertThatThrownBy(() -> RecordTemplate.validator(ALL).ensureValid("setting", template))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message);
    }

    @Test
    void refusesVariablesThatHaveNoPlaceThere() {
        assertThatThrownBy(() -> RecordTemplate.parse("${offset}", EnumSet.of(Variable.TOPIC)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("known are ${topic}");
        assertThatThrownBy(() -> RecordTemplate.parse(" ", ALL)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void knowsWhatItDependsOn() {
        assertThat(RecordTemplate.parse("fixed", ALL).isConstant()).isTrue();
        assertThat(RecordTemplate.parse("a${topic[1]}", ALL).isConstant()).isFalse();
        assertThat(RecordTemplate.parse("a${topic[1]}", ALL).dependsOnTopicOnly())
                .isTrue();
        assertThat(RecordTemplate.parse("${topic}${header.a}", ALL).dependsOnTopicOnly())
                .isFalse();
    }

    private static SinkRecord record() {
        Struct key = new Struct(CUSTOMER)
                .put("id", 7)
                .put("home.zip", "10115")
                .put("address", new Struct(ADDRESS).put("zip", "04109"));
        Map<String, Object> value = Map.of(
                "customer",
                Map.of("id", 8L),
                "tags",
                "a.b.c",
                "price",
                new BigDecimal("10.20"),
                "when",
                new Date(0),
                "bytes",
                "raw".getBytes(StandardCharsets.UTF_8),
                "buffer",
                ByteBuffer.wrap("wrapped".getBytes(StandardCharsets.UTF_8)));
        SinkRecord record = new SinkRecord("kv.orders", 3, CUSTOMER, key, null, value, 42);
        record.headers()
                .addString("tenant", "other")
                .addString("tenant", "acme")
                .addString("x-a.b", "dotted")
                .addString("dots", "one.two.three");
        return record;
    }
}
