package io.natskv.connect.sink.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.impl.Headers;
import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.record.RecordConverter.Outcome;
import io.natskv.core.KvOperation;
import io.natskv.core.connect.ConnectionSettings;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWrite.Condition;
import io.natskv.core.write.KvWrite.Origin;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the settings make of a record. */
class RecordMappingTest {
    private static final Origin ORIGIN = new Origin("read-from", 3, 42);
    private static final Schema ENVELOPE = SchemaBuilder.struct()
            .field("bucket", Schema.STRING_SCHEMA)
            .field("key", Schema.STRING_SCHEMA)
            .field("value", Schema.OPTIONAL_BYTES_SCHEMA)
            .field("revision", Schema.INT64_SCHEMA)
            .field("created", Schema.STRING_SCHEMA)
            .field("delta", Schema.INT64_SCHEMA)
            .field("operation", Schema.STRING_SCHEMA)
            .build();

    @ParameterizedTest
    @CsvSource({
        "key.template, ${value.id}, 5",
        "key.template, ${topic}.${header.tenant}, orders.acme",
        "key.template, ${topic}/${partition}/${offset}, orders/0/1",
        "key.codec, base64, YSBiLz8=",
        "key.codec, none, a b/?",
    })
    void takesTheKeyFromWhereItIs(String setting, String value, String expected) {
        RecordConverter converter = converter(setting, value);
        if (expected.indexOf(' ') > 0) {
            assertThatThrownBy(() -> converter.convert(record(), ORIGIN))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("U+0020 at position 1")
                    .hasMessageContaining("key.codec=base64");
        } else {
            assertThat(write(converter, record()).key()).isEqualTo(expected);
        }
    }

    @Test
    void pathsBecomeKeysOfDots() {
        SinkRecord record = new SinkRecord("orders", 0, null, "/a/b", null, "v", 1);
        assertThat(write(converter("key.codec", "path"), record).key()).isEqualTo("_root_.a.b");
    }

