package io.natskv.connect.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.impl.Headers;
import io.natskv.connect.source.EntryConverter.Deletes;
import io.natskv.connect.source.RecordHeaders.Own;
import io.natskv.connect.source.RecordKeys.KeyMode;
import io.natskv.connect.source.UndecodableException.Part;
import io.natskv.core.KvEntry;
import io.natskv.core.KvOperation;
import io.natskv.core.connect.KvKafkaHeaders;
import io.natskv.core.connect.NameTemplate;
import io.natskv.core.key.KeyCodec;
import io.natskv.core.watch.WatchPosition;
import io.natskv.core.watch.WatchPosition.Anchor;
import java.time.Instant;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class EntryConverterTest {
    private static final Instant CREATED = Instant.parse("2026-05-06T07:08:09.123456789Z");
    private static final Map<String, String> PARTITION = Map.of("bucket", "orders", "filter", ">");
    private static final WatchPosition POSITION =
            new WatchPosition(CREATED, 7, 9, false, List.of(new Anchor(7, "a.b", CREATED)));
    private static final byte[] BYTES = {0, -1, 65};
    private static final NamePatterns NONE = new NamePatterns(List.of());

    static Stream<Arguments> values() {
        return Stream.of(
                Arguments.of(KvOperation.PUT, BYTES, BYTES, Schema.OPTIONAL_BYTES_SCHEMA),
                Arguments.of(KvOperation.PUT, new byte[0], new byte[0], Schema.OPTIONAL_BYTES_SCHEMA),
                Arguments.of(KvOperation.DELETE, new byte[0], null, null),
                Arguments.of(KvOperation.DELETE, BYTES, null, null),
                Arguments.of(KvOperation.PURGE, new byte[0], null, null));
    }

    @ParameterizedTest
    @MethodSource("values")
    void theOperationDecidesOverTheValue(KvOperation operation, byte[] stored, byte[] value, Schema schema) {
        SourceRecord record = only(plain(), entry("a.b", stored, operation));
        assertThat(record.value()).isEqualTo(value);
        assertThat(record.valueSchema()).isEqualTo(schema);
        assertThat(record.headers().lastWithName(KvKafkaHeaders.OPERATION).value())
                .isEqualTo(operation.name());
    }

    @Test
    void whoChangesTheHeadersOfARecordChangesNoOther() {
        EntryConverter converter = plain();
        SourceRecord first = only(converter, entry("a.b", BYTES, KvOperation.PUT));
        SourceRecord second = only(converter, entry("a.c", BYTES, KvOperation.PUT));
        List<String> untouched = headers(second);
        first.headers().apply(header -> header.rename("x." + header.key()));
        first.headers().addString("more", "value");
        assertThat(headers(first)).isNotEqualTo(untouched);
        assertThat(headers(second)).isEqualTo(untouched);
        SourceRecord third = only(converter, entry("a.d", BYTES, KvOperation.PUT));
        assertThat(headers(third)).isEqualTo(untouched);
    }

    @Test
    void carriesEverythingThatTheEntryKnows() {
        SourceRecord record = only(plain(), entry("a.b", BYTES, KvOperation.PUT));
        assertThat(record.topic()).isEqualTo("kv.orders");
        assertThat(record.kafkaPartition()).as("left to the producer").isNull();
        assertThat(record.keySchema()).isEqualTo(Schema.STRING_SCHEMA);
        assertThat(record.key()).isEqualTo("a.b");
        assertThat(record.timestamp()).isEqualTo(CREATED.toEpochMilli());
        assertThat(record.sourcePartition()).isSameAs(PARTITION);
        assertThat(record.sourceOffset()).isEqualTo(SourceOffsets.encode(POSITION));
        assertThat(headers(record))
                .containsExactly(
                        "nats.kv.bucket=orders:STRING",
                        "nats.kv.operation=PUT:STRING",
                        "nats.kv.revision=7:INT64",
                        "nats.kv.created=2026-05-06T07:08:09.123456789Z:STRING",
                        "nats.kv.delta=3:INT64");
    }

    @Test
    void aKeyWithItsRevision() {
        EntryConverter converter = new EntryConverter(
                topics("kv.${bucket}"),
                new RecordKeys(KeyMode.KEY_AND_REVISION, KeyCodec.NONE, 5),
                ValueFormat.BYTES,
                Deletes.TOMBSTONE,
                headers(EnumSet.allOf(Own.class)));
        SourceRecord record = only(converter, entry("a.b", BYTES, KvOperation.PUT));
        Struct key = (Struct) record.key();
        key.validate();
        assertThat(record.keySchema()).isEqualTo(RecordKeys.KEY_AND_REVISION);
        assertThat(key.schema().name()).isEqualTo("io.natskv.KeyAndRevision");
        assertThat(key.getString("key")).isEqualTo("a.b");
        assertThat(key.getInt64("revision")).isEqualTo(7);
        assertThat(record.kafkaPartition()).isEqualTo(RecordKeys.partitionOf("a.b", 5));
    }

    @Test
    void aKeyWithItsRevisionNeedsTheNumberOfPartitions() {
        assertThatThrownBy(() -> new RecordKeys(KeyMode.KEY_AND_REVISION, KeyCodec.NONE, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void explicitPartitionsHoldForPlainKeysToo() {
        RecordKeys keys = new RecordKeys(KeyMode.KEY, KeyCodec.NONE, 5);
        assertThat(keys.partition("a.b")).isEqualTo(RecordKeys.partitionOf("a.b", 5));
    }

    /** Known answers of Kafka's own hash: toPositive(murmur2("21")) and others, as in Kafka's tests of it. */
    @ParameterizedTest
    @CsvSource({"21, -973932308", "foobar, -790332482", "a-little-bit-long-string, -985981536"})
    void partitionsAreThoseOfKafkasDefaultPartitioner(String key, int murmur2) {
        assertThat(RecordKeys.partitionOf(key, 12)).isEqualTo((murmur2 & 0x7fffffff) % 12);
    }

    @ParameterizedTest
    @CsvSource({
        "base64, SGVsbG8gd8O2cmxkIQ==, Hello wörld!",
        "path, _root_.etc.hosts, /etc/hosts",
        "path, a.b, a/b",
        "none, a.b, a.b",
    })
    void decodesKeys(String codec, String stored, String key) {
        EntryConverter converter = new EntryConverter(
                topics("kv.${bucket}"),
                new RecordKeys(KeyMode.KEY, codec(codec), 8),
                new Envelope(ValueFormat.BYTES, false, false),
                Deletes.TOMBSTONE,
                headers(EnumSet.noneOf(Own.class)));
        SourceRecord record = only(converter, entry(stored, BYTES, KvOperation.PUT));
        assertThat(record.key()).isEqualTo(key);
        assertThat(((Struct) record.value()).getString("key")).isEqualTo(key);
        assertThat(record.kafkaPartition()).isEqualTo(RecordKeys.partitionOf(key, 8));
    }

    /** Two stored keys must never become one: what the codec would not have made itself is refused. */
    @ParameterizedTest
    @CsvSource({"base64, not-base64!", "base64, gA==", "base64, SGVsbG8", "path, a/b", "path, x._root_/a"})
    void refusesKeysThatTheCodecWouldNotHaveMade(String codec, String stored) {
        RecordKeys keys = new RecordKeys(KeyMode.KEY, codec(codec), 0);
        assertThatThrownBy(() -> keys.decode(entry(stored, BYTES, KvOperation.PUT)))
                .isInstanceOfSatisfying(
                        UndecodableException.class, e -> assertThat(e.part()).isEqualTo(Part.KEY))
                .hasMessageContaining(codec);
    }

    @ParameterizedTest
    @CsvSource({
        "kv.${bucket}, a.b, kv.orders",
        "${key[0]}, a.b, a",
        "${bucket}-${key}, a.b, orders-a.b",
    })
    void namesTheTopic(String template, String key, String topic) {
        EntryConverter converter = plain(topics(template));
        assertThat(only(converter, entry(key, BYTES, KvOperation.PUT)).topic()).isEqualTo(topic);
        assertThat(only(converter, entry(key, BYTES, KvOperation.PUT)).topic()).isEqualTo(topic);
    }

    @ParameterizedTest
    @CsvSource({"${key}, a/b", "${key}, a=b", "${key[2]}, a.b", "x y, a"})
    void refusesATopicThatKafkaWouldNot(String template, String key) {
        EntryConverter converter = plain(topics(template));
        assertThatThrownBy(() -> only(converter, entry(key, BYTES, KvOperation.PUT)))
                .isInstanceOfSatisfying(
                        UndecodableException.class, e -> assertThat(e.part()).isEqualTo(Part.TOPIC))
                .hasMessageContaining("topic.template");
    }

    @Test
    void anEnvelopeHasASchemaAndEverything() {
        EntryConverter converter = enveloping(Deletes.TOMBSTONE, false);
        SourceRecord record = only(converter, entry("a.b", "h\u00f6".getBytes(), KvOperation.PUT));
        Struct envelope = (Struct) record.value();
        envelope.validate();
        assertThat(record.valueSchema()).isSameAs(envelope.schema());
        assertThat(envelope.schema().name()).isEqualTo("io.natskv.Envelope");
        assertThat(envelope.getString("bucket")).isEqualTo("orders");
        assertThat(envelope.getString("key")).isEqualTo("a.b");
        assertThat(envelope.getString("operation")).isEqualTo("PUT");
        assertThat(envelope.getInt64("revision")).isEqualTo(7);
        assertThat(envelope.get("created")).isEqualTo(Date.from(CREATED));
        assertThat(envelope.getInt64("delta")).isEqualTo(3);
        assertThat(envelope.getInt64("size")).isEqualTo(3);
        assertThat(envelope.getString("value")).isEqualTo("h\u00f6");
        assertThat(only(converter, entry("a.b", BYTES, KvOperation.DELETE)).value())
                .isNull();
    }

    @Test
    void anEnvelopeWithoutValuesKnowsTheirSize() {
        Headers headers = new Headers().put("Nats-Msg-Size", "4711");
        SourceRecord record = only(
                enveloping(Deletes.TOMBSTONE, true),
                new KvEntry("orders", "a", null, 7, CREATED, 0, KvOperation.PUT, headers));
        Struct envelope = (Struct) record.value();
        assertThat(envelope.getInt64("size")).isEqualTo(4711);
        assertThat(envelope.getString("value")).isNull();
    }

    @ParameterizedTest
    @CsvSource({"DELETE", "PURGE"})
    void aDeleteMayBeAnEnvelope(KvOperation operation) {
        SourceRecord record = only(enveloping(Deletes.ENVELOPE, false), entry("a.b", new byte[0], operation));
        Struct envelope = (Struct) record.value();
        envelope.validate();
        assertThat(envelope.getString("operation")).isEqualTo(operation.name());
        assertThat(envelope.getString("value")).isNull();
        assertThat(record.sourceOffset()).isEqualTo(SourceOffsets.encode(POSITION));
    }

    /** A crash between the two must bring back both: only the second one's offset lies behind the entry. */
    @Test
    void aDeleteMayBeEnvelopeAndTombstone() {
        List<SourceRecord> records = enveloping(Deletes.ENVELOPE_AND_TOMBSTONE, false)
                .convert(entry("a.b", new byte[0], KvOperation.DELETE), null, PARTITION, POSITION, OffsetMarks.NONE);
        assertThat(records).hasSize(2).allSatisfy(record -> {
            assertThat(record.key()).isEqualTo("a.b");
            assertThat(record.topic()).isEqualTo("kv.orders");
            assertThat(headers(record)).contains("nats.kv.operation=DELETE:STRING");
        });
        assertThat(((Struct) records.get(0).value()).getString("operation")).isEqualTo("DELETE");
        assertThat(records.get(1).value()).isNull();
        assertThat(records.get(1).valueSchema()).isNull();
        assertThat(records.get(1).sourceOffset()).isEqualTo(SourceOffsets.encode(POSITION));
        assertThat(SourceOffsets.decode(PARTITION, records.get(0).sourceOffset()))
                .isEqualTo(new WatchPosition(CREATED, 6, 9, false, POSITION.anchors()));
    }

    static Stream<Arguments> previous() {
        return Stream.of(
                Arguments.of(null, null, null),
                Arguments.of(new KvEntry("o", "a", "x".getBytes(), 3, CREATED, 0, KvOperation.PUT, null), "x", 3L),
                Arguments.of(new KvEntry("o", "a", null, 4, CREATED, 0, KvOperation.PUT, null), "", 4L),
                Arguments.of(new KvEntry("o", "a", null, 5, CREATED, 0, KvOperation.DELETE, null), null, 5L));
    }

    @ParameterizedTest
    @MethodSource("previous")
    void anEnvelopeMayHoldWhatWasBefore(KvEntry before, String value, Long revision) {
        Envelope format = new Envelope(ValueFormat.TEXT, false, true);
        for (KvOperation operation : KvOperation.values()) {
            Struct envelope = format.of(entry("a", "y".getBytes(), operation), "a", before);
            envelope.validate();
            assertThat(envelope.getString("previous")).isEqualTo(value);
            assertThat(envelope.getInt64("previous_revision")).isEqualTo(revision);
        }
    }

    /** As converters with a schema registry do, this one writes the schema and holds the value to it. */
    @Test
    void anEnvelopeSurvivesAConverterWithSchemas() {
        try (JsonConverter converter = new JsonConverter()) {
            converter.configure(Map.of("schemas.enable", "true", "converter.type", "value"));
            for (ValueFormat value : List.of(ValueFormat.BYTES, ValueFormat.TEXT)) {
                Envelope format = new Envelope(value, false, true);
                Struct envelope = format.of(entry("a", "y".getBytes(), KvOperation.PUT), "a", null);
                byte[] written = converter.fromConnectData("t", format.schema(), envelope);
                Struct read = (Struct) converter.toConnectData("t", written).value();
                read.validate();
                assertThat(read.schema()).isEqualTo(format.schema());
                assertThat(converter.fromConnectData("t", read.schema(), read)).isEqualTo(written);
            }
        }
    }

    @Test
    void ownHeadersCanBeChosen() {
        KvEntry entry = entry("a", BYTES, KvOperation.PUT);
        assertThat(names(headers(EnumSet.noneOf(Own.class)), entry)).isEmpty();
        assertThat(names(headers(EnumSet.of(Own.REVISION, Own.OPERATION)), entry))
                .containsExactly("nats.kv.operation", "nats.kv.revision");
    }

    @Test
    void anExpiryIsTold() {
        Headers headers = new Headers().put("Nats-Marker-Reason", "MaxAge");
        KvEntry expired = new KvEntry("orders", "a", null, 7, CREATED, 0, KvOperation.PURGE, headers);
        assertThat(headers(only(plain(), expired))).contains("nats.kv.marker.reason=MaxAge:STRING");
    }

    @ParameterizedTest
    @CsvSource({
        "'', '', ''",
        "*, '', Trace-Id/x-one/x-two",
        "x-*, '', x-one/x-two",
        "X-O*|trace-id, '', Trace-Id/x-one",
        "*, x-t*, Trace-Id/x-one",
        "*-*, *, ''",
        "Nats-TTL|nats.kv.operation|natskv-*|KV-*, '', ''",
    })
    void passesNatsHeadersOnByPatterns(String include, String exclude, String passedOn) {
        Headers headers = new Headers();
        for (String name : List.of(
                "Trace-Id", "x-one", "x-two", "Nats-TTL", "KV-Operation", "Natskv-Origin", "nats.kv.operation")) {
            headers.add(name, "v1", "v2");
        }
        KvEntry entry = new KvEntry("orders", "a", BYTES, 7, CREATED, 0, KvOperation.PUT, headers);
        RecordHeaders format = new RecordHeaders(EnumSet.noneOf(Own.class), patterns(include), patterns(exclude));
        assertThat(Set.copyOf(names(format, entry)))
                .isEqualTo(passedOn.isEmpty() ? Set.of() : Set.of(passedOn.split("/")));
        assertThat(names(format, entry))
                .as("each with both values")
                .hasSize(passedOn.isEmpty() ? 0 : 2 * passedOn.split("/").length);
    }

    private static NamePatterns patterns(String names) {
        return names.isEmpty() ? NONE : new NamePatterns(List.of(names.split("\\|")));
    }

    private static List<String> names(RecordHeaders format, KvEntry entry) {
        return StreamSupport.stream(format.of(entry).spliterator(), false)
                .map(header -> header.key())
                .toList();
    }

    private static List<String> headers(SourceRecord record) {
        return StreamSupport.stream(record.headers().spliterator(), false)
                .map(header -> header.key() + "=" + header.value() + ":"
                        + header.schema().type())
                .toList();
    }

    private static SourceRecord only(EntryConverter converter, KvEntry entry) {
        List<SourceRecord> records = converter.convert(entry, null, PARTITION, POSITION, OffsetMarks.NONE);
        assertThat(records).hasSize(1);
        return records.get(0);
    }

    private static EntryConverter plain() {
        return plain(topics("kv.${bucket}"));
    }

    private static EntryConverter plain(TopicNames topics) {
        return new EntryConverter(
                topics,
                new RecordKeys(KeyMode.KEY, KeyCodec.NONE, 0),
                ValueFormat.BYTES,
                Deletes.TOMBSTONE,
                headers(EnumSet.allOf(Own.class)));
    }

    private static EntryConverter enveloping(Deletes deletes, boolean metaOnly) {
        return new EntryConverter(
                topics("kv.${bucket}"),
                new RecordKeys(KeyMode.KEY, KeyCodec.NONE, 0),
                new Envelope(ValueFormat.TEXT, metaOnly, false),
                deletes,
                headers(EnumSet.allOf(Own.class)));
    }

    private static RecordHeaders headers(Set<Own> own) {
        return new RecordHeaders(own, NONE, NONE);
    }

    private static KeyCodec codec(String name) {
        return Stream.of(KeyCodec.NONE, KeyCodec.BASE64, KeyCodec.PATH)
                .filter(codec -> codec.toString().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static TopicNames topics(String template) {
        return new TopicNames(NameTemplate.parse(template, TopicNames.VARIABLES));
    }

    private static KvEntry entry(String key, byte[] value, KvOperation operation) {
        return new KvEntry("orders", key, value, 7, CREATED, 3, operation, null);
    }
}
