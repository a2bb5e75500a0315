package io.natskv.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.nats.client.Connection;
import io.nats.client.KeyValue;
import io.nats.client.PurgeOptions;
import io.nats.client.impl.Headers;
import io.natskv.plugin.Topic.Item;
import io.natskv.testing.nats.NatsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operator sees of a source and does to it while it runs or is stopped, on a real worker. */
class SourceOperationsIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String SOURCE = "io.natskv.connect.source.NatsKvSourceConnector";

    @RegisterExtension
    static final ConnectStack STACK = new ConnectStack(NatsServer.builder(), Map.of());

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
    void metricsAreShownByJmxAndByTheWorkerUntilTheConnectorIsDeleted() throws Exception {
        KeyValue kv = Bucket.create(connection, "metrics", 5).kv();
        for (int i = 0; i < 10; i++) {
            kv.put("k" + i, "v");
        }
        kv.delete("k0");
        STACK.startSource("metrics", "metrics", Map.of());
        String ours = "io.natskv.connect:type=source-task,connector=metrics,task=0";
        String workers = "kafka.connect:type=plugins,connector=metrics,task=0";
        try (Jmx jmx = Jmx.of(STACK.worker().pid())) {
            for (String task : List.of(ours, workers)) {
                String watch = task + ",bucket=metrics,filter=*";
                await(task)
                        .atMost(SOON)
                        .ignoreExceptions()
                        .until(() -> jmx.value(watch, "position-revision") == 11
                                && jmx.value(watch, "snapshot-running") == 0);
                assertThat(jmx.value(task, "connected")).isEqualTo(1);
                assertThat(jmx.value(watch, "watching")).isEqualTo(1);
                assertThat(jmx.value(watch, "records-put-total")).isEqualTo(9);
                assertThat(jmx.value(watch, "records-delete-total")).isEqualTo(1);
                assertThat(jmx.value(watch, "snapshot-records")).isEqualTo(10);
                assertThat(jmx.value(watch, "lag-revisions")).isZero();
                assertThat(jmx.value(watch, "buffered-records")).isZero();
            }
            STACK.rest().delete("metrics");
            await().atMost(SOON)
                    .until(() ->
                            jmx.names("io.natskv.connect:connector=metrics,*").isEmpty()
                                    && jmx.names(workers + ",*").isEmpty());
        }
    }

    /** Without one, nothing that changes while it is stopped would be read: there is no record to store an offset with. */
    @Test
    void heartbeatsKeepThePositionOfAnIdleBucket() throws Exception {
        KeyValue kv = Bucket.create(connection, "idle", 1).kv();
        kv.put("before", "v");
        STACK.startSource("idle", "idle", heartbeats("idle", "start.mode", "updates_only"));
        Item beat = read("idle-beats", items -> !items.isEmpty()).get(0);
        assertThat(beat.key()).isEqualTo("idle/idle/>");
        assertThat(json(beat).get("type").asText()).isEqualTo("heartbeat");
        assertThat(json(beat).get("state").asText()).isEqualTo("watching");
        assertThat(json(beat).get("revision").asText()).isEqualTo("1");
        stop("idle");
        kv.put("while-it-was-stopped", "v");
        STACK.rest().resume("idle");
        assertThat(read("kv.idle", items -> !items.isEmpty()))
                .extracting(Item::key)
                .containsExactly("while-it-was-stopped");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "org.apache.kafka.connect.storage.SimpleHeaderConverter",
                "org.apache.kafka.connect.json.JsonConverter"
            })
    void keysThatVanishedWhileItWasStoppedGetTombstones(String headerConverter) throws Exception {
        String name = "vanished-" + headerConverter.substring(headerConverter.lastIndexOf('.') + 1);
        KeyValue kv = Bucket.create(connection, name, 1).kv();
        for (String key : List.of("a", "b", "c", "d")) {
            kv.put(key, "v");
        }
        Map<String, String> settings = Map.of(
                "reconcile",
                "on_gap",
                "reconcile.consumer.bootstrap.servers",
                STACK.broker().bootstrap(),
                "header.converter",
                headerConverter);
        STACK.startSource(name, name, settings);
        awaitReconciled(name, 1);
        stop(name);
        connection.jetStreamManagement().purgeStream("KV_" + name, PurgeOptions.subject("$KV." + name + ".b"));
        kv.delete("c");
        connection.jetStreamManagement().purgeStream("KV_" + name, PurgeOptions.subject("$KV." + name + ".c"));
        kv.put("e", "v");
        STACK.rest().resume(name);
        awaitReconciled(name, 2);
        List<Item> items = read("kv." + name, all -> all.size() >= 7);
        assertThat(items).as("four keys, the new one, and two tombstones").hasSize(7);
        assertThat(items)
                .filteredOn(item -> item.headers().containsKey("nats.kv.reconciled"))
                .allSatisfy(item -> assertThat(item.value()).isNull())
                .extracting(Item::key)
                .containsExactlyInAnyOrder("b", "c");
    }

    @Test
    void signalsAreHeededAndTold() throws Exception {
        KeyValue kv = Bucket.create(connection, "signalled", 1).kv();
        KeyValue signals = Bucket.create(connection, "signals", 1).kv();
        for (String key : List.of("a.1", "a.2", "b.1")) {
            kv.put(key, "v");
        }
        Map<String, String> settings = heartbeats("signalled", "signal.bucket", "signals");
        settings.put("notification.topic", "signalled-notes");
        STACK.startSource("signalled", "signalled", settings);
        read("signalled-notes", notes -> told(notes, "snapshot.completed", null));

        signals.put("signalled", "{\"type\":\"snapshot\",\"filter\":\"a.*\",\"id\":\"again\"}");
        List<Item> notes = read("signalled-notes", all -> told(all, "snapshot.completed", "again"));
        assertThat(told(notes, "snapshot.started", "again")).isTrue();
        List<Item> items = read("kv.signalled", all -> all.size() >= 5);
        assertThat(items)
                .filteredOn(item -> "true".equals(item.headers().get("nats.kv.snapshot")))
                .extracting(item -> item.key() + "@" + item.revision())
                .containsExactlyInAnyOrder("a.1@1", "a.2@2");
        assertThat(items).hasSize(5);

        signals.put("signalled.pause", "{\"type\":\"pause\",\"bucket\":\"signalled\"}");
        read("signalled-notes", all -> told(all, "paused", null));
        kv.put("c", "while it is paused");
        STACK.rest().restart("signalled");
        // Two more of the time after: they begin anew with the task.
        int before = read("signalled-beats", all -> true).size();
        List<Item> beats = read("signalled-beats", all -> all.size() >= before + 2);
        assertThat(json(beats.get(beats.size() - 1)).get("state").asText()).isEqualTo("paused");
        assertThat(read("kv.signalled", all -> true)).hasSize(5);

        signals.put("signalled.pause", "{\"type\":\"resume\",\"bucket\":\"signalled\"}");
        assertThat(read("kv.signalled", all -> all.size() >= 6))
                .hasSize(6)
                .extracting(Item::key)
                .contains("c");
    }

    @ParameterizedTest
    @ValueSource(strings = {"fail", "snapshot", "continue"})
    void aBucketThatWasMadeAnewWhileItWasStopped(String policy) throws Exception {
        String name = "anew-" + policy;
        KeyValue kv = Bucket.create(connection, name, 1).kv();
        kv.put("a", "1");
        kv.put("b", "2");
        Map<String, String> settings = heartbeats(name, "on.position.lost", policy);
        settings.put("notification.topic", name + "-notes");
        STACK.startSource(name, name, settings);
        read("kv." + name, items -> items.size() >= 2);
        stop(name);
        connection.keyValueManagement().delete(name);
        KeyValue anew = Bucket.create(connection, name, 1).kv();
        anew.put("c", "1");
        anew.put("d", "2");
        STACK.rest().resume(name);
        if (policy.equals("fail")) {
            await().atMost(SOON).until(() -> STACK.rest().status(name).failed());
            assertThat(STACK.rest().status(name).describe())
                    .contains(
                            "Position in bucket \"" + name + "\"", "was created anew at", "on.position.lost=snapshot");
            assertThat(read("kv." + name, items -> true)).hasSize(2);
            return;
        }
        read(name + "-notes", notes -> told(notes, "position.lost", null));
        anew.put("e", "3");
        assertThat(read(
                        "kv." + name,
                        items -> items.stream().anyMatch(item -> item.key().equals("e"))))
                .extracting(Item::key)
                .containsExactlyInAnyOrderElementsOf(
                        policy.equals("snapshot") ? List.of("a", "b", "c", "d", "e") : List.of("a", "b", "e"));
    }

    @Test
    void offsetsAreSetAndResetByTheRestInterface() throws Exception {
        KeyValue kv = Bucket.create(connection, "offsets", 1).kv();
        for (int i = 1; i <= 5; i++) {
            kv.put("k" + i, "v");
        }
        STACK.startSource("offsets", "offsets", Map.of("kv.key.filters", "*"));
        read("kv.offsets", items -> items.size() >= 5);
        stop("offsets");
        assertThat(STACK.rest().offsets("offsets"))
                .contains("{\"bucket\":\"offsets\",\"filter\":\"*\"}", "\"revision\":5");
        String wrong =
                "{\"offsets\":[{\"partition\":{\"filter\":\"*\",\"bucket\":\"offsets\"},\"offset\":{\"revision\":2}}]}";
        assertThatThrownBy(() -> STACK.rest().alterOffsets("offsets", wrong))
                .hasMessageContaining("with these keys in this order");
        STACK.rest()
                .alterOffsets(
                        "offsets",
                        "{\"offsets\":[{\"partition\":{\"bucket\":\"offsets\",\"filter\":\"*\"},\"offset\":{\"revision\":2}}]}");
        STACK.rest().resume("offsets");
        assertThat(read("kv.offsets", items -> items.size() >= 8))
                .extracting(Item::revision)
                .as("again what is behind revision 2")
                .containsExactlyInAnyOrder(1L, 2L, 3L, 3L, 4L, 4L, 5L, 5L);
        stop("offsets");
        STACK.rest().resetOffsets("offsets");
        STACK.rest().resume("offsets");
        assertThat(read("kv.offsets", items -> items.size() >= 13)).hasSize(13);
    }

    @Test
    void beginsWhereTheStartModeSays() throws Exception {
        KeyValue kv = Bucket.create(connection, "modes", 5).kv();
        kv.put("k", "1");
        kv.put("k", "2");
        kv.put("k", "3");
        kv.put("other", "4");
        Map<String, Map<String, String>> modes = Map.of(
                "snapshot", Map.of(),
                "history", Map.of(),
                "revision", Map.of("start.revision", "2"),
                "time",
                        Map.of(
                                "start.time",
                                kv.get("k", 3).getCreated().toInstant().toString()),
                "updates_only", Map.of());
        for (Map.Entry<String, Map<String, String>> mode : modes.entrySet()) {
            Map<String, String> settings = heartbeats(mode.getKey(), "start.mode", mode.getKey());
            settings.put("topic.template", "modes." + mode.getKey());
            settings.putAll(mode.getValue());
            STACK.startSource(mode.getKey(), "modes", settings);
        }
        // Updates only begin when the bucket is reached.
        read("updates_only-beats", beats -> !beats.isEmpty());
        kv.put("late", "5");
        Map<String, List<Long>> expected = Map.of(
                "snapshot", List.of(3L, 4L, 5L),
                "history", List.of(1L, 2L, 3L, 4L, 5L),
                "revision", List.of(2L, 3L, 4L, 5L),
                "time", List.of(3L, 4L, 5L),
                "updates_only", List.of(5L));
        expected.forEach((mode, revisions) -> assertThat(read(
                        "modes." + mode, items -> items.stream().anyMatch(item -> item.revision() == 5)))
                .as(mode)
                .extracting(Item::revision)
                .containsExactlyInAnyOrderElementsOf(revisions));
    }

    @Test
    void topicsHeadersAndDeletesAreAsTheSettingsSay() throws Exception {
        KeyValue kv = Bucket.create(connection, "mapped", 5).kv();
        var headers =
                new Headers().add("trace-id", "7").add("trace-secret", "8").add("other", "9");
        connection.jetStream().publish("$KV.mapped.eu.L2Fh", headers, "v".getBytes(StandardCharsets.UTF_8));
        kv.put("us.b", "v");
        kv.delete("us.b");
        Map<String, String> settings = heartbeats("mapped", "topic.template", "mapped-${key[0]}");
        settings.putAll(Map.of(
                "start.mode", "history",
                "kv.ignore.deletes", "true",
                "record.headers", "revision",
                "record.nats.headers.include", "trace-*",
                "record.nats.headers.exclude", "*-secret"));
        STACK.startSource("mapped", "mapped", settings);
        Item eu = read("mapped-eu", items -> !items.isEmpty()).get(0);
        assertThat(eu.key()).isEqualTo("eu.L2Fh");
        assertThat(eu.headers()).isEqualTo(Map.of("nats.kv.revision", "1", "trace-id", "7"));
        // The offset goes past the delete, of which there is no record.
        await().atMost(SOON).until(() -> STACK.rest().offsets("mapped").contains("\"revision\":3"));
        assertThat(read("mapped-us", items -> !items.isEmpty()))
                .extracting(Item::revision)
                .containsExactly(2L);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nats.servers                | nats://127.0.0.1:1  | nats.servers                        | 127.0.0.1:1",
                "kv.buckets                  | no-such-bucket      | kv.buckets                          | no-such-bucket",
                "kv.key.filters              | a.>,a.b             | kv.key.filters                      | overlap",
                "topic.template              | kv/${bucket}        | topic.template                      | not legal",
                "record.key                  | key_and_revision    | key.converter                       | struct",
                "reconcile                   | on_gap              | reconcile.consumer.bootstrap.servers | brokers",
            })
    void validationSaysWhatIsWrongOnTheSettingToChange(String setting, String value, String blamed, String message)
            throws Exception {
        if (!connection.keyValueManagement().getBucketNames().contains("valid")) {
            Bucket.create(connection, "valid", 1);
        }
        Map<String, String> config = STACK.config("nats-kv-source");
        config.put("kv.buckets", "valid");
        JsonNode valid = Plugin.JSON.readTree(STACK.rest().validate(SOURCE, named(config)));
        assertThat(valid.get("error_count").asInt()).as("%s", valid).isZero();
        config.put(setting, value);
        JsonNode wrong = Plugin.JSON.readTree(STACK.rest().validate(SOURCE, named(config)));
        Map<String, String> errors = new HashMap<>();
        wrong.get("configs").forEach(part -> {
            JsonNode told = part.get("value");
            if (!told.get("errors").isEmpty()) {
                errors.put(told.get("name").asText(), told.get("errors").toString());
            }
        });
        assertThat(errors).as("%s", errors).containsOnlyKeys(blamed);
        assertThat(errors.get(blamed)).contains(message);
    }

    private static Map<String, String> named(Map<String, String> config) {
        Map<String, String> named = new HashMap<>(config);
        named.put("name", "validated");
        return named;
    }

    /** Settings of a source with frequent heartbeats, and one more. */
    private static Map<String, String> heartbeats(String name, String setting, String value) {
        return new HashMap<>(
                Map.of("heartbeat.topic", name + "-beats", "heartbeat.interval.ms", "100", setting, value));
    }

    private static void stop(String connector) {
        STACK.rest().stop(connector);
        STACK.rest().awaitState(connector, "STOPPED", SOON);
    }

    private static void awaitReconciled(String topic, int times) {
        String line = "Topic \"kv." + topic + "\" is reconciled";
        await().atMost(SOON).until(() -> STACK.worker().logTail(5_000).split(line, -1).length - 1 >= times);
    }

    private static boolean told(List<Item> notes, String type, String id) {
        return notes.stream()
                .map(SourceOperationsIT::json)
                .anyMatch(note -> note.get("type").asText().equals(type)
                        && (id == null || id.equals(note.path("id").asText())));
    }

    private static JsonNode json(Item item) {
        try {
            return Plugin.JSON.readTree(item.value());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All records of a topic, as soon as they are as is waited for. */
    private static List<Item> read(String topic, Predicate<List<Item>> enough) {
        try (Topic reader = new Topic(STACK.broker().bootstrap(), topic)) {
            List<Item> items = new ArrayList<>();
            await(topic)
                    .atMost(SOON)
                    .ignoreException(UnknownTopicOrPartitionException.class)
                    .until(() -> {
                        items.clear();
                        items.addAll(reader.read());
                        return enough.test(items);
                    });
            return items;
        }
    }
}