    @Test
    void anEmptyKeyOfATemplateIsARecordError() {
        SinkRecord record = new SinkRecord("orders", 0, null, "", null, "v", 1);
        assertThatThrownBy(() -> converter("key.codec", "base64").convert(record, ORIGIN))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("empty");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "${topic}             |                  | orders",
                "${header.tenant}     |                  | acme",
                "b-${value.id}        |                  | b-5",
                "${topic}             | orders:mapped,x:y| mapped",
                "${header.nothing}    | orders:mapped    | mapped",
            })
    void findsTheBucket(String template, String map, String expected) {
        RecordConverter converter =
                converter("bucket.template", template, "topic.buckets", map == null ? "" : map, "key.codec", "base64");
        assertThat(((Outcome.Write) converter.convert(record(), ORIGIN)).bucket())
                .isEqualTo(expected);
    }

    @Test
    void decimalsAreWrittenAsTheSettingSays() {
        Schema schema = Decimal.schema(2);
        SinkRecord record = new SinkRecord("orders", 0, null, "k", schema, new BigDecimal("10.20"), 1);
        assertThat(text(write(converter("json.decimal.format", "numeric"), record)))
                .isEqualTo("10.20");
        assertThat(text(write(converter(), record))).isEqualTo("\"A/w=\"");
    }

    @Test
    void textMayBeStoredAsJson() {
        SinkRecord record = new SinkRecord("orders", 0, null, "k", null, "a \"b\"", 1);
        assertThat(text(write(converter(), record))).isEqualTo("a \"b\"");
        assertThat(text(write(converter("value.format", "json"), record))).isEqualTo("\"a \\\"b\\\"\"");
        SinkRecord bytes = new SinkRecord("orders", 0, null, "k", null, new byte[] {1}, 1);
        assertThat(write(converter("value.format", "json"), bytes).value()).containsExactly(1);
    }

    @Test
    void headersGoWithTheEntryByPattern() {
        SinkRecord record = record();
        record.headers()
                .addString("trace-id", "1")
                .addInt("Trace-Level", 7)
                .add("trace-bytes", "raw".getBytes(StandardCharsets.UTF_8), null)
                .addString("trace-id", "2")
                .addString("trace-secret", "x")
                .add("trace-null", null, null)
                .addString("other", "x")
                .addString("Nats-TTL", "1")
                .addString("KV-Operation", "DEL")
                .addString("natskv-origin", "x")
                .addString("nats.kv.bucket", "x")
                .addString("__connect.errors.topic", "x");
        Headers headers = write(
                        converter(
                                "headers.include", "trace*, t*nt",
                                "headers.exclude", "*secret",
                                "key.codec", "base64"),
                        record)
                .headers();
        assertThat(headers.keySet()).containsExactlyInAnyOrder("trace-id", "Trace-Level", "trace-bytes", "tenant");
        assertThat(headers.get("trace-id")).containsExactly("1", "2");
        assertThat(headers.get("Trace-Level")).containsExactly("7");
        assertThat(headers.get("trace-bytes")).containsExactly("raw");
        Headers all = write(converter("headers.include", "*", "key.codec", "base64"), record)
                .headers();
        assertThat(all.keySet())
                .containsExactlyInAnyOrder(
                        "trace-id", "Trace-Level", "trace-bytes", "trace-secret", "tenant", "ttl", "revision", "other");
        assertThat(write(converter("key.codec", "base64"), record).headers().isEmpty())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({"name, grün", "name, 'a\nb'", "na:me, x", "na me, x"})
    void aHeaderThatNatsCanNotCarryIsARecordError(String name, String value) {
        SinkRecord record = new SinkRecord("orders", 0, null, "k", null, "v", 1);
        record.headers().addString(name, value);
        assertThatThrownBy(() -> converter("headers.include", "*").convert(record, ORIGIN))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(name)
                .hasMessageContaining("headers.exclude");
    }

    @ParameterizedTest
    @CsvSource({"90, 90000", "1.5, 1500", "1h30m, 5400000", "100ms, 100", "PT2M, 120000", "' 2d ', 172800000"})
    void readsATimeToLive(String text, long millis) {
        SinkRecord record = record();
        record.headers().addString("ttl", text);
        assertThat(write(converter("record.ttl", "${header.ttl}", "key.codec", "base64"), record)
                        .ttl())
                .hasValue(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = {"soon", "-1", "0", "5x", "PT", "h"})
    void refusesWhatIsNoTimeToLive(String text) {
        SinkRecord record = record();
        record.headers().addString("ttl", text);
        assertThatThrownBy(() -> converter("record.ttl", "${header.ttl}", "key.codec", "base64")
                        .convert(record, ORIGIN))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("record.ttl")
                .hasMessageContaining(text);
    }

    @Test
    void onlyValuesThatHaveOneGetATimeToLive() {
        RecordConverter converter = converter("record.ttl", "${header.none}", "key.codec", "base64");
        assertThat(write(converter, record()).ttl()).isEmpty();
        SinkRecord tombstone = new SinkRecord("orders", 0, null, "k", null, null, 1);
        tombstone.headers().addString("none", "5");
        assertThat(write(converter, tombstone).ttl()).isEmpty();
    }

    @Test
    void theWriteModeMakesTheCondition() {
        SinkRecord put = new SinkRecord("orders", 0, null, "k", null, "v", 1);
        SinkRecord delete = new SinkRecord("orders", 0, null, "k", null, null, 1);
        put.headers().addLong("revision", 7);
        delete.headers().addString("revision", "8");
        RecordConverter create = converter("write.mode", "create");
        assertThat(write(create, put).condition()).isEqualTo(Condition.ABSENT);
        assertThat(write(create, delete).condition()).isEqualTo(Condition.ALWAYS);
        RecordConverter update = converter("write.mode", "update", "expected.revision", "${header.revision}");
        assertThat(write(update, put).condition()).isEqualTo(new Condition.LastRevision(7));
        assertThat(write(update, delete).condition()).isEqualTo(new Condition.LastRevision(8));
        RecordConverter overwrite = converter(
                "write.mode", "update", "expected.revision", "${header.revision}", "on.conflict", "overwrite");
        assertThat(write(overwrite, put).condition()).isEqualTo(Condition.ALWAYS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "x", "1.0"})
    void anExpectedRevisionIsAWholeNumber(String text) {
        SinkRecord record = new SinkRecord("orders", 0, null, "k", null, "v", 1);
        if (!text.isEmpty()) {
            record.headers().addString("revision", text);
        }
        RecordConverter update = converter("write.mode", "update", "expected.revision", "${header.revision}");
        assertThatThrownBy(() -> update.convert(record, ORIGIN))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("revision");
    }

    @Test
    void provenanceMayBeLeftOut() {
        SinkRecord record = new SinkRecord("orders", 0, null, "k", null, "v", 1);
        assertThat(write(converter(), record).origin()).hasValue(ORIGIN);
        assertThat(write(converter("provenance.headers", "false"), record).origin())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"PUT, true", "DELETE, false", "PURGE, false"})
    void anEnvelopeTellsOperationKeyAndValue(KvOperation operation, boolean hasValue) {
        byte[] value = {1, 2, 3};
        Struct envelope = new Struct(ENVELOPE)
                .put("bucket", "source")
                .put("key", "a.b")
                .put("value", hasValue ? value : null)
                .put("revision", 5L)
                .put("created", "2026-01-01T00:00:00Z")
                .put("delta", 0L)
                .put("operation", operation.name());
        for (String mode : List.of("auto", "always")) {
            for (Object key : new Object[] {null, "a.b"}) {
                KvWrite write = write(
                        converter("envelope", mode, "tombstone.operation", "fail"),
                        new SinkRecord("orders", 0, null, key, ENVELOPE, envelope, 1));
                assertThat(write.key()).isEqualTo("a.b");
                assertThat(write.operation()).isEqualTo(operation);
                assertThat(write.value()).isEqualTo(hasValue ? value : new byte[0]);
            }
        }
        KvWrite stored =
                write(converter("envelope", "never"), new SinkRecord("orders", 0, null, "k", ENVELOPE, envelope, 1));
        assertThat(stored.operation()).isEqualTo(KvOperation.PUT);
        assertThat(text(stored)).startsWith("{").contains("\"operation\":\"" + operation);
    }

    @Test
    void anEnvelopeWithoutSchemaHoldsBytesAsBase64OrText() {
        Map<String, Object> envelope = new HashMap<>(Map.of(
                "bucket",
                "b",
                "key",
                "a.b",
                "revision",
                5L,
                "created",
                0L,
                "delta",
                0L,
                "operation",
                "PUT",
                "size",
                3L));
        envelope.put("value", "AQID");
        SinkRecord record = new SinkRecord("orders", 0, null, "a.b", null, envelope, 1);
        assertThat(write(converter(), record).value()).containsExactly(1, 2, 3);
        assertThat(text(write(converter("envelope.value", "string"), record))).isEqualTo("AQID");
        envelope.put("value", "no base64!");
        assertThatThrownBy(() -> converter().convert(record, ORIGIN))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("envelope.value");
        envelope.put("value", null);
        assertThatThrownBy(() -> converter().convert(record, ORIGIN))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("envelope says PUT");
    }

    @Test
    void anEnvelopeThatMustBeThereIsMissed() {
        SinkRecord record = new SinkRecord("orders", 0, null, "k", null, "v", 1);
        assertThatThrownBy(() -> converter("envelope", "always").convert(record, ORIGIN))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("no envelope")
                .hasMessageContaining("operation");
        SinkRecord tombstone = new SinkRecord("orders", 0, null, "k", null, null, 1);
        assertThat(write(converter("envelope", "always"), tombstone).operation())
                .as("what compaction makes of an envelope")
                .isEqualTo(KvOperation.DELETE);
    }

    private static String text(KvWrite write) {
        return new String(write.value(), StandardCharsets.UTF_8);
    }

    private static KvWrite write(RecordConverter converter, SinkRecord record) {
        return ((Outcome.Write) converter.convert(record, ORIGIN)).write();
    }

    private static RecordConverter converter(String... settings) {
        Map<String, String> all = new HashMap<>();
        all.put(ConnectionSettings.SERVERS, "nats://unused");
        for (int i = 0; i < settings.length; i += 2) {
            all.put(settings[i], settings[i + 1]);
        }
        return new RecordConverter(new SinkConfig(all));
    }

    private static SinkRecord record() {
        SinkRecord record = new SinkRecord("orders", 0, null, "a b/?", null, Map.of("id", 5), 1);
        record.headers().addString("tenant", "acme").addString("ttl", "60").addLong("revision", 9);
        return record;
    }
}
