package io.natskv.tools.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.KvEntry;
import io.natskv.core.KvOperation;
import io.natskv.core.connect.KvKafkaHeaders;
import io.natskv.core.key.KeyCodec;
import io.natskv.tools.verify.RecordFormat.Compare;
import io.natskv.tools.verify.RecordFormat.Converter;
import io.natskv.tools.verify.RecordFormat.Key;
import io.natskv.tools.verify.RecordFormat.Reading;
import io.natskv.tools.verify.RecordFormat.Settings;
import io.natskv.tools.verify.RecordFormat.Value;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordFormatTest {
    private static final String VALUE = "{\"a\": 1, \"b\": [2.50, \"ü\"]}";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"b\":[2.5,\"ü\"],\"a\":1} | true",
                "{\"a\":1.0,\"b\":[25e-1,\"\\u00fc\"]} | true",
                "{\"a\":1,\"b\":[2.5,\"u\"]} | false",
                "{\"a\":\"1\",\"b\":[2.5,\"ü\"]} | false",
                "{\"a\":1,\"b\":[\"ü\",2.5]} | false",
                "{\"a\":1} | false"
            })
    void jsonIsComparedByWhatItSays(String json, boolean same) {
        RecordFormat format = new RecordFormat(settings(Key.key, Value.json, Converter.plain, Converter.json, false));
        assertThat(read(format, "k", json).state().sameContent(format.of(entry(VALUE), 3)))
                .isEqualTo(same);
    }

    @Test
    void bytesAndTextsInJsonAreTheBytesOfTheBucket() {
        String base64 = Base64.getEncoder().encodeToString(VALUE.getBytes(StandardCharsets.UTF_8));
        RecordFormat bytes = new RecordFormat(settings(Key.key, Value.bytes, Converter.json, Converter.json, true));
        assertThat(read(bytes, "{\"schema\":{},\"payload\":\"k\"}", "{\"schema\":{},\"payload\":\"" + base64 + "\"}"))
                .satisfies(reading -> assertThat(reading.key()).isEqualTo("k"))
                .satisfies(reading -> assertThat(reading.state().sameContent(bytes.of(entry(VALUE), 3)))
                        .isTrue());
        RecordFormat text = new RecordFormat(settings(Key.key, Value.string, Converter.plain, Converter.json, false));
        assertThat(read(text, "k", "\"x\"").state().sameContent(text.of(entry("x"), 3)))
                .isTrue();
        assertThat(read(text, "k", "\"y\"").state().sameContent(text.of(entry("x"), 3)))
                .isFalse();
    }

    @Test
    void envelopesTellOperationRevisionAndBucket() {
        RecordFormat format =
                new RecordFormat(settings(Key.key_and_revision, Value.envelope, Converter.json, Converter.json, false));
        String key = "{\"key\":\"k\",\"revision\":3}";
        Reading put = read(
                format,
                key,
                "{\"bucket\":\"b\",\"operation\":\"PUT\",\"revision\":3,\"value\":\""
                        + Base64.getEncoder().encodeToString("x".getBytes(StandardCharsets.UTF_8)) + "\"}");
        assertThat(put.key()).isEqualTo("k");
        assertThat(put.state().version()).isEqualTo(3);
        assertThat(put.state().sameContent(format.of(entry("x"), 3))).isTrue();
        assertThat(read(format, key, "{\"bucket\":\"b\",\"operation\":\"PURGE\",\"revision\":4,\"value\":null}")
                        .state())
                .satisfies(state -> assertThat(state.present()).isFalse());
        assertThat(format.of(record(key, "{\"bucket\":\"other\",\"operation\":\"PUT\",\"revision\":4}"), "b"))
                .isEmpty();
        assertThat(read(format, key, "{\"x\":1}").state().problem()).contains("no envelope");
    }

    @Test
    void anEmptyValueIsNoTombstone() {
        RecordFormat format = new RecordFormat(settings(Key.key, Value.bytes, Converter.plain, Converter.plain, false));
        assertThat(read(format, "k", "").state().sameContent(format.of(entry(""), 3)))
                .isTrue();
        State tombstone = read(format, "k", null).state();
        assertThat(tombstone.present()).isFalse();
        assertThat(tombstone.sameContent(format.of(entry(""), 3))).isFalse();
        assertThat(tombstone.sameContent(State.NOTHING)).isTrue();
    }

    @Test
    void recordsOfAnotherBucketAreLeftOutAndRevisionsRead() {
        RecordFormat format = new RecordFormat(settings(Key.key, Value.bytes, Converter.plain, Converter.plain, false));
        ConsumerRecord<byte[], byte[]> record = record("k", "x");
        record.headers().add(KvKafkaHeaders.BUCKET, bytes("other"));
        assertThat(format.of(record, "b")).isEmpty();
        record.headers().add(KvKafkaHeaders.BUCKET, bytes("b"));
        record.headers().add(KvKafkaHeaders.REVISION, bytes("42"));
        assertThat(format.of(record, "b"))
                .hasValueSatisfying(
                        reading -> assertThat(reading.state().version()).isEqualTo(42));
    }

    @Test
    void aKeyThatTheCodecDidNotMakeIsNoKey() {
        assertThat(RecordFormat.decode(KeyCodec.BASE64, "YQ==")).contains("a");
        assertThat(RecordFormat.decode(KeyCodec.BASE64, "YQ")).isEmpty();
        assertThat(RecordFormat.decode(KeyCodec.PATH, "a.b")).contains("a/b");
        assertThat(RecordFormat.decode(KeyCodec.NONE, "a.b")).contains("a.b");
    }

    @Test
    void anEnvelopeThatCanNotBeOpenedIsADeleteByItsHeader() {
        RecordFormat format = new RecordFormat(new Settings(
                Key.key,
                Value.bytes,
                Value.bytes,
                Converter.plain,
                Converter.plain,
                false,
                KeyCodec.NONE,
                Compare.revision,
                false,
                false));
        ConsumerRecord<byte[], byte[]> record = record("k", "avro");
        record.headers().add(KvKafkaHeaders.REVISION, bytes("4"));
        record.headers().add(KvKafkaHeaders.OPERATION, bytes("DELETE"));
        assertThat(format.of(record, "b").orElseThrow().state()).isEqualTo(State.absent(4, TopicPlace.of(0, 5)));
        record.headers().add(KvKafkaHeaders.OPERATION, bytes("PUT"));
        assertThat(format.of(record, "b").orElseThrow().state()).isEqualTo(State.content(4, 4, TopicPlace.of(0, 5)));
        record.headers().remove(KvKafkaHeaders.REVISION);
        assertThat(format.of(record, "b").orElseThrow().state().problem()).contains(KvKafkaHeaders.REVISION);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"text\" | text | true",
                "\"text\" | \"text\" | false",
                "{\"b\":2,\"a\":1} | {\"a\":1,\"b\":2} | true",
                "1.50 | 1.5 | true",
                "{\"bucket\":\"x\",\"key\":\"k\",\"value\":\"eA==\",\"revision\":1,\"created\":\"\",\"operation\":\"PUT\"}"
                        + " | x | true"
            })
    void whatASinkMakesOfJsonIsKnown(String json, String stored, boolean same) {
        RecordFormat format = new RecordFormat(bySink(Value.auto, Converter.json, Compare.value, false));
        assertThat(read(format, "k", json).state().sameContent(format.of(entry(stored), 3)))
                .isEqualTo(same);
    }

    @Test
    void aSinksEntriesAreComparedByTheRecordsTheyComeFrom() {
        RecordFormat format = new RecordFormat(bySink(Value.bytes, Converter.plain, Compare.revision, true));
        State record = read(format, "k", "avro").state();
        assertThat(record.sameContent(format.of(entry("x"), TopicPlace.of(0, 5))))
                .isTrue();
        assertThat(record.sameContent(format.of(entry("x"), TopicPlace.of(0, 4))))
                .isFalse();
        assertThat(format.of(entry("x"), State.UNKNOWN).problem()).isNotNull();
        assertThat(format.of(record("k", null), "b")).isEmpty();
    }

    private static Settings bySink(Value value, Converter converter, Compare compare, boolean ignoreTombstones) {
        return new Settings(
                Key.key,
                value,
                Value.bytes,
                Converter.plain,
                converter,
                false,
                KeyCodec.NONE,
                compare,
                true,
                ignoreTombstones);
    }

    private static Settings settings(
            Key key, Value value, Converter keyConverter, Converter valueConverter, boolean schemas) {
        return new Settings(
                key,
                value,
                Value.bytes,
                keyConverter,
                valueConverter,
                schemas,
                KeyCodec.NONE,
                Compare.value,
                false,
                false);
    }

    @Test
    void keysThatAreNoTextAreNotTakenForEachOther() {
        RecordFormat format = new RecordFormat(settings(Key.key, Value.bytes, Converter.plain, Converter.plain, false));
        byte[] key = {(byte) 0xff};
        Reading reading =
                format.of(new ConsumerRecord<>("kv.b", 0, 5, key, key), "b").orElseThrow();
        assertThat(reading.key()).isEqualTo("(partition 0 offset 5)");
        assertThat(reading.state().problem()).isEqualTo("the record's key is no UTF-8");
    }

    private static Reading read(RecordFormat format, String key, String value) {
        return format.of(record(key, value), "b").orElseThrow();
    }

    private static ConsumerRecord<byte[], byte[]> record(String key, String value) {
        return new ConsumerRecord<>("kv.b", 0, 5, bytes(key), value == null ? null : bytes(value));
    }

    private static KvEntry entry(String value) {
        return new KvEntry("b", "k", bytes(value), 3, Instant.EPOCH, 0, KvOperation.PUT, null);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
