package io.natskv.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.nats.client.Connection;
import io.nats.client.KeyValue;
import io.natskv.plugin.Topic.Item;
import io.natskv.testing.kafka.ConnectorStatus;
import io.natskv.testing.nats.NatsServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Bucket, source, topic, sink, second bucket: what goes in comes out. The NATS server asks for user and password. */
class RoundTripIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String USER = "mirror";
    private static final String PASSWORD = "pw-" + UUID.randomUUID();
    private static final int MIB = 1 << 20;

    @RegisterExtension
    static final ConnectStack STACK = new ConnectStack(
            NatsServer.builder()
                    .config("max_payload: 4MB\nauthorization { user: " + USER + ", password: \"" + PASSWORD + "\" }")
                    .clientOptions(options -> options.userInfo(USER, PASSWORD)),
            Map.of("nats.username", USER, "nats.password", PASSWORD));

    private static Connection connection;

    @BeforeAll
    static void connect() {
        connection = STACK.nats().connect();
    }

    @AfterAll
    static void disconnect() throws InterruptedException {
        connection.close();
    }

    @Test
    void bothPluginsAreListedWithTheirVersion() throws Exception {
        List<String> ours = new ArrayList<>();
        for (JsonNode plugin : Plugin.JSON.readTree(STACK.rest().plugins())) {
            if (plugin.get("class").asText().startsWith("io.natskv.")) {
                ours.add(plugin.get("type").asText() + " " + plugin.get("class").asText() + " "
                        + plugin.get("version").asText());
            }
        }

        assertThat(ours)
                .containsExactlyInAnyOrder(
                        "source io.natskv.connect.source.NatsKvSourceConnector " + Plugin.version(),
                        "sink io.natskv.connect.sink.NatsKvSinkConnector " + Plugin.version());
    }

    @Test
    void everyOperationArrivesInItsOrder() throws Exception {
        KeyValue source = Bucket.create(connection, "operations", 5).kv();
        Bucket copy = Bucket.create(connection, "operations-copy", 5);
        source.put("before", "the start");
        STACK.startSource("operations-source", "operations", Map.of());
        STACK.startSink("operations-sink", "kv.operations", "operations-copy", Map.of());

        try (Topic topic = new Topic(STACK.broker().bootstrap(), "kv.operations")) {
            await().atMost(SOON).until(() -> topic.read().size() == 1);
            // One by one: a purge takes with it what the watch has not delivered yet.
            List<ThrowingRunnable> changes = List.of(
                    () -> source.put("k", "v1"),
                    () -> source.put("k", "v2"),
                    () -> source.delete("k"),
                    () -> source.put("k", "v3"),
                    () -> source.purge("k"),
                    () -> source.put("k", new byte[0]),
                    () -> source.delete("k"),
                    () -> source.delete("k"),
                    () -> source.put("k", "v4"),
                    () -> source.delete("only.deleted"),
                    () -> source.purge("only.purged"));
            for (ThrowingRunnable change : changes) {
                int before = topic.read().size();
                change.run();
                await().atMost(SOON).until(() -> topic.read().size() == before + 1);
            }

            List<Item> items = topic.read();
            assertThat(items.stream().filter(item -> item.key().equals("k")).map(RoundTripIT::text))
                    .containsExactly(
                            "PUT v1",
                            "PUT v2",
                            "DELETE -",
                            "PUT v3",
                            "PURGE -",
                            "PUT ",
                            "DELETE -",
                            "DELETE -",
                            "PUT v4");
            assertHeaders(items, source);
            assertThat(topic.entries())
                    .isEqualTo(Map.of(
                            "before",
                            put("the start"),
                            "k",
                            put("v4"),
                            "only.deleted",
                            new Entry("DELETE", new byte[0]),
                            "only.purged",
                            new Entry("PURGE", new byte[0])));
            await().atMost(SOON).until(() -> copy.entries().equals(topic.entries()));
        }
        assertThat(copy.kv().history("k").stream()
                        .map(entry -> entry.getOperation().name()))
                .as("the purge took the history of the copy, too")
                .containsExactly("PURGE", "PUT", "DELETE", "DELETE", "PUT");
    }

    /** A consumer that is there before the topic must not have it made, with the broker's defaults. */
    @Test
    void theTopicHasTheSettingsOfTheSourceThoughTheSinkWasFirst() throws Exception {
        Bucket source = Bucket.create(connection, "second", 1);
        Bucket copy = Bucket.create(connection, "second-copy", 1);
        STACK.startSink("second-sink", "kv.second", "second-copy", Map.of());
        // Its group is stable when the consumer has asked for the topic and got an answer.
        try (Admin admin =
                Admin.create(Map.of("bootstrap.servers", STACK.broker().bootstrap()))) {
            await().atMost(SOON)
                    .ignoreExceptions()
                    .until(() -> admin.describeConsumerGroups(Set.of("connect-second-sink"))
                                    .all()
                                    .get()
                                    .get("connect-second-sink")
                                    .members()
                                    .size()
                            == 1);
            source.kv().put("key", "value");
            STACK.startSource("second-source", "second", Map.of());
            await().atMost(SOON).until(() -> copy.entries().equals(Map.of("key", put("value"))));

            ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, "kv.second");
            assertThat(admin.describeTopics(Set.of("kv.second"))
                            .allTopicNames()
                            .get()
                            .get("kv.second")
                            .partitions())
                    .hasSize(3);
            assertThat(admin.describeConfigs(Set.of(topic))
                            .all()
                            .get()
                            .get(topic)
                            .get("cleanup.policy")
                            .value())
                    .isEqualTo("compact");
        }
    }

    @Test
    void oddKeysAndValuesArriveUnchanged() throws Exception {
        Bucket source = Bucket.create(connection, "odd", 1);
        Bucket copy = Bucket.create(connection, "odd-copy", 1);
        Map<String, byte[]> odd = oddEntries();
        for (Map.Entry<String, byte[]> entry : odd.entrySet()) {
            source.kv().put(entry.getKey(), entry.getValue());
        }
        String limit = String.valueOf(3 * MIB);
        STACK.startSource(
                "odd-source",
                "odd",
                Map.of(
                        "producer.override.max.request.size", limit,
                        "topic.creation.default.max.message.bytes", limit));
        STACK.startSink(
                "odd-sink",
                "kv.odd",
                "odd-copy",
                Map.of(
                        "consumer.override.max.partition.fetch.bytes", limit,
                        "consumer.override.fetch.max.bytes", limit));

        Map<String, Entry> expected = new HashMap<>();
        odd.forEach((key, value) -> expected.put(key, new Entry("PUT", value)));
        await().atMost(SOON).until(() -> copy.entries().size() == expected.size());

        assertThat(source.entries()).isEqualTo(expected);
        assertThat(copy.entries()).isEqualTo(expected);
        try (Topic topic = new Topic(STACK.broker().bootstrap(), "kv.odd")) {
            assertThat(topic.entries()).isEqualTo(expected);
        }
    }

    @Test
    void keyAndRevisionKeepsEachKeyInOnePartitionInOrder() throws Exception {
        KeyValue source = Bucket.create(connection, "revisions", 20).kv();
        Bucket copy = Bucket.create(connection, "revisions-copy", 1);
        Map<String, String> jsonKeys = Map.of(
                "key.converter",
                "org.apache.kafka.connect.json.JsonConverter",
                "key.converter.schemas.enable",
                "false");
        Map<String, String> sourceSettings = new HashMap<>(jsonKeys);
        sourceSettings.put("record.key", "key_and_revision");
        sourceSettings.put("topic.creation.default.partitions", "4");
        sourceSettings.put("start.mode", "history");
        for (int i = 0; i < 200; i++) {
            source.put("key" + i % 20, "v" + i);
        }
        source.delete("key0");
        STACK.startSource("revisions-source", "revisions", sourceSettings);
        STACK.startSink("revisions-sink", "kv.revisions", "revisions-copy", jsonKeys);

        try (Topic topic = new Topic(STACK.broker().bootstrap(), "kv.revisions")) {
            await().atMost(SOON).until(() -> topic.read().size() == 201);
            Map<String, Integer> partitions = new HashMap<>();
            Map<String, Long> revisions = new HashMap<>();
            for (Item item : topic.read()) {
                JsonNode recordKey = Plugin.JSON.readTree(item.key());
                String key = recordKey.get("key").asText();
                long revision = recordKey.get("revision").asLong();
                assertThat(revision).isEqualTo(item.revision());
                assertThat(partitions.merge(key, item.partition(), (a, b) -> a))
                        .as("partition of " + key)
                        .isEqualTo(item.partition());
                assertThat(revision).isGreaterThan(revisions.getOrDefault(key, 0L));
                revisions.put(key, revision);
            }
            assertThat(revisions).hasSize(20);
            assertThat(new HashSet<>(partitions.values())).hasSizeGreaterThan(1);
        }
        // All keys are there long before their last revisions are.
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(copy.entries())
                        .hasSize(20)
                        .containsEntry("key0", new Entry("DELETE", new byte[0]))
                        .containsEntry("key19", put("v199")));
    }

    @Test
    void noSecretShowsInLogStatusOrOffsets() throws Exception {
        Bucket.create(connection, "secrets", 1).kv().put("k", "v");
        STACK.startSource("secrets-source", "secrets", Map.of());
        await().atMost(SOON).until(() -> STACK.rest().offsets("secrets-source").contains("revision"));
        String wrong = "wrong-" + UUID.randomUUID();
        Map<String, String> refused = STACK.config("nats-kv-source");
        refused.put("kv.buckets", "secrets");
        refused.put("nats.password", wrong);

        String validation = STACK.rest().validate("io.natskv.connect.source.NatsKvSourceConnector", refused);
        ConnectorStatus status = STACK.rest().status("secrets-source");

        assertThat(Plugin.JSON.readTree(validation).get("error_count").asInt()).isPositive();
        String log = Files.readString(STACK.worker().folder().resolve("connect.log"));
        assertThat(log).contains("secrets-source");
        for (String text : List.of(log, status.toString(), STACK.rest().offsets("secrets-source"), validation)) {
            assertThat(text.contains(PASSWORD)).as("the password shows").isFalse();
            assertThat(text.contains(wrong)).as("the wrong password shows").isFalse();
        }
    }

    /** Every legal character, alone and together, and values that are easily taken for something else. */
    private static Map<String, byte[]> oddEntries() {
        Map<String, byte[]> odd = new HashMap<>();
        String legal = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-/_=";
        for (char c : legal.toCharArray()) {
            odd.put(String.valueOf(c), bytes("key " + c));
        }
        odd.put(legal + "." + legal, bytes("all"));
        odd.put("true", bytes("true"));
        odd.put("null", bytes("null"));
        odd.put("1.0", bytes("1.0"));
        odd.put("long." + "x".repeat(400), bytes("long"));
        odd.put("empty", new byte[0]);
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        odd.put("binary", all);
        odd.put("zero", new byte[] {0});
        odd.put("json", bytes("{\"schema\":null,\"payload\":\"\\u0000\"}"));
        odd.put("utf8", bytes("\u00e5\u4e2d\ud83d\ude00"));
        Random random = new Random(1);
        for (int size : new int[] {MIB - 1024, MIB, MIB + 1, 2 * MIB}) {
            byte[] large = new byte[size];
            random.nextBytes(large);
            odd.put("large." + size, large);
        }
        return odd;
    }

    private static void assertHeaders(List<Item> items, KeyValue source) throws Exception {
        Set<Long> revisions = new HashSet<>();
        for (Item item : items) {
            assertThat(item.headers())
                    .containsEntry("nats.kv.bucket", "operations")
                    .containsKeys("nats.kv.revision", "nats.kv.created", "nats.kv.delta");
            revisions.add(item.revision());
        }
        assertThat(revisions).hasSameSizeAs(items);
        Item last = items.stream()
                .filter(item -> text(item).equals("PUT v4"))
                .findFirst()
                .orElseThrow();
        assertThat(last.timestamp())
                .isEqualTo(source.get("k").getCreated().toInstant().toEpochMilli());
        assertThat(last.revision()).isEqualTo(source.get("k").getRevision());
    }

    private static String text(Item item) {
        return item.operation() + " " + (item.value() == null ? "-" : new String(item.value(), StandardCharsets.UTF_8));
    }

    private static Entry put(String value) {
        return new Entry("PUT", bytes(value));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** A change that may fail. */
    private interface ThrowingRunnable {
        void run() throws Exception;
    }
}
