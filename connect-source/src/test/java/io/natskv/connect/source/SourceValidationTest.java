package io.natskv.connect.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is found out on a live server, and what is left alone. */
class SourceValidationTest {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsServer.builder()
            .clientOptions(options -> options.userInfo("admin", "admin"))
            .config("""
                    max_payload: 8MB
                    accounts {
                      APP {
                        jetstream: enabled
                        users: [
                          { user: admin, password: admin }
                          { user: nocreate, password: pw, permissions: {
                              publish: { deny: ["$JS.API.CONSUMER.CREATE.>"] } } }
                          { user: nonext, password: pw, permissions: {
                              publish: { deny: ["$JS.API.CONSUMER.MSG.NEXT.>"] } } }
                          { user: noinbox, password: pw, permissions: {
                              subscribe: { allow: ["_OTHER.>"] } } }
                          { user: enough, password: pw, permissions: {
                              publish: { allow: [
                                "$JS.API.INFO"
                                "$JS.API.STREAM.INFO.KV_small"
                                "$JS.API.STREAM.MSG.GET.KV_small"
                                "$JS.API.CONSUMER.CREATE.KV_small.>"
                                "$JS.API.CONSUMER.DELETE.KV_small.>"
                                "$JS.API.CONSUMER.MSG.NEXT.KV_small.>"
                                "_INBOX.>"
                              ] }
                              subscribe: { allow: ["_INBOX.>"] } } }
                        ]
                      }
                    }
                    """));

    private final NatsKvSourceConnector connector = new NatsKvSourceConnector();

    @BeforeAll
    static void createBuckets() {
        try (KvConnection connection = KvConnection.open(NatsConnectionConfig.builder()
                .servers(List.of(NATS.url()))
                .username("admin")
                .password("admin".toCharArray())
                .build())) {
            KvBuckets buckets = new KvBuckets(connection);
            buckets.create(BucketConfig.of("empty"));
            buckets.create(BucketConfig.of("small")).put("k.1", "value");
            KvBucket large = buckets.create(BucketConfig.of("large"));
            large.put("k.small", "value");
            large.put("k.large", new byte[1_200_000]);
            large.put("k.larger", new byte[1_300_000]);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "nocreate, small, $JS.API.CONSUMER.CREATE.KV_small",
        "nocreate, empty, $JS.API.CONSUMER.CREATE.KV_empty",
        "nonext, small, $JS.API.CONSUMER.MSG.NEXT.KV_small",
        "nonext, empty, $JS.API.CONSUMER.MSG.NEXT.KV_empty",
        "noinbox, small, _INBOX"
    })
    void aMissingPermissionIsNamedWithItsSubject(String user, String bucket, String subject) {
        Map<String, List<String>> errors = errors(settings(user, "pw", bucket));

        assertThat(errors).containsOnlyKeys("nats.username");
        assertThat(errors.get("nats.username")).anyMatch(message -> message.contains(subject));
    }

    @Test
    void thePermissionsOfAReaderAreEnough() {
        assertThat(errors(settings("enough", "pw", "small"))).isEmpty();
    }

    @Test
    void everyBucketAndFilterIsTried() {
        Map<String, String> settings = settings("nonext", "pw", "small,empty");
        settings.put("kv.key.filters", "a.>,b.>");

        assertThat(errors(settings).get("nats.username"))
                .anyMatch(message -> message.contains("\"small\"") && message.contains("a.>"))
                .anyMatch(message -> message.contains("\"empty\"") && message.contains("b.>"));
    }

    @Test
    void leavesNoConsumerBehind() throws Exception {
        assertThat(errors(settings("admin", "admin", "small,large"))).isNotEmpty();

        Connection connection = NATS.server().connect();
        try {
            await().until(() -> connection
                    .jetStreamManagement()
                    .getConsumerNames("KV_small")
                    .isEmpty());
        } finally {
            connection.close();
        }
    }

    @Test
    void anEntryThatKafkaDoesNotTakeIsToldWithTheSettingsThatHelp() {
        Map<String, String> settings = settings("admin", "admin", "small,large");

        Map<String, List<String>> errors = errors(settings);

        assertThat(errors).containsOnlyKeys(RecordSizes.MAX_REQUEST_SIZE);
        assertThat(errors.get(RecordSizes.MAX_REQUEST_SIZE))
                .singleElement()
                .asString()
                .contains(
                        "\"k.large\"",
                        "\"large\"",
                        "1200000",
                        "1048576",
                        "producer.override.max.request.size=2097152",
                        "max.message.bytes=2097152",
                        "topic.creation.default.max.message.bytes=2097152",
                        "max.partition.fetch.bytes=2097152");
        settings.put(RecordSizes.MAX_REQUEST_SIZE, "2097152");
        assertThat(errors(settings)).isEmpty();
    }

    @Test
    void topicsThatConnectCreatesAndTheProducersBufferCountToo() {
        Map<String, String> settings = settings("admin", "admin", "large");
        settings.put(RecordSizes.MAX_REQUEST_SIZE, "2097152");
        settings.put(RecordSizes.BUFFER_MEMORY, "1100000");
        settings.put("topic.creation.default.partitions", "1");
        settings.put("topic.creation.default.replication.factor", "1");

        assertThat(errors(settings)).containsOnlyKeys(RecordSizes.MAX_MESSAGE_BYTES, RecordSizes.BUFFER_MEMORY);

        settings.put(RecordSizes.MAX_MESSAGE_BYTES, "2097152");
        settings.remove(RecordSizes.BUFFER_MEMORY);
        assertThat(errors(settings)).isEmpty();
    }

    @Test
    void jsonMakesBytesLonger() {
        Map<String, String> settings = settings("admin", "admin", "large");
        settings.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
        settings.put(RecordSizes.MAX_REQUEST_SIZE, "1500000");

        assertThat(errors(settings)).containsOnlyKeys(RecordSizes.MAX_REQUEST_SIZE);
    }

    @ParameterizedTest
    @CsvSource({
        "nats.password, ${file:/secrets/nats.properties:password}",
        "kv.buckets, ${env:BUCKETS}",
        "buffer.max.bytes, ${file:/limits:bytes}",
        "nats.servers, ${vault:nats:servers}"
    })
    void aReferenceThatWasNotResolvedIsLeftAlone(String setting, String reference) {
        Map<String, String> settings = settings("admin", "admin", "small");
        settings.put(setting, reference);

        assertThat(errors(settings)).isEmpty();
        assertThat(connector.validate(settings).configValues().stream()
                        .filter(value -> value.name().equals(setting))
                        .map(ConfigValue::value)
                        .map(String::valueOf))
                .allMatch(value -> !value.contains("admin"));
    }

    @Test
    void aVariableOfTheTopicTemplateIsNoReference() {
        Map<String, String> settings = settings("admin", "admin", "gone");
        settings.put("topic.template", "kv.${bucket}");

        assertThat(errors(settings)).containsOnlyKeys("kv.buckets");
    }

    @ParameterizedTest
    @CsvSource({
        "kv/${bucket}, kv/small",
        "kv.${bucket[1]}, needs token 1 of bucket",
        "kv.${bucket}.${key[0]}/${key[2]}, kv.small.x/x"
    })
    void aTemplateThatGivesNoLegalTopicIsRefused(String template, String message) {
        Map<String, String> settings = settings("admin", "admin", "small");
        settings.put("topic.template", template);
        settings.put("heartbeat.topic", "beats");

        Map<String, List<String>> errors = errors(settings);

        assertThat(errors).containsOnlyKeys("topic.template");
        assertThat(errors.get("topic.template")).singleElement().asString().contains(message, "topic.template");
        settings.remove("kv.buckets");
        settings.put("kv.buckets.pattern", "s.*");
        assertThat(errors(settings)).containsOnlyKeys("topic.template");
    }

    @ParameterizedTest
    @CsvSource({"kv.${bucket}.${key[3]}", "${key[999]}", "${key}", "one"})
    void aTemplateThatMayGiveLegalTopicsIsAccepted(String template) {
        Map<String, String> settings = settings("admin", "admin", "small");
        settings.put("topic.template", template);

        assertThat(errors(settings)).isEmpty();
    }

    @Test
    void theSignalsBucketIsLookedForWithTheOthers() {
        Map<String, String> settings = settings("admin", "admin", "gone,small");
        settings.put("signal.bucket", "gone-too");

        Map<String, List<String>> errors = errors(settings);

        assertThat(errors).containsOnlyKeys("kv.buckets", "signal.bucket");
        assertThat(errors.get("kv.buckets")).singleElement().asString().contains("\"gone\"");
        assertThat(errors.get("signal.bucket")).singleElement().asString().contains("\"gone-too\"");
        settings.put("kv.buckets", "small");
        settings.put("signal.bucket", "large"); // is not watched: how large its entries are does not matter
        assertThat(errors(settings)).isEmpty();
        settings.put("signal.bucket", "small");
        assertThat(errors(settings)).isEmpty();
    }

    @Test
    void warnsOfATransformThatFillsTombstones() {
        Map<String, String> settings = settings("admin", "admin", "small");
        settings.put("transforms", "a,b");
        settings.put("transforms.a.type", "org.apache.kafka.connect.transforms.InsertHeader");
        assertThat(warnings(settings)).isEmpty();
        settings.put("transforms.b.type", "org.apache.kafka.connect.transforms.HoistField$Value");
        assertThat(warnings(settings)).singleElement().asString().contains("HoistField", "RecordIsTombstone");
        settings.put("transforms.b.predicate", "value");
        assertThat(warnings(settings)).isEmpty();
        settings.remove("transforms.b.predicate");
        settings.put("kv.ignore.deletes", "true");
        assertThat(warnings(settings)).isEmpty();
    }

    private static List<String> warnings(Map<String, String> settings) {
        return SourceValidation.warnings(settings, new SourceConfig(settings));
    }

    @Test
    void aMissingSettingIsExplainedByTheOneThatWasMistyped() {
        Map<String, String> settings = settings("admin", "admin", "small");
        settings.remove("nats.servers");
        settings.put("nats.server", NATS.url());

        assertThat(errors(settings).get("nats.servers"))
                .anyMatch(message -> message.contains("\"nats.server\" is unknown")
                        && message.contains("did you mean \"nats.servers\"?"));
    }

    private Map<String, List<String>> errors(Map<String, String> settings) {
        return connector.validate(settings).configValues().stream()
                .filter(value -> !value.errorMessages().isEmpty())
                .collect(Collectors.toMap(ConfigValue::name, ConfigValue::errorMessages));
    }

    private static Map<String, String> settings(String user, String password, String buckets) {
        Map<String, String> settings = new HashMap<>();
        settings.put("name", "test");
        settings.put("connector.class", NatsKvSourceConnector.class.getName());
        settings.put("nats.servers", NATS.url());
        settings.put("nats.username", user);
        settings.put("nats.password", password);
        settings.put("kv.buckets", buckets);
        settings.put("value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
        return settings;
    }
}
