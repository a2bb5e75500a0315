package io.natskv.connect.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.connect.source.EntryConverter.KeyMode;
import io.natskv.core.KvEntry;
import io.natskv.core.KvOperation;
import io.natskv.core.connect.KvKafkaHeaders;
import io.natskv.core.connect.NameTemplate;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class EntryConverterTest {
    private static final Instant CREATED = Instant.parse("2026-05-06T07:08:09.123456789Z");
    private static final Map<String, String> PARTITION = Map.of("bucket", "orders", "filter", ">");
    private static final Map<String, Object> OFFSET = Map.of("revision", 7L);
    private static final byte[] BYTES = {0, -1, 65};

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
        SourceRecord record = convert(converter(KeyMode.KEY, 0), entry("a.b", stored, operation));
        assertThat(record.value()).isEqualTo(value);
        assertThat(record.valueSchema()).isEqualTo(schema);
        assertThat(record.headers().lastWithName(KvKafkaHeaders.OPERATION).value())
                .isEqualTo(operation.name());
    }

    @Test
    void carriesEverythingThatTheEntryKnows() {
        SourceRecord record = convert(converter(KeyMode.KEY, 0), entry("a.b", BYTES, KvOperation.PUT));
        assertThat(record.topic()).isEqualTo("kv.orders");
        assertThat(record.kafkaPartition()).as("left to the producer").isNull();
        assertThat(record.keySchema()).isEqualTo(Schema.STRING_SCHEMA);
        assertThat(record.key()).isEqualTo("a.b");
        assertThat(record.timestamp()).isEqualTo(CREATED.toEpochMilli());
        assertThat(record.sourcePartition()).isSameAs(PARTITION);
        assertThat(record.sourceOffset()).isEqualTo(OFFSET);
        assertThat(StreamSupport.stream(record.headers().spliterator(), false)
                        .map(header -> header.key() + "=" + header.value() + ":" + type(header)))
                .containsExactly(
                        "nats.kv.bucket=orders:STRING",
                        "nats.kv.operation=PUT:STRING",
                        "nats.kv.revision=7:INT64",
                        "nats.kv.created=2026-05-06T07:08:09.123456789Z:STRING",
                        "nats.kv.delta=3:INT64");
    }

    @Test
    void aKeyWithItsRevision() {
        SourceRecord record = convert(converter(KeyMode.KEY_AND_REVISION, 5), entry("a.b", BYTES, KvOperation.PUT));
        Struct key = (Struct) record.key();
        key.validate();
        assertThat(record.keySchema()).isEqualTo(EntryConverter.KEY_AND_REVISION);
        assertThat(key.schema().name()).isEqualTo("io.natskv.KeyAndRevision");
        assertThat(key.getString("key")).isEqualTo("a.b");
        assertThat(key.getInt64("revision")).isEqualTo(7);
        assertThat(record.kafkaPartition()).isEqualTo(EntryConverter.partitionOf("a.b", 5));
    }

    @Test
    void aKeyWithItsRevisionNeedsTheNumberOfPartitions() {
        assertThatThrownBy(() -> converter(KeyMode.KEY_AND_REVISION, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void explicitPartitionsHoldForPlainKeysToo() {
        SourceRecord record = convert(converter(KeyMode.KEY, 5), entry("a.b", BYTES, KvOperation.PUT));
        assertThat(record.kafkaPartition()).isEqualTo(EntryConverter.partitionOf("a.b", 5));
    }

    /** Known answers of Kafka's own hash: toPositive(murmur2("21")) and others, as in Kafka's tests of it. */
    @ParameterizedTest
    @CsvSource({"21, -973932308", "foobar, -790332482", "a-little-bit-long-string, -985981536"})
    void partitionsAreThoseOfKafkasDefaultPartitioner(String key, int murmur2) {
        assertThat(EntryConverter.partitionOf(key, 12)).isEqualTo((murmur2 & 0x7fffffff) % 12);
    }

    @ParameterizedTest
    @CsvSource({
        "kv.${bucket}, a.b, kv.orders",
        "${key[0]}, a.b, a",
        "${bucket}-${key}, a.b, orders-a.b",
    })
    void namesTheTopic(String template, String key, String topic) {
        EntryConverter converter = new EntryConverter(topics(template), KeyMode.KEY, 0);
        assertThat(convert(converter, entry(key, BYTES, KvOperation.PUT)).topic())
                .isEqualTo(topic);
        assertThat(convert(converter, entry(key, BYTES, KvOperation.PUT)).topic())
                .isEqualTo(topic);
    }

    @ParameterizedTest
    @CsvSource({"${key}, a/b", "${key}, a=b", "${key[2]}, a.b", "x y, a"})
    void refusesATopicThatKafkaWouldNot(String template, String key) {
        EntryConverter converter = new EntryConverter(topics(template), KeyMode.KEY, 0);
        assertThatThrownBy(() -> convert(converter, entry(key, BYTES, KvOperation.PUT)))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("topic.template")
                .hasMessageContaining(template.startsWith("$") ? key : "orders");
    }

    private static Schema.Type type(Header header) {
        return header.schema().type();
    }

    private static SourceRecord convert(EntryConverter converter, KvEntry entry) {
        return converter.convert(entry, PARTITION, OFFSET);
    }

    private static EntryConverter converter(KeyMode mode, int partitions) {
        return new EntryConverter(topics("kv.${bucket}"), mode, partitions);
    }

    private static TopicNames topics(String template) {
        return new TopicNames(NameTemplate.parse(template, TopicNames.VARIABLES));
    }

    private static KvEntry entry(String key, byte[] value, KvOperation operation) {
        return new KvEntry("orders", key, value, 7, CREATED, 3, operation, null);
    }
}
