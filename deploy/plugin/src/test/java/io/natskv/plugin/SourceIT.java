package io.natskv.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.nats.client.Connection;
import io.nats.client.KeyValue;
import io.natskv.plugin.Topic.Item;
import io.natskv.testing.nats.NatsServer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the source can be told to read, and what it makes of it, with Connect's own converters and transforms on a real worker. */
class SourceIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String JSON = "org.apache.kafka.connect.json.JsonConverter";
    private static final String TEXT = "org.apache.kafka.connect.storage.StringConverter";
    private static final String BYTES = "org.apache.kafka.connect.converters.ByteArrayConverter";
    private static final String TRANSFORMS = "org.apache.kafka.connect.transforms.";

    @RegisterExtension
    static final ConnectStack STACK = new ConnectStack(NatsServer.builder(), Map.of())
            .converters(Path.of(System.getProperty("natskv.avro.converter")));

    private static Connection connection;

    @BeforeAll
    static void connect() {
        connection = STACK.nats().connect();
    }

    @AfterAll
    static void disconnect() throws InterruptedException {
        connection.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "plain-bytes   | bytes  | " + BYTES + " |       | {\"n\": 1}",
                "json-bytes    | bytes  | " + JSON + "  | false | \"eyJuIjogMX0=\"",
                "plain-text    | string | " + TEXT + "  |       | {\"n\": 1}",
                "json-text     | string | " + JSON + "  | false | \"{\\\"n\\\": 1}\"",
                "schema-text   | string | " + JSON
                        + "  | true  | {\"schema\":{\"type\":\"string\",\"optional\":true},\"payload\":\"{\\\"n\\\": 1}\"}",
                "plain-json    | json   | " + JSON + "  | false | {\"n\":1}",
                "schema-json   | json   | " + JSON + "  | true  | {\"schema\":null,\"payload\":{\"n\":1}}",
            })
    void convertersWriteWhatTheRecordsHold(
            String bucket, String mode, String converter, String schemas, String expected) throws Exception {
        Bucket.create(connection, bucket, 1).kv().put("k", "{\"n\": 1}");
        Map<String, String> settings = new HashMap<>(Map.of("record.value", mode, "value.converter", converter));
        if (schemas != null) {
            settings.put("value.converter.schemas.enable", schemas);
        }
        STACK.startSource(bucket, bucket, settings);
        assertThat(text(read("kv." + bucket, 1).get(0))).isEqualTo(expected);
    }

    @Test
    void anEnvelopeGoesThroughStockTransforms() throws Exception {
        KeyValue kv = Bucket.create(connection, "envelope", 5).kv();
        kv.put("a.b", "1");
        kv.delete("a.b");
        STACK.startSource(
                "envelope",
                "envelope",
                Map.ofEntries(
                        Map.entry("start.mode", "history"),
                        Map.entry("record.value", "envelope"),
                        Map.entry("record.delete", "envelope_and_tombstone"),
                        Map.entry("envelope.value", "string"),
                        Map.entry("value.converter", JSON),
                        Map.entry("transforms", "route,time,static,header,tombstones"),
                        Map.entry("transforms.route.type", TRANSFORMS + "RegexRouter"),
                        Map.entry("transforms.route.regex", "kv\\.(.*)"),
                        Map.entry("transforms.route.replacement", "routed-$1"),
                        Map.entry("transforms.time.type", TRANSFORMS + "TimestampConverter$Value"),
                        Map.entry("transforms.time.field", "created"),
                        Map.entry("transforms.time.target.type", "string"),
                        Map.entry("transforms.time.format", "yyyy"),
                        Map.entry("transforms.static.type", TRANSFORMS + "InsertField$Value"),
                        Map.entry("transforms.static.static.field", "site"),
                        Map.entry("transforms.static.static.value", "here"),
                        Map.entry("transforms.header.type", TRANSFORMS + "InsertHeader"),
                        Map.entry("transforms.header.header", "site"),
                        Map.entry("transforms.header.value.literal", "there"),
                        // Without effect on what is no tombstone: it must be able to look at every record.
                        Map.entry("transforms.tombstones.type", TRANSFORMS + "ReplaceField$Value"),
                        Map.entry("transforms.tombstones.exclude", "delta"),
                        Map.entry("transforms.tombstones.predicate", "tombstone"),
                        Map.entry("transforms.tombstones.negate", "true"),
                        Map.entry("predicates", "tombstone"),
                        Map.entry(
                                "predicates.tombstone.type",
                                "org.apache.kafka.connect.transforms.predicates.RecordIsTombstone")));
        List<Item> items = read("routed-envelope", 3);
        JsonNode put = Plugin.JSON.readTree(items.get(0).value());
        assertThat(put.get("schema").get("name").asText()).isEqualTo("io.natskv.Envelope");
        JsonNode payload = put.get("payload");
        assertThat(payload.get("bucket").asText()).isEqualTo("envelope");
        assertThat(payload.get("key").asText()).isEqualTo("a.b");
        assertThat(payload.get("operation").asText()).isEqualTo("PUT");
        assertThat(payload.get("revision").asLong()).isEqualTo(1);
        assertThat(payload.get("value").asText()).isEqualTo("1");
        assertThat(payload.get("created").asText()).matches("\\d{4}");
        assertThat(payload.get("site").asText()).isEqualTo("here");
        assertThat(payload.has("delta")).isFalse();
        assertThat(items.get(0).headers()).containsEntry("site", "there");
        JsonNode delete = Plugin.JSON.readTree(items.get(1).value()).get("payload");
        assertThat(delete.get("operation").asText()).isEqualTo("DELETE");
        assertThat(delete.get("value").isNull()).isTrue();
        assertThat(items.get(2).value()).as("the tombstone").isNull();
        assertThat(items.get(2).key()).isEqualTo("a.b");
    }

    /** A converter that needs a schema for everything, and gives it to a schema registry. */
    @Test
    void anAvroConverterWritesEverythingThatHasASchema() throws Exception {
        KeyValue kv = Bucket.create(connection, "avro", 5).kv();
        kv.put("k", "1");
        kv.put("k", "2");
        kv.delete("k");
        try (SchemaRegistry registry = new SchemaRegistry()) {
            Map<String, String> settings = new HashMap<>(registry.converter("value.converter"));
            STACK.startSource("avro-bytes", "avro", with(settings, "topic.template", "avro-bytes"));
            settings.put("record.value", "string");
            settings.put("start.mode", "history");
            STACK.startSource("avro-text", "avro", with(settings, "topic.template", "avro-text"));
            settings.putAll(registry.converter("key.converter"));
            settings.putAll(Map.of(
                    "record.value", "envelope",
                    "record.key", "key_and_revision",
                    "record.delete", "envelope_and_tombstone",
                    "envelope.value", "string",
                    "envelope.previous", "true",
                    "heartbeat.topic", "avro-beats"));
            STACK.startSource("avro", "avro", settings);

            assertThat(read("avro-bytes", 1).get(0).value()).isNull();
            kv.put("k", "4");
            assertThat(registry.read(read("avro-bytes", 2).get(1).value()))
                    .isEqualTo(ByteBuffer.wrap("4".getBytes(StandardCharsets.UTF_8)));
            assertThat(registry.read(read("avro-text", 1).get(0).value())).hasToString("1");
            List<Item> items = read("kv.avro", 5);
            GenericRecord second = (GenericRecord) registry.read(items.get(1).value());
            assertThat(second.getSchema().getFullName()).isEqualTo("io.natskv.Envelope");
            assertThat(second.toString())
                    .contains(
                            "\"bucket\": \"avro\"",
                            "\"key\": \"k\"",
                            "\"operation\": \"PUT\"",
                            "\"revision\": 2",
                            "\"value\": \"2\"",
                            "\"previous\": \"1\", \"previous_revision\": 1");
            assertThat(registry.read(items.get(2).value()).toString())
                    .contains("\"operation\": \"DELETE\"", "\"value\": null", "\"previous\": \"2\"");
            assertThat(items.get(3).value()).isNull();
            assertThat(registry.read(read("avro-beats", 1).get(0).value()).toString())
                    .contains("type=heartbeat", "bucket=avro");
        }
    }

    @Test
    void otherStockTransformsTakeTheRecordsToo() throws Exception {
        KeyValue kv = Bucket.create(connection, "stock", 5).kv();
        kv.put("a", "1");
        kv.delete("a");
        kv.put("b", "2");
        STACK.startSource(
                "stock",
                "stock",
                Map.ofEntries(
                        Map.entry("start.mode", "history"),
                        Map.entry("record.value", "envelope"),
                        Map.entry("envelope.value", "string"),
                        Map.entry("value.converter", JSON),
                        Map.entry("value.converter.schemas.enable", "false"),
                        Map.entry("transforms", "drop,header,mask,cast,wrap,flat,key,name,less"),
                        // Records that are dropped hold up nothing.
                        Map.entry("transforms.drop.type", TRANSFORMS + "Filter"),
                        Map.entry("transforms.drop.predicate", "tombstone"),
                        Map.entry("predicates", "tombstone"),
                        Map.entry(
                                "predicates.tombstone.type",
                                "org.apache.kafka.connect.transforms.predicates.RecordIsTombstone"),
                        Map.entry("transforms.header.type", TRANSFORMS + "HeaderFrom$Value"),
                        Map.entry("transforms.header.fields", "operation"),
                        Map.entry("transforms.header.headers", "did"),
                        Map.entry("transforms.header.operation", "move"),
                        Map.entry("transforms.mask.type", TRANSFORMS + "MaskField$Value"),
                        Map.entry("transforms.mask.fields", "value"),
                        Map.entry("transforms.mask.replacement", "***"),
                        Map.entry("transforms.cast.type", TRANSFORMS + "Cast$Value"),
                        Map.entry("transforms.cast.spec", "revision:string"),
                        Map.entry("transforms.wrap.type", TRANSFORMS + "HoistField$Value"),
                        Map.entry("transforms.wrap.field", "entry"),
                        Map.entry("transforms.flat.type", TRANSFORMS + "Flatten$Value"),
                        Map.entry("transforms.flat.delimiter", "_"),
                        Map.entry("transforms.key.type", TRANSFORMS + "HoistField$Key"),
                        Map.entry("transforms.key.field", "id"),
                        Map.entry("key.converter", JSON),
                        Map.entry("key.converter.schemas.enable", "false"),
                        Map.entry("transforms.name.type", TRANSFORMS + "SetSchemaMetadata$Value"),
                        Map.entry("transforms.name.schema.name", "Flat"),
                        Map.entry("transforms.less.type", TRANSFORMS + "DropHeaders"),
                        Map.entry("transforms.less.headers", "nats.kv.delta,nats.kv.bucket")));
        List<Item> items = read("kv.stock", 2);
        assertThat(items).extracting(Item::key).containsExactlyInAnyOrder("{\"id\":\"a\"}", "{\"id\":\"b\"}");
        for (Item item : items) {
            JsonNode value = Plugin.JSON.readTree(item.value());
            assertThat(value.get("entry_revision").asText())
                    .isEqualTo(item.headers().get("nats.kv.revision"));
            assertThat(value.get("entry_revision").isTextual()).isTrue();
            assertThat(value.get("entry_value").asText()).isEqualTo("***");
            assertThat(value.has("entry_operation")).isFalse();
            assertThat(item.headers())
                    .containsEntry("did", "PUT")
                    .doesNotContainKeys("nats.kv.delta", "nats.kv.bucket");
        }
        await().atMost(SOON).until(() -> STACK.rest().offsets("stock").contains("\"revision\":3"));
    }

    @Test
    void aTransformMayTakeTheBytesOutOfTheEnvelope() throws Exception {
        Bucket.create(connection, "extracted", 1).kv().put("k", new byte[] {0, -1, 65});
        STACK.startSource(
                "extracted",
                "extracted",
                Map.of(
                        "record.value", "envelope",
                        "value.converter", BYTES,
                        "transforms", "extract",
                        "transforms.extract.type", TRANSFORMS + "ExtractField$Value",
                        "transforms.extract.field", "value"));
        assertThat(read("kv.extracted", 1).get(0).value()).isEqualTo(new byte[] {0, -1, 65});
    }

    @ParameterizedTest
    @CsvSource({
        "bytes, " + TEXT + ", StringConverter would write values as",
        "json, " + TEXT + ", StringConverter would write values as",
        "envelope, " + BYTES + ", ByteArrayConverter can't write"
    })
    void theWorkerRefusesWhatWouldBeWrittenWrongly(String mode, String converter, String message) throws Exception {
        Map<String, String> config = STACK.config("nats-kv-source");
        config.put("record.value", mode);
        config.put("value.converter", converter);
        assertThatThrownBy(() -> STACK.rest().put("refused", config)).hasMessageContaining(message);
    }

    @Test
    void findsBucketsThatComeAndGo() throws Exception {
        Bucket.create(connection, "found-1", 1).kv().put("a", "1");
        Map<String, String> config = STACK.config("nats-kv-source");
        config.remove("kv.buckets");
        config.putAll(Map.of(
                "kv.buckets.pattern", "found-.*",
                "kv.buckets.discovery.interval.ms", "200",
                "topic.template", "found",
                "tasks.max", "2"));
        STACK.rest().put("found", config);
        STACK.rest().awaitRunning("found", SOON);
        read("found", 1);

        KeyValue second = Bucket.create(connection, "found-2", 1).kv();
        second.put("b", "2");
        read("found", 2);
        await().atMost(SOON).until(() -> tasks("found") == 2);
        connection.keyValueManagement().delete("found-1");
        await().atMost(SOON).until(() -> tasks("found") == 1);
        await().atMost(SOON).until(() -> STACK.rest().status("found").running());
        second.put("c", "3");
        List<Item> items = read("found", 3);
        assertThat(items).as("nothing was read twice").hasSize(3);
        assertThat(items.stream().map(Item::key).collect(Collectors.toSet())).isEqualTo(Set.of("a", "b", "c"));
    }

    @Test
    void otherFiltersAndTasksRepeatOnlyWhatWasNotCovered() throws Exception {
        KeyValue kv = Bucket.create(connection, "filters", 1).kv();
        for (int i = 0; i < 300; i++) {
            kv.put(List.of("a", "b", "c").get(i % 3) + "." + i, "v");
        }
        // All but the keys of c.
        STACK.startSource("filters", "filters", Map.of("kv.key.filters", "a.>,b.>", "tasks.max", "1"));
        read("kv.filters", 200);
        await().atMost(SOON)
                .until(() -> STACK.rest().offsets("filters").contains("\"revision\":298")
                        && STACK.rest().offsets("filters").contains("\"revision\":299"));
        // One filter is narrower, one stays, one is new; and the tasks are others.
        STACK.startSource("filters", "filters", Map.of("kv.key.filters", "a.*,b.>,c.>", "tasks.max", "3"));
        await().atMost(SOON).until(() -> tasks("filters") == 3);
        read("kv.filters", 300);
        kv.put("a.1000", "v");
        kv.put("b.1000", "v");
        kv.put("c.1000", "v");
        List<Item> items = read("kv.filters", 303);
        assertThat(items).hasSize(303);
        assertThat(items.stream().map(Item::revision).collect(Collectors.toSet()))
                .hasSize(303);
    }

    @Test
    void anUndecodableEntryGoesToTheDeadLetterTopic() throws Exception {
        KeyValue kv = Bucket.create(connection, "undecodable", 1).kv();
        kv.put("bad", "{");
        kv.put("good", "{}");
        STACK.startSource(
                "undecodable",
                "undecodable",
                Map.of(
                        "record.value", "json",
                        "value.converter", JSON,
                        "value.converter.schemas.enable", "false",
                        "errors.decode", "dead_letter",
                        "errors.decode.topic", "undecodable-dead"));
        assertThat(read("kv.undecodable", 1).get(0).key()).isEqualTo("good");
        Item dead = read("undecodable-dead", 1).get(0);
        assertThat(dead.key()).isEqualTo("bad");
        assertThat(dead.headers())
                .containsEntry("nats.kv.bucket", "undecodable")
                .containsEntry("nats.kv.revision", "1")
                .containsEntry("nats.kv.error.part", "value");
        assertThat(STACK.rest().status("undecodable").running()).isTrue();
    }

    private static Map<String, String> with(Map<String, String> settings, String setting, String value) {
        Map<String, String> more = new HashMap<>(settings);
        more.put(setting, value);
        return more;
    }

    private static int tasks(String connector) {
        return STACK.rest().status(connector).tasks().size();
    }

    /** All records of a topic, once there are so many. */
    private static List<Item> read(String topic, int count) {
        try (Topic reader = new Topic(STACK.broker().bootstrap(), topic)) {
            await(topic)
                    .atMost(SOON)
                    .ignoreException(UnknownTopicOrPartitionException.class)
                    .until(() -> {
                        List<Item> items = reader.read();
                        return items.size() >= count;
                    });
            return List.copyOf(reader.read());
        }
    }

    private static String text(Item item) {
        return new String(item.value(), StandardCharsets.UTF_8);
    }
}
