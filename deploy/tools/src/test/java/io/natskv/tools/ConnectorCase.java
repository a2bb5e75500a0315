package io.natskv.tools;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.testing.kafka.ConnectWorker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the connectors themselves have made, on a real worker that runs the plugin zip: bucket, topic and connector of a test have its name. */
@ExtendWith(Servers.Shared.class)
abstract class ConnectorCase {
    static final Duration SOON = Duration.ofSeconds(60);
    static final String STRING = "org.apache.kafka.connect.storage.StringConverter";
    static final String BYTES = "org.apache.kafka.connect.converters.ByteArrayConverter";
    static final String JSON = "org.apache.kafka.connect.json.JsonConverter";
    private static final String SOURCE = "io.natskv.connect.source.NatsKvSourceConnector";
    private static final String SINK = "io.natskv.connect.sink.NatsKvSinkConnector";

    @TempDir
    Path folder;

    Servers servers;
    ConnectWorker worker;
    String name;
    String topic;

    @BeforeEach
    void prepare(Servers shared, TestInfo test) {
        servers = shared;
        worker = shared.worker();
        name = test.getTestMethod().orElseThrow().getName() + "-"
                + Integer.toHexString(test.getDisplayName().hashCode());
        topic = "kv." + name;
    }

    @AfterEach
    void deleteConnectors() {
        worker.rest().connectors().forEach(worker.rest()::delete);
    }

    KvBucket bucket(BucketConfig config) {
        return new KvBuckets(servers.connection()).create(config);
    }

    void createTopic(int partitions, Map<String, String> config) throws Exception {
        servers.createTopic(topic, partitions, config);
    }

    void send(int from, int to) {
        for (int i = from; i < to; i++) {
            servers.send(topic, "key " + i, "v" + i);
        }
        servers.producer().flush();
    }

    /** @param value null for none */
    void send(String key, String value) {
        servers.send(topic, key, value);
        servers.producer().flush();
    }

    void startConnector(Map<String, String> settings) {
        worker.rest().put(name, settings);
        worker.rest().awaitRunning(name, SOON);
    }

    void stopConnector() {
        worker.rest().stop(name);
        worker.rest().awaitState(name, "STOPPED", SOON);
    }

    JsonNode lag(String... more) throws Exception {
        return Run.of(with(new String[] {"lag", name, "-c", worker.restUrl(), "--json"}, more))
                .json();
    }

    static String[] with(String[] arguments, String... more) {
        String[] all = Arrays.copyOf(arguments, arguments.length + more.length);
        System.arraycopy(more, 0, all, arguments.length, more.length);
        return all;
    }

    Map<String, String> source(String keyConverter, String valueConverter, Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "name", name,
                "connector.class", SOURCE,
                "nats.servers", servers.natsUrl(),
                "kv.buckets", name,
                "key.converter", keyConverter,
                "value.converter", valueConverter));
        settings.putAll(more);
        return settings;
    }

    Map<String, String> sink(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "name", name,
                "connector.class", SINK,
                "nats.servers", servers.natsUrl(),
                "topics", topic,
                "bucket.template", name,
                "key.codec", "base64",
                "key.converter", STRING,
                "value.converter", BYTES));
        settings.putAll(more);
        return settings;
    }

    Path file(Map<String, String> settings) throws IOException {
        Path file = Files.createTempFile(folder, "connector", ".json");
        new ObjectMapper().writeValue(file.toFile(), Map.of("name", name, "config", settings));
        return file;
    }
}
