package io.natskv.connect.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.connect.source.WatchSettings.StartMode;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connect.ConnectVersion;
import io.natskv.core.connect.ConnectionSettings;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.apache.kafka.connect.source.SourceConnector;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NatsKvSourceConnectorTest {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

    private final NatsKvSourceConnector connector = new NatsKvSourceConnector();

    @BeforeAll
    static void createBucket() {
        try (KvConnection connection = KvConnection.open(NatsConnectionConfig.of(NATS.url()))) {
            new KvBuckets(connection).create(BucketConfig.of("orders")).put("k", "value");
        }
    }

    @Test
    void isFoundAsAService() {
        assertThat(ServiceLoader.load(SourceConnector.class)).hasAtLeastOneElementOfType(NatsKvSourceConnector.class);
        assertThat(connector.version()).isEqualTo(ConnectVersion.get());
        assertThat(new NatsKvSourceTask().version()).isEqualTo(ConnectVersion.get());
    }

    @Test
    void validSettingsHaveNoErrors() {
        assertThat(errors(settings())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kv.buckets | | kv.buckets | kv.buckets.pattern",
                "kv.buckets | a.b | kv.buckets | not allowed",
                "kv.buckets | orders,orders | kv.buckets | twice",
                "kv.buckets | gone | kv.buckets | not found",
                "kv.key.filters | a.>,a.b | kv.key.filters | overlap",
                "kv.key.filters | a..b | kv.key.filters | two dots",
                "topic.template | x${nope} | topic.template | Unknown variable",
                "kv.buckets.pattern | .* | kv.buckets.pattern | not both",
                "kv.buckets.pattern | a( | kv.buckets.pattern | no regular expression",
                "kv.buckets.discovery.interval.ms | 1 | kv.buckets.discovery.interval.ms | 100",
                "kv.meta.only | true | kv.meta.only | record.value=envelope",
                "start.mode | sometimes | start.mode | snapshot",
                "start.mode | revision | start.revision | needed",
                "start.mode | time | start.time | needed",
                "start.revision | 5 | start.revision | start.mode=revision",
                "start.revision | 0 | start.revision | start at 1",
                "start.revision | many | start.revision | LONG",
                "start.time | 2026-01-01T00:00:00Z | start.time | start.mode=time",
                "start.time | yesterday | start.time | 2026-01-31T12:00:00Z",
                "record.value | text | record.value | envelope",
                "record.key.codec | hex | record.key.codec | base64",
                "record.delete | envelope | record.delete | record.value=envelope",
                "envelope.previous | true | envelope.previous | record.value=envelope",
                "record.headers | colour | record.headers | marker_reason",
                "record.nats.headers.exclude | x | record.nats.headers.exclude | record.nats.headers.include",
                "errors.decode | dead_letter | errors.decode.topic | needed",
                "errors.decode.topic | dlq | errors.decode.topic | errors.decode=dead_letter",
                "errors.decode.topic | a/b | errors.decode.topic | letters",
                "poll.max.wait.ms | 5000 | poll.max.wait.ms | 1000",
                "topic.partitions | 0 | topic.partitions | 1 or more",
                "record.key | key_and_revision | topic.partitions | number of partitions",
                "value.converter | org.apache.kafka.connect.storage.StringConverter | value.converter | [B@",
                "value.converter | | value.converter | ByteArrayConverter",
                "value.converter | ' ' | value.converter | ByteArrayConverter",
                "value.converter | StringConverter | value.converter | ByteArrayConverter",
                "key.converter | org.apache.kafka.connect.converters.ByteArrayConverter | key.converter | StringConverter",
                "producer.override.partitioner.class | x.Y | producer.override.partitioner.class | order",
                "producer.override.partitioner.ignore.keys | true | producer.override.partitioner.ignore.keys | order",
                "producer.override.max.in.flight.requests.per.connection | 5 |"
                        + " producer.override.max.in.flight.requests.per.connection | idempotence",
                "nats.servers | 127.0.0.1:1 | nats.servers | Can't connect",
                "nats.username | me | nats.password | needed",
            })
    void errorsShowOnTheSettingToChange(String setting, String value, String blamed, String message) {
        Map<String, String> settings = settings();
        if (value == null) {
            settings.remove(setting);
        } else {
            settings.put(setting, value);
        }
        Map<String, List<String>> errors = errors(settings);
        assertThat(errors).containsOnlyKeys(blamed);
        assertThat(errors.get(blamed)).anyMatch(text -> text.contains(message));
    }

    @Test
    void updatesOnlyIsExactlyOnceWithHeartbeatsOnly() {
        Map<String, String> settings = settings();
        assertThat(connector.exactlyOnceSupport(settings)).isEqualTo(ExactlyOnceSupport.SUPPORTED);
        settings.put("exactly.once.support", "required");
        assertThat(errors(settings)).isEmpty();
        for (String mode : List.of("updates_only", " updates_only ")) {
            settings.put(WatchSettings.START_MODE, mode);
            assertThat(new SourceConfig(settings).watch().startMode()).isEqualTo(StartMode.UPDATES_ONLY);
            assertThat(connector.exactlyOnceSupport(settings)).isEqualTo(ExactlyOnceSupport.UNSUPPORTED);
            assertThat(errors(settings)).containsOnlyKeys("exactly.once.support");
        }
        settings.put("exactly.once.support", " required ");
        assertThat(errors(settings)).containsOnlyKeys("exactly.once.support");
        settings.put(LivenessSettings.HEARTBEAT_TOPIC, "beats");
        assertThat(connector.exactlyOnceSupport(settings)).isEqualTo(ExactlyOnceSupport.SUPPORTED);
        assertThat(errors(settings)).isEmpty();
    }

    @Test
    void aSettingThatIsNullCountsAsUnset() {
        for (String name : connector.config().names()) {
            Map<String, String> settings = settings();
            settings.put(name, null);
            boolean needed = name.equals(WatchSettings.BUCKETS) || name.equals(ConnectionSettings.SERVERS);
            assertThat(errors(settings).keySet()).as(name).isEqualTo(needed ? Set.of(name) : Set.of());
        }
        for (String name : List.of(
                "transforms",
                "key.converter",
                "exactly.once.support",
                RecordSettings.CREATED_PARTITIONS,
                "producer.override.partitioner.class",
                "producer.override.max.in.flight.requests.per.connection")) {
            Map<String, String> settings = settings();
            settings.put(name, null);
            assertThat(errors(settings)).as(name).isEmpty();
            assertThat(connector.exactlyOnceSupport(settings)).isEqualTo(ExactlyOnceSupport.SUPPORTED);
            connector.start(settings);
            assertThat(connector.taskConfigs(1)).hasSize(1);
        }
        Map<String, String> settings = settings();
        settings.put("value.converter", null);
        assertThat(errors(settings)).containsOnlyKeys("value.converter");
    }

    @Test
    void theNumberOfPartitionsMayComeFromTheTopicsThatConnectCreates() {
        Map<String, String> settings = settings();
        settings.put(RecordSettings.RECORD_KEY, "key_and_revision");
        settings.put(RecordSettings.CREATED_PARTITIONS, "6");
        assertThat(errors(settings)).isEmpty();
        assertThat(new SourceConfig(settings).records().partitions()).isEqualTo(6);
        assertThat(new SourceConfig(settings).records().partitionsAreAssumed()).isTrue();
        settings.put(RecordSettings.CREATION_GROUPS, "other");
        assertThat(errors(settings)).containsOnlyKeys(RecordSettings.TOPIC_PARTITIONS);
        settings.put(RecordSettings.TOPIC_PARTITIONS, "3");
        assertThat(errors(settings)).isEmpty();
        assertThat(new SourceConfig(settings).records().partitionsAreAssumed()).isFalse();
        settings.put(RecordSettings.CREATED_PARTITIONS, "-1");
        settings.remove(RecordSettings.CREATION_GROUPS);
        settings.remove(RecordSettings.TOPIC_PARTITIONS);
        assertThat(errors(settings)).containsOnlyKeys(RecordSettings.TOPIC_PARTITIONS);
        settings.put(RecordSettings.TOPIC_PARTITIONS, "3");
        settings.put("key.converter", "org.apache.kafka.connect.storage.StringConverter");
        assertThat(errors(settings)).containsOnlyKeys("key.converter");
    }

    @Test
    void tasksGetNoSecretInNewSettings() {
        Map<String, String> settings = settings();
        settings.put("nats.token", "secret");
        settings.put(WatchSettings.KEY_FILTERS, "b.>,a.>");
        connector.start(settings);
        List<Map<String, String>> tasks = connector.taskConfigs(5);
        assertThat(tasks).hasSize(2);
        for (int i = 0; i < tasks.size(); i++) {
            Map<String, String> added = new HashMap<>(tasks.get(i));
            added.entrySet().removeAll(settings.entrySet());
            assertThat(added)
                    .isEqualTo(Map.of("task.assignments", i == 0 ? "orders:a.>" : "orders:b.>", "task.index", "" + i));
        }
        connector.stop();
    }

    @Test
    void offsetsMayBeAlteredAndReset() {
        Map<Map<String, ?>, Map<String, ?>> offsets = new HashMap<>();
        offsets.put(SourceOffsets.partition(Assignment.of("orders", ">")), Map.of("revision", 5L));
        offsets.put(Map.of("whatever", true), null);
        assertThat(connector.alterOffsets(settings(), offsets)).isTrue();
        offsets.put(SourceOffsets.partition(Assignment.of("orders", "a")), Map.of("revision", "5"));
        assertThatThrownBy(() -> connector.alterOffsets(settings(), offsets))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("revision");
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

    private Map<String, List<String>> errors(Map<String, String> settings) {
        return connector.validate(settings).configValues().stream()
                .filter(value -> !value.errorMessages().isEmpty())
                .collect(Collectors.toMap(ConfigValue::name, ConfigValue::errorMessages));
    }

    private static Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>();
        settings.put("name", "test");
        settings.put("connector.class", NatsKvSourceConnector.class.getName());
        settings.put("nats.servers", NATS.url());
        settings.put(WatchSettings.BUCKETS, "orders");
        settings.put("value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
        return settings;
    }
}
