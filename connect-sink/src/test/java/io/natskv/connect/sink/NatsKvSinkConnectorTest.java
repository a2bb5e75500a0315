package io.natskv.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connect.ConnectVersion;
import io.natskv.core.connect.ConnectionSettings;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkConnector;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NatsKvSinkConnectorTest {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

    private final NatsKvSinkConnector connector = new NatsKvSinkConnector();

    @BeforeAll
    static void createBucket() {
        try (KvConnection connection = KvConnection.open(NatsConnectionConfig.of(NATS.url()))) {
            new KvBuckets(connection).create(BucketConfig.of("orders"));
        }
    }

    @Test
    void isFoundAsAService() {
        assertThat(ServiceLoader.load(SinkConnector.class)).hasAtLeastOneElementOfType(NatsKvSinkConnector.class);
        assertThat(connector.version()).isEqualTo(ConnectVersion.get());
        assertThat(new NatsKvSinkTask().version()).isEqualTo(ConnectVersion.get());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "topics | orders | ${topic}",
                "topics | kv.orders, x.orders | ${topic[1]}",
                "topics | a.b,c | orders",
                "topics.regex | any.* | ${topic}"
            })
    void validSettingsHaveNoErrors(String setting, String topics, String template) {
        Map<String, String> settings = settings();
        settings.remove("topics");
        settings.put(setting, topics);
        settings.put(SinkConfig.BUCKET_TEMPLATE, template);
        assertThat(errors(settings)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "topics | kv.orders | bucket.template | ${topic[1]}",
                "topics | gone | bucket.template | not found",
                "bucket.template | a.b | bucket.template | not allowed",
                "bucket.template | ${offset} | bucket.template | Unknown variable",
                "topic.buckets | orders | topic.buckets | topic:bucket",
                "topic.buckets | orders:a.b | topic.buckets | not allowed",
                "topic.buckets | orders:gone | bucket.template | not found",
                "key.template | ${keys} | key.template | Unknown variable",
                "key.codec | rot13 | key.codec | base64",
                "write.mode | update | expected.revision | is needed",
                "expected.revision | ${header.r} | expected.revision | has no effect",
                "record.ttl | ${header.ttl} | record.ttl | --allow-msg-ttl",
                "bucket.limit.marker.ttl.ms | 10 | bucket.limit.marker.ttl.ms | 1000",
                "bucket.history | 65 | bucket.history | 64",
                "bucket.template | gone | bucket.template | create it",
                "tombstone.operation | explode | tombstone.operation | purge",
                "max.in.flight | 0 | max.in.flight | 1",
                "delivery.deadline.ms | 2000 | delivery.deadline.ms | ack.timeout.ms",
                "max.retries | -2 | max.retries | -1",
                "nats.servers | 127.0.0.1:1 | nats.servers | Can't connect",
                "nats.username | me | nats.password | needed",
            })
    void errorsShowOnTheSettingToChange(String setting, String value, String blamed, String message) {
        Map<String, String> settings = settings();
        settings.put(setting, value);
        Map<String, List<String>> errors = errors(settings);
        assertThat(errors).containsOnlyKeys(blamed);
        assertThat(errors.get(blamed)).anyMatch(text -> text.contains(message));
    }

    @Test
    void aBucketThatIsToBeCreatedMayBeMissing() {
        Map<String, String> settings = settings();
        settings.put("bucket.template", "gone");
        settings.put("bucket.create", "true");
        assertThat(errors(settings)).isEmpty();
        settings.put("record.ttl", "${header.ttl}");
        assertThat(errors(settings)).containsOnlyKeys("record.ttl");
        settings.put("bucket.limit.marker.ttl.ms", "60000");
        assertThat(errors(settings)).isEmpty();
    }

    @Test
    void aSettingThatIsNullCountsAsUnset() {
        for (String name : connector.config().names()) {
            Map<String, String> settings = settings();
            settings.put(name, null);
            boolean needed = name.equals(ConnectionSettings.SERVERS);
            assertThat(errors(settings).keySet()).as(name).isEqualTo(needed ? Set.of(name) : Set.of());
        }
        Map<String, String> settings = settings();
        settings.put("transforms", null);
        settings.put("topics", null);
        assertThat(errors(settings)).isEmpty();
        connector.start(settings);
        assertThat(connector.taskConfigs(1)).hasSize(1);
        assertThat(connector.alterOffsets(settings, Map.of())).isTrue();
    }

    @Test
    void tasksGetNoSecretInNewSettings() {
        Map<String, String> settings = settings();
        settings.put("nats.token", "secret");
        connector.start(settings);
        List<Map<String, String>> tasks = connector.taskConfigs(3);
        assertThat(tasks).hasSize(3);
        for (int i = 0; i < tasks.size(); i++) {
            Map<String, String> added = new HashMap<>(tasks.get(i));
            added.entrySet().removeAll(settings.entrySet());
            assertThat(added).isEqualTo(Map.of("task.index", "" + i));
        }
        connector.stop();
    }

    @Test
    void offsetsMayBeAlteredAndReset() {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        offsets.put(new TopicPartition("orders", 0), 5L);
        offsets.put(new TopicPartition("orders", 1), null);
        assertThat(connector.alterOffsets(settings(), offsets)).isTrue();
        offsets.put(new TopicPartition("orders", 2), -1L);
        assertThatThrownBy(() -> connector.alterOffsets(settings(), offsets))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("orders-2");
    }

    @Test
    void everySettingIsDescribed() {
        assertThat(connector.config().configKeys().values()).allSatisfy(key -> {
            assertThat(key.documentation).as(key.name).isNotBlank().endsWith(".");
            assertThat(key.group).as(key.name).isNotBlank();
            assertThat(key.displayName).as(key.name).isNotBlank().isNotEqualTo(key.name);
            assertThat(key.width).as(key.name).isNotEqualTo(ConfigDef.Width.NONE);
            if (key.validator != null) {
                key.validator.ensureValid(key.name, key.hasDefault() ? key.defaultValue : null);
                assertThat(key.validator.toString()).as(key.name).doesNotContain("@");
            }
        });
    }

    @Test
    void everySettingIsInTheReadme() throws IOException {
        String readme = Files.readString(Path.of(System.getProperty("natskv.suite.dir"), "connect-sink", "README.md"));
        assertThat(connector.config().names())
                .filteredOn(name -> !ConnectionSettings.names().contains(name))
                .allSatisfy(name -> assertThat(readme).contains("`" + name + "`"));
    }

    private Map<String, List<String>> errors(Map<String, String> settings) {
        return connector.validate(settings).configValues().stream()
                .filter(value -> !value.errorMessages().isEmpty())
                .collect(Collectors.toMap(ConfigValue::name, ConfigValue::errorMessages));
    }

    private static Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>();
        settings.put("name", "test");
        settings.put("connector.class", NatsKvSinkConnector.class.getName());
        settings.put("nats.servers", NATS.url());
        settings.put("topics", "orders");
        return settings;
    }
}
