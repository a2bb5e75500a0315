package io.natskv.connect.sink.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.config.SinkConfig.Tombstone;
import io.natskv.connect.sink.record.RecordConverter.Outcome;
import io.natskv.core.KvOperation;
import io.natskv.core.connect.ConnectionSettings;
import io.natskv.core.connect.KvKafkaHeaders;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWrite.Origin;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RecordConverterTest {
    private static final byte[] VALUE = {1, 2, 3};
    private static final Origin ORIGIN = new Origin("read-from", 3, 42);
    private static final Schema KEY_AND_REVISION = SchemaBuilder.struct()
            .field("key", Schema.STRING_SCHEMA)
            .field("revision", Schema.INT64_SCHEMA)
            .build();

    static Stream<Arguments> keys() {
        return Stream.of(
                Arguments.of("a.b", "a.b"),
                Arguments.of("a.b".getBytes(StandardCharsets.UTF_8), "a.b"),
                Arguments.of(ByteBuffer.wrap("xa.bx".getBytes(StandardCharsets.UTF_8), 1, 3), "a.b"),
                Arguments.of(17, "17"),
                Arguments.of((byte) 1, "1"),
                Arguments.of(9_000_000_000L, "9000000000"),
                Arguments.of(-1.5, "-1.5"),
                Arguments.of(new BigDecimal("10.20"), "10.20"),
                Arguments.of(new Struct(KEY_AND_REVISION).put("key", "a.b").put("revision", 7L), "a.b"),
                Arguments.of(Map.of("key", "a.b", "revision", 7L), "a.b"),
                Arguments.of(Map.of("key", 5), "5"));
    }

    @ParameterizedTest
    @MethodSource("keys")
    void readsTheKey(Object key, String expected) {
        assertThat(write(record("orders", key, VALUE, null)).write().key()).isEqualTo(expected);
    }

    static Stream<Arguments> badKeys() {
        return Stream.of(
                Arguments.of(null, "no key"),
                Arguments.of("", "empty"),
                Arguments.of("a b", "not allowed"),
                Arguments.of("a..b", "two dots"),
                Arguments.of("ключ", "U+043A"),
                Arguments.of(new byte[] {(byte) 0xc3, 0x28}, "UTF-8"),
                Arguments.of(true, "Boolean"),
                Arguments.of(List.of("a"), "only strings"),
                Arguments.of(Map.of("id", 1), "${key.<field>}"),
                Arguments.of(Map.of("key", Map.of("key", 1)), "${key.<field>}"),
                Arguments.of(
                        new Struct(SchemaBuilder.struct()
                                        .field("id", Schema.INT32_SCHEMA)
                                        .build())
                                .put("id", 1),
                        "${key.<field>}"));
    }

    @ParameterizedTest
    @MethodSource("badKeys")
    void refusesABadKeyAndSaysWhy(Object key, String message) {
        assertThatThrownBy(() -> convert(record("orders", key, VALUE, null)))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(message);
    }

    static Stream<Arguments> values() {
        return Stream.of(
                Arguments.of(VALUE, VALUE),
                Arguments.of(new byte[0], new byte[0]),
                Arguments.of(ByteBuffer.wrap(new byte[] {9, 1, 2, 3, 9}, 1, 3), VALUE),
                Arguments.of("grün", "grün".getBytes(StandardCharsets.UTF_8)),
                Arguments.of("", new byte[0]),
                Arguments.of(17, json("17")),
                Arguments.of(-1.5, json("-1.5")),
                Arguments.of(true, json("true")),
                Arguments.of(List.of("a", 1), json("[\"a\",1]")),
                Arguments.of(Map.of("a", Map.of("b", List.of())), json("{\"a\":{\"b\":[]}}")),
                Arguments.of(
                        new Struct(KEY_AND_REVISION).put("key", "a").put("revision", 7L),
                        json("{\"key\":\"a\",\"revision\":7}")));
    }

    private static byte[] json(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @MethodSource("values")
    void readsTheValue(Object value, byte[] expected) {
        KvWrite write = write(record("orders", "k", value, null)).write();
        assertThat(write.operation()).isEqualTo(KvOperation.PUT);
        assertThat(write.value()).isEqualTo(expected);
    }

    @Test
    void leavesABufferAsItWas() {
        ByteBuffer buffer = ByteBuffer.wrap(VALUE);
        convert(record("orders", ByteBuffer.wrap("k".getBytes(StandardCharsets.UTF_8)), buffer, null));
        assertThat(buffer.remaining()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({
        // header, has a value, tombstone setting, operation
        ", true, FAIL, PUT",
        ", false, DELETE, DELETE",
        ", false, PURGE, PURGE",
        "PUT, true, PURGE, PUT",
        "DELETE, false, PURGE, DELETE",
        "PURGE, false, IGNORE, PURGE",
        "purge, false, FAIL, PURGE",
        "DEL, false, FAIL, DELETE"
    })
    void theOperationHeaderDecidesBeforeTheValue(
            String header, boolean hasValue, Tombstone tombstone, KvOperation operation) {
        for (Object form :
                header == null ? new Object[] {null} : new Object[] {header, header.getBytes(StandardCharsets.UTF_8)}) {
            Outcome outcome = converter("${topic}", tombstone)
                    .convert(record("orders", "k", hasValue ? VALUE : null, form), ORIGIN);
            KvWrite write = ((Outcome.Write) outcome).write();
            assertThat(write.operation()).isEqualTo(operation);
            assertThat(write.value()).isEqualTo(operation == KvOperation.PUT ? VALUE : new byte[0]);
        }
    }

    @Test
    void recordsWithoutValueMayBeIgnoredOrRefused() {
        SinkRecord record = record("orders", "k", null, null);
        assertThat(converter("${topic}", Tombstone.IGNORE).convert(record, ORIGIN))
                .isInstanceOf(Outcome.Ignored.class);
        assertThatThrownBy(() -> converter("${topic}", Tombstone.FAIL).convert(record, ORIGIN))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("tombstone.operation");
    }

    @ParameterizedTest
    @CsvSource({"UPSERT, false, PUT", "PUT, false, no value", "DELETE, true, has a value", "purge, true, has a value"})
    void refusesAHeaderThatMakesNoSense(String header, boolean hasValue, String message) {
        for (byte[] value : hasValue ? new byte[][] {VALUE, {}} : new byte[][] {null}) {
            assertThatThrownBy(() -> convert(record("orders", "k", value, header)))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining(KvKafkaHeaders.OPERATION)
                    .hasMessageContaining(message);
        }
    }

    @ParameterizedTest
    @CsvSource({"${topic}, orders, orders", "fixed, any.topic, fixed", "${topic[1]}, kv.orders, orders"})
    void namesTheBucket(String template, String topic, String bucket) {
        Outcome outcome = converter(template, Tombstone.DELETE).convert(record(topic, "k", VALUE, null), ORIGIN);
        assertThat(((Outcome.Write) outcome).bucket()).isEqualTo(bucket);
    }

    @ParameterizedTest
    @CsvSource({"${topic}, kv.orders", "${topic[1]}, orders"})
    void anIllegalBucketIsARecordErrorWithAdvice(String template, String topic) {
        RecordConverter converter = converter(template, Tombstone.DELETE);
        assertThatThrownBy(() -> converter.convert(record(topic, "k", VALUE, null), ORIGIN))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("bucket.template")
                .hasMessageContaining(topic);
    }

    @Test
    void everyWriteSaysWhereItComesFrom() {
        KvWrite write = write(record("routed", "k", VALUE, null)).write();
        assertThat(write.origin()).hasValue(ORIGIN);
        assertThat(write.condition()).isEqualTo(KvWrite.Condition.ALWAYS);
    }

    private static Outcome.Write write(SinkRecord record) {
        return (Outcome.Write) convert(record);
    }

    private static Outcome convert(SinkRecord record) {
        return converter("${topic}", Tombstone.DELETE).convert(record, ORIGIN);
    }

    private static RecordConverter converter(String template, Tombstone tombstone) {
        return new RecordConverter(new SinkConfig(Map.of(
                ConnectionSettings.SERVERS,
                "nats://unused",
                SinkConfig.BUCKET_TEMPLATE,
                template,
                SinkConfig.TOMBSTONE_OPERATION,
                tombstone.name().toLowerCase(Locale.ROOT))));
    }

    private static SinkRecord record(String topic, Object key, Object value, Object operation) {
        SinkRecord record = new SinkRecord(topic, 0, null, key, null, value, 1);
        if (operation != null) {
            record.headers().add(KvKafkaHeaders.OPERATION, operation, null);
        }
        return record;
    }
}
