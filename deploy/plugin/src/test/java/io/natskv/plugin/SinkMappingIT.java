package io.natskv.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.MessageInfo;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import io.natskv.testing.nats.NatsServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a record becomes, on a real worker with real converters: keys, buckets, values, headers, conditions. */
class SinkMappingIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String JSON = "org.apache.kafka.connect.json.JsonConverter";
    private static final Set<String> KEYS = Set.of("plain", "empty", "bytes", "deleted", "purged");

    @RegisterExtension
    static final ConnectStack STACK = new ConnectStack(NatsServer.builder(), Map.of());

    private static Connection connection;
    private static Admin admin;
    private static KafkaProducer<String, byte[]> producer;

    @BeforeAll
    static void connect() {
        Map<String, Object> kafka = Map.of("bootstrap.servers", STACK.broker().bootstrap());
        connection = STACK.nats().connect();
        admin = Admin.create(kafka);
        producer = new KafkaProducer<>(
                STACK.broker().producerSettings(), new StringSerializer(), new ByteArraySerializer());
    }

    @AfterAll
    static void disconnect() throws InterruptedException {
        producer.close();
        admin.close();
        connection.close();
    }

    @Test
    void everyPartOfAnEntryComesBack() throws Exception {
        fill("parts");
        STACK.startSource("parts-source", "parts", Map.of("record.nats.headers.include", "*"));
        STACK.startSink(
                "parts-sink",
                "kv.parts",
                "parts-copy",
                Map.of("headers.include", "*", "bucket.create", "true", "bucket.history", "5"));
        awaitCopy("parts", "parts-copy");
        assertThat(header("parts-copy", "plain", "Trace-Id")).containsExactly("one", "two");
        assertThat(connection.keyValue("parts-copy").getStatus().getMaxHistoryPerKey())
                .isEqualTo(5);
    }

    @Test
    void anEnvelopeComesBackWithAndWithoutSchema() throws Exception {
        fill("wrapped");
        for (boolean schema : new boolean[] {true, false}) {
            String name = "wrapped-" + schema;
            Map<String, String> converter =
                    Map.of("value.converter", JSON, "value.converter.schemas.enable", Boolean.toString(schema));
            Map<String, String> source = new HashMap<>(converter);
            source.putAll(Map.of(
                    "record.value",
                    "envelope",
                    "record.delete",
                    "envelope",
                    "record.headers",
                    "",
                    "topic.template",
                    name));
            STACK.startSource(name + "-source", "wrapped", source);
            Map<String, String> sink = new HashMap<>(converter);
            sink.putAll(Map.of("envelope", "always", "bucket.create", "true", "tombstone.operation", "fail"));
            STACK.startSink(name + "-sink", name, name + "-copy", sink);
            awaitCopy("wrapped", name + "-copy");
        }
    }

    @Test
    void keysAndBucketsComeFromFieldsAndHeaders() throws Exception {
        createTopic("people");
        Map<String, String> settings = new HashMap<>(Map.of(
                "value.converter",
                JSON,
                "value.converter.schemas.enable",
                "false",
                "key.template",
                "${value.country}.${value.person.id}",
                "bucket.create",
                "true",
                "bucket.limit.marker.ttl.ms",
                "60000",
                "record.ttl",
                "${header.ttl}"));
        STACK.startSink("people-sink", "people", "people-${header.tenant}", settings);
        for (int i = 0; i < 20; i++) {
            ProducerRecord<String, byte[]> record = new ProducerRecord<>(
                    "people", null, bytes("{\"country\":\"de\",\"person\":{\"id\":" + i + "},\"x\":[1,\"a\"]}"));
            record.headers().add("tenant", bytes(i % 2 == 0 ? "acme" : "other"));
            if (i >= 18) {
                record.headers().add("ttl", bytes("1"));
            }
            producer.send(record);
        }
        producer.flush();
        await().atMost(SOON)
                .ignoreExceptionsInstanceOf(JetStreamApiException.class)
                .until(() -> connection.keyValue("people-acme").keys().size() == 9
                        && connection.keyValue("people-other").keys().size() == 9);
        assertThat(new String(connection.keyValue("people-other").get("de.1").getValue(), StandardCharsets.UTF_8))
                .isEqualTo("{\"country\":\"de\",\"person\":{\"id\":1},\"x\":[1,\"a\"]}");
        assertThat(connection.keyValue("people-other").get("de.19"))
                .as("expired")
                .isNull();
    }

    @Test
    void topicsHaveBucketsOfTheirOwnAndOddKeysAreEncoded() throws Exception {
        createTopic("odd.keys");
        Bucket.create(connection, "odd-keys", 1);
        STACK.startSink(
                "odd-sink",
                "odd.keys",
                "${topic}",
                Map.of("topic.buckets", "odd.keys:odd-keys", "key.codec", "base64"));
        producer.send(new ProducerRecord<>("odd.keys", "a b/ü?", bytes("v"))).get();
        await().atMost(SOON).until(() -> connection.keyValue("odd-keys").get("YSBiL8O8Pw==") != null);
    }

    @Test
    void conflictsGoToTheDeadLetterTopic() throws Exception {
        createTopic("claims");
        Bucket bucket = Bucket.create(connection, "claims", 5);
        bucket.kv().put("taken", "before");
        producer.send(new ProducerRecord<>("claims", "taken", bytes("after")));
        producer.send(new ProducerRecord<>("claims", "free", bytes("first")));
        producer.flush();
        STACK.startSink(
                "claims-sink",
                "claims",
                "claims",
                Map.of(
                        "write.mode", "create",
                        "errors.tolerance", "all",
                        "errors.deadletterqueue.topic.name", "claims-dead",
                        "errors.deadletterqueue.topic.replication.factor", "1",
                        "errors.deadletterqueue.context.headers.enable", "true"));
        await().atMost(SOON).until(() -> bucket.kv().get("free") != null);
        try (Topic dead = new Topic(STACK.broker().bootstrap(), "claims-dead")) {
            await().atMost(SOON)
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(dead.read()).hasSize(1));
            assertThat(dead.read().get(0).key()).isEqualTo("taken");
            assertThat(dead.read().get(0).headers().get("__connect.errors.exception.message"))
                    .contains("taken");
        }
        assertThat(bucket.kv().get("taken").getValueAsString()).isEqualTo("before");
    }

    @Test
    void aRevisionIsExpectedByAHeaderThatTheConverterHasMadeANumber() throws Exception {
        createTopic("expected");
        Bucket bucket = Bucket.create(connection, "expected", 5);
        long revision = bucket.kv().put("right", "before");
        bucket.kv().put("wrong", "before");
        for (String key : List.of("wrong", "right")) {
            ProducerRecord<String, byte[]> record = new ProducerRecord<>("expected", key, bytes("after"));
            record.headers().add("revision", bytes("" + revision));
            producer.send(record);
        }
        // A condition stands for deletes too, and these three are one after the other.
        ProducerRecord<String, byte[]> delete = new ProducerRecord<>("expected", "right", null);
        delete.headers().add("revision", bytes("" + (revision + 2)));
        producer.send(delete);
        producer.flush();
        STACK.startSink(
                "expected-sink",
                "expected",
                "expected",
                Map.of(
                        "write.mode", "update",
                        "expected.revision", "${header.revision}",
                        "on.conflict", "skip",
                        "tombstone.operation", "purge"));
        await().atMost(SOON)
                .until(() -> bucket.entries().get("right").operation().equals("PURGE"));
        assertThat(bucket.kv().get("wrong").getValueAsString()).isEqualTo("before");
    }

    @Test
    void aTopicThatWasMadeAgainCounts() throws Exception {
        String name = "made-again";
        createTopic(name);
        Bucket bucket = Bucket.create(connection, name, 64);
        Map<String, String> settings = Map.of(
                "kafka.admin.bootstrap.servers",
                STACK.broker().bootstrap(),
                // The consumer notices sooner that the topic is another one.
                "consumer.override.metadata.max.age.ms",
                "1000");
        for (int i = 0; i < 10; i++) {
            producer.send(new ProducerRecord<>(name, "k", bytes("old" + i)));
        }
        producer.flush();
        STACK.startSink(name, name, name, settings);
        await().atMost(SOON).until(() -> "old9".equals(last(bucket)));
        STACK.rest().stop(name);
        STACK.rest().awaitState(name, "STOPPED", SOON);
        makeAgain(name, "new");
        STACK.rest().resume(name);
        await().atMost(SOON).until(() -> "new".equals(last(bucket)));

        for (int i = 0; i < 5; i++) {
            producer.send(new ProducerRecord<>(name, "k", bytes("new" + i)));
        }
        producer.flush();
        await().atMost(SOON).until(() -> "new4".equals(last(bucket)));
        makeAgain(name, "while it runs");
        await().atMost(SOON).until(() -> "while it runs".equals(last(bucket)));
        assertThat(STACK.rest().status(name).running()).isTrue();
    }

    /** Deletes a topic and makes it again, with one record. */
    private static void makeAgain(String name, String value) throws Exception {
        admin.deleteTopics(List.of(name)).all().get();
        await().atMost(SOON)
                .ignoreExceptionsInstanceOf(ExecutionException.class)
                .until(() -> {
                    createTopic(name);
                    return true;
                });
        await().atMost(SOON)
                .ignoreExceptionsInstanceOf(ExecutionException.class)
                .until(() -> producer.send(new ProducerRecord<>(name, "k", bytes(value)))
                                .get()
                                .offset()
                        == 0);
    }

    @Test
    void mistakesAreToldByTheRestApi() throws Exception {
        Map<String, String> config = STACK.config("nats-kv-sink");
        config.put("name", "mistaken");
        config.put("write.mode", "update");
        config.put("bucket.history", "65");
        config.put("on.conflicts", "skip");
        config.put("key.template", "${key");
        String answer = STACK.rest().validate("NatsKvSinkConnector", config);
        assertThat(answer)
                .contains("Malformed variable in template")
                .contains("bucket.history")
                .contains("\"error_count\":2");
    }

    private static String last(Bucket bucket) throws IOException, JetStreamApiException {
        var entry = bucket.kv().get("k");
        return entry == null ? null : entry.getValueAsString();
    }

    /** Entries of every kind, one with headers. */
    private static void fill(String name) throws Exception {
        Bucket bucket = Bucket.create(connection, name, 5);
        Headers headers = new Headers().add("Trace-Id", "one", "two");
        connection
                .jetStream()
                .publish(NatsMessage.builder()
                        .subject("$KV." + name + ".plain")
                        .headers(headers)
                        .data("v")
                        .build());
        bucket.kv().put("empty", new byte[0]);
        bucket.kv().put("bytes", new byte[] {0, (byte) 0xff, '\n'});
        bucket.kv().put("deleted", "x");
        bucket.kv().delete("deleted");
        bucket.kv().put("purged", "x");
        bucket.kv().purge("purged");
    }

    private static void awaitCopy(String source, String copy) throws Exception {
        await().atMost(SOON)
                .ignoreExceptionsInstanceOf(JetStreamApiException.class)
                .until(() -> states(copy).equals(states(source)));
    }

    /** Operation and bytes of the last message of each key. */
    private static List<String> states(String bucket) throws IOException, JetStreamApiException {
        List<String> states = new ArrayList<>();
        for (String key : KEYS) {
            MessageInfo last = last(bucket, key);
            String operation =
                    last.getHeaders() == null ? null : last.getHeaders().getLast("KV-Operation");
            states.add(key + " " + operation + " "
                    + (last.getData() == null ? "" : HexFormat.of().formatHex(last.getData())));
        }
        return states;
    }

    private static List<String> header(String bucket, String key, String name)
            throws IOException, JetStreamApiException {
        return last(bucket, key).getHeaders().get(name);
    }

    private static MessageInfo last(String bucket, String key) throws IOException, JetStreamApiException {
        return connection.jetStreamManagement().getLastMessage("KV_" + bucket, "$KV." + bucket + "." + key);
    }

    private static void createTopic(String name) throws ExecutionException, InterruptedException {
        admin.createTopics(List.of(new NewTopic(name, 1, (short) 1))).all().get();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
