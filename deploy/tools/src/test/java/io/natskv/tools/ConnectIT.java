package io.natskv.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.key.KeyCodec;
import io.natskv.testing.kafka.ConnectWorker;
import io.natskv.testing.kafka.KafkaBroker;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.process.TempFolder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the connectors themselves have made, on a real worker that runs the plugin zip. */
class ConnectIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String SOURCE = "io.natskv.connect.source.NatsKvSourceConnector";
    private static final String SINK = "io.natskv.connect.sink.NatsKvSinkConnector";
    private static final String STRING = "org.apache.kafka.connect.storage.StringConverter";
    private static final String BYTES = "org.apache.kafka.connect.converters.ByteArrayConverter";
    private static final String JSON = "org.apache.kafka.connect.json.JsonConverter";

    private static TempFolder plugins;
    private static NatsServer nats;
    private static KafkaBroker broker;
    private static ConnectWorker worker;
    private static KvConnection connection;
    private static Admin admin;
    private static KafkaProducer<String, String> producer;

    @TempDir
    Path folder;

    private String name;
    private String topic;

    @BeforeAll
    static void start() throws IOException {
        plugins = TempFolder.create("plugins");
        install(plugins.path());
        nats = NatsServer.builder().start();
        broker = KafkaBroker.builder().start();
        worker = ConnectWorker.builder(broker.bootstrap())
                .pluginPath(plugins.path())
                .offsetFlushInterval(Duration.ofMillis(500))
                .start();
        connection = KvConnection.open(NatsConnectionConfig.of(nats.url()));
        admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
        producer = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        broker.bootstrap(),
                        // A topic that was just made refuses the first batch for a moment: with several in flight their
                        // order is lost.
                        "enable.idempotence",
                        "false",
                        "max.in.flight.requests.per.connection",
                        "1"),
                new StringSerializer(),
                new StringSerializer());
    }

    private static void install(Path pluginPath) throws IOException {
        try (ZipFile zip = new ZipFile(System.getProperty("natskv.plugin.zip"))) {
            for (ZipEntry entry : zip.stream().toList()) {
                Path target = pluginPath.resolve(entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                } else {
                    try (InputStream in = zip.getInputStream(entry)) {
                        Files.copy(in, target);
                    }
                }
            }
        }
    }

    @AfterAll
    static void stop() {
        producer.close();
        admin.close();
        connection.close();
        worker.close();
        broker.close();
        nats.close();
        plugins.close();
    }

    @BeforeEach
    void name(TestInfo test) {
        name = test.getTestMethod().orElseThrow().getName() + "-"
                + Integer.toHexString(test.getDisplayName().hashCode());
        topic = "kv." + name;
    }

    @AfterEach
    void deleteConnectors() {
        worker.rest().connectors().forEach(worker.rest()::delete);
    }

    @Test
    void theLagOfASourceIsWhatItHasNotReadYet() throws Exception {
        KvBucket bucket = bucket(BucketConfig.of(name));
        put(bucket, 0, 10);
        worker.rest().put(name, source(STRING, BYTES, Map.of()));
        worker.rest().awaitRunning(name, SOON);
        await().atMost(SOON).until(() -> lag().path(0).path("lag").asInt(-1) == 0);
        JsonNode lag = lag().get(0);
        assertThat(lag.get("type").asText()).isEqualTo("source");
        assertThat(lag.get("running").asBoolean()).isTrue();
        assertThat(lag.at("/positions/0/place").asText()).isEqualTo(name + " >");
        assertThat(lag.at("/positions/0/position").asLong()).isEqualTo(10);
        assertThat(lag.at("/tasks/0/state").asText()).isEqualTo("RUNNING");

        worker.rest().stop(name);
        worker.rest().awaitState(name, "STOPPED", SOON);
        put(bucket, 5, 20); // of 15 revisions five replace what was read already
        Run run = Run.of("lag", name, "-c", worker.restUrl(), "--max-lag", "14");
        assertThat(run.code()).isEqualTo(NatsKv.FOUND);
        assertThat(run.out()).contains(name + " (source): STOPPED, no tasks, lag 15");
        assertThat(Run.of("lag", name, "-c", worker.restUrl(), "--max-lag", "15")
                        .code())
                .isZero();
        Run apart = Run.of("lag", "-c", worker.restUrl(), "-s", "nats://127.0.0.1:1");
        assertThat(apart.code()).isEqualTo(NatsKv.TROUBLE);
        assertThat(apart.out()).contains(name + " (source): STOPPED");
        assertThat(apart.err()).contains("Connector \"" + name + "\"", "127.0.0.1:1");
        Run unknown = Run.of("lag", "no-such", "-c", worker.restUrl());
        assertThat(unknown.code()).isEqualTo(NatsKv.TROUBLE);
        assertThat(unknown.err()).contains("no-such");
    }

    @Test
    void offsetsOfAnExactlyOnceSinkAreShownAndRemoved() throws Exception {
        bucket(BucketConfig.of(name));
        createTopic(2, Map.of());
        send(0, 40);
        worker.rest().put(name, sink(Map.of("delivery", "exactly_once")));
        worker.rest().awaitRunning(name, SOON);
        await().atMost(SOON)
                .until(() -> Run.of("offsets", "list", name, "-s", nats.url(), "--json")
                                        .json()
                                        .size()
                                == 2
                        && lag("-b", broker.bootstrap()).path(0).path("lag").asInt(-1) == 0);
        JsonNode lag = lag("-b", broker.bootstrap()).get(0);
        assertThat(lag.get("positions")).hasSize(2);
        assertThat(lag.at("/positions/0/note").asText()).startsWith("stored in the bucket");

        JsonNode listed =
                Run.of("offsets", "list", name, "-s", nats.url(), "--json").json();
        assertThat(listed).hasSize(2);
        assertThat(StreamSupport.stream(listed.spliterator(), false)
                        .mapToLong(offset -> offset.get("next").asLong())
                        .sum())
                .isEqualTo(40);
        assertThat(listed.get(0).get("id").asText()).isEqualTo(name);
        assertThat(Run.of("offsets", "list", "-s", nats.url(), "--id", name).out())
                .contains("BUCKET", topic);

        String[] delete = {"offsets", "delete", name, "--id", name, "-s", nats.url()};
        Run unasked = Run.of(with(delete, "--yes"));
        assertThat(unasked.code()).isEqualTo(NatsKv.TROUBLE);
        assertThat(unasked.err()).contains("--bootstrap-server");
        Run active = Run.of(with(delete, "--yes", "-b", broker.bootstrap()));
        assertThat(active.code()).isEqualTo(NatsKv.TROUBLE);
        assertThat(active.err()).contains("connect-" + name, "is active");

        worker.rest().delete(name);
        await().atMost(SOON).until(() -> {
            Run one = Run.of(with(delete, "--yes", "-b", broker.bootstrap(), "--topic", topic, "--partition", "1"));
            return one.code() == 0 && one.out().contains("Removed 1 stored offset of id");
        });
        assertThat(answering("no\n", with(delete, "-b", broker.bootstrap())).code())
                .isEqualTo(NatsKv.TROUBLE);
        assertThat(Run.of("offsets", "list", name, "-s", nats.url(), "--json").json())
                .hasSize(1);
        Run confirmed = answering("yes\n", with(delete, "-b", broker.bootstrap()));
        assertThat(confirmed.code()).isZero();
        assertThat(confirmed.err()).contains("Type yes");
        Run empty = Run.of("offsets", "list", name, "-s", nats.url());
        assertThat(empty.code()).isZero();
        assertThat(empty.out()).contains("No offsets are stored in bucket");
        assertThat(Run.of(with(delete, "-b", broker.bootstrap())).err()).contains("No such offsets are stored");
    }

    @Test
    void theLagIsThatOfTheFiltersThatAreRead() throws Exception {
        KvBucket bucket = bucket(BucketConfig.of(name));
        bucket.put("a.1", "x");
        bucket.put("b.1", "x");
        worker.rest().put(name, source(STRING, BYTES, Map.of("kv.key.filters", "a.>")));
        worker.rest().awaitRunning(name, SOON);
        // A single record, whose position is in the connector's note of its filter.
        await().atMost(SOON)
                .until(() -> lag().at("/0/positions/0/position").asLong() == 1
                        && lag().path(0).path("lag").asInt(-1) == 0);

        worker.rest().put(name, source(STRING, BYTES, Map.of("kv.key.filters", "b.>")));
        await().atMost(SOON)
                .until(() -> lag().at("/0/positions/1/position").asLong() == 2
                        && lag().path(0).path("lag").asInt(-1) == 0);
        bucket.put("a.1", "nobody reads this any more");
        JsonNode lag = lag().get(0);
        assertThat(lag.get("lag").asInt()).isZero();
        assertThat(lag.at("/positions/0/note").asText()).startsWith("not read any more");
    }

    @Test
    void offsetsUnderAnIdOfTheirOwnAreNotRemovedWhileTheirSinkRuns() throws Exception {
        bucket(BucketConfig.of(name));
        createTopic(1, Map.of());
        send(0, 5);
        worker.rest().put(name, sink(Map.of("delivery", "exactly_once", "eos.id", "own-" + name)));
        worker.rest().awaitRunning(name, SOON);
        await().atMost(SOON)
                .until(() -> Run.of("offsets", "list", name, "-s", nats.url(), "--json")
                                .json()
                                .path(0)
                                .path("next")
                                .asInt()
                        == 5);
        String[] delete = {
            "offsets", "delete", name, "--id", "own-" + name, "-s", nats.url(), "-b", broker.bootstrap(), "--yes"
        };
        Run other = Run.of(delete);
        assertThat(other.code()).isEqualTo(NatsKv.TROUBLE);
        assertThat(other.err()).contains("\"connect-" + name + "\" reads the same topic", "--group");
        Run active = Run.of(with(delete, "--group", "connect-" + name));
        assertThat(active.code()).isEqualTo(NatsKv.TROUBLE);
        assertThat(active.err()).contains("is active");
        worker.rest().delete(name);
        await().atMost(SOON)
                .until(() -> Run.of(with(delete, "--group", "connect-" + name)).code() == 0);
    }

    @Test
    void doctorFindsNothingInAGoodMirror() throws Exception {
        bucket(BucketConfig.builder(name).history(2).maxValueSize(100_000).build());
        createTopic(1, Map.of("cleanup.policy", "compact"));
        Run run = Run.of("doctor", file(source(STRING, BYTES, Map.of())).toString(), "-b", broker.bootstrap());
        assertThat(run.out())
                .contains("The connector takes them", "JetStream API level", "It is there", "Nothing to change.");
        assertThat(run.code()).isZero();
    }

    @Test
    void doctorFindsWhatMakesAMirrorLossy() throws Exception {
        bucket(BucketConfig.builder(name).ttl(Duration.ofHours(1)).build());
        createTopic(2, Map.of("cleanup.policy", "delete", "max.message.bytes", "50000"));
        Path file = file(source(STRING, BYTES, Map.of("topic.partitions", "3", "tpic.template", "x")));
        Run run = Run.of("doctor", file.toString(), "-b", broker.bootstrap(), "--json");
        assertThat(run.code()).isEqualTo(NatsKv.FOUND);
        assertThat(findings(run))
                .anySatisfy(found -> assertThat(found)
                        .startsWith("warning bucket \"" + name)
                        .contains("reconcile", "without a marker", "--subject-del-markers-ttl"))
                .anySatisfy(found ->
                        assertThat(found).startsWith("error topic").contains("topic.partitions=3, and it has 2"))
                .anySatisfy(found -> assertThat(found).contains("deletes records by age", "cleanup.policy=compact"))
                .anySatisfy(found ->
                        assertThat(found).contains("values up to 1048576 bytes, the topic records up to 50000"))
                .anySatisfy(found -> assertThat(found).contains("tpic.template", "topic.template"));
        Run wrong = Run.of(
                "doctor",
                file(source(STRING, BYTES, Map.of("kv.buckets", "no-such"))).toString());
        assertThat(wrong.code()).isEqualTo(NatsKv.FOUND);
        assertThat(wrong.out()).contains("error   kv.buckets", "no-such").contains("give --bootstrap-server");
    }

    @Test
    void doctorTellsWhichPermissionASinkLacksAndWritesNothing() throws Exception {
        try (NatsServer guarded = NatsServer.builder()
                        .config("""
                            authorization { users: [
                              { user: admin, password: a }
                              { user: sink, password: s3cr3t, permissions: {
                                  publish: ["$JS.API.INFO", "$JS.API.STREAM.INFO.>", "$JS.API.STREAM.MSG.GET.>", "$KV.b.>"],
                                  subscribe: ["_INBOX.>"] } }
                            ] }
                            """)
                        .clientOptions(options -> options.userInfo("admin", "a"))
                        .start();
                KvConnection own = KvConnection.using(guarded.connect(), "$JS.API.", Duration.ofSeconds(5))) {
            KvBucket bucket = new KvBuckets(own).create(BucketConfig.of("b"));
            createTopic(1, Map.of());
            Map<String, String> settings = sink(Map.of(
                    "nats.servers", guarded.url(),
                    "nats.username", "sink",
                    "nats.password", "${file:" + secret() + ":password}",
                    "bucket.template", "b",
                    "delivery", "exactly_once"));
            Run run = Run.of("doctor", file(settings).toString(), "-b", broker.bootstrap());
            assertThat(run.code()).isEqualTo(NatsKv.FOUND);
            assertThat(run.out())
                    .contains("$KV.b=o.")
                    .contains("Exactly once needs $KV.b=o.>")
                    .contains("STREAM.UPDATE.KV_b", "--allow-batch")
                    .contains("fails with 10058")
                    .doesNotContain("s3cr3t");
            assertThat(bucket.status().lastRevision()).isZero();
            settings.put("delivery", "at_least_once");
            Run atLeastOnce = Run.of("doctor", file(settings).toString(), "-b", broker.bootstrap());
            assertThat(atLeastOnce.out()).contains("The user may write its keys");
            assertThat(atLeastOnce.code()).isZero();
            own.nats().close();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bytes    | key              | base64",
                "string   | key              | none",
                "json     | key              | none",
                "envelope | key              | none",
                "envelope | key_and_revision | none"
            })
    void whatASourceWritesIsReadAsItsConfigurationSays(String value, String key, String codec) throws Exception {
        KvBucket bucket = bucket(BucketConfig.builder(name).history(3).build());
        createTopic(2, Map.of("cleanup.policy", "compact"));
        for (int i = 0; i < 30; i++) {
            bucket.put(stored(codec, i), "{\"i\": " + i + ", \"half\": " + i + ".50}");
        }
        bucket.delete(stored(codec, 3));
        bucket.put(stored(codec, 4), "{\"i\":\"later\"}");
        boolean json = value.equals("json") || value.equals("envelope");
        boolean struct = key.equals("key_and_revision");
        Map<String, String> more = new HashMap<>(Map.of(
                "record.value", value,
                "record.key", key,
                "record.key.codec", codec,
                "topic.partitions", "2",
                // JsonConverter with schemas, as it is by default, but where there are none.
                "value.converter.schemas.enable", Boolean.toString(value.equals("envelope"))));
        Map<String, String> settings =
                source(struct ? JSON : STRING, json ? JSON : value.equals("string") ? STRING : BYTES, more);
        if (!json) {
            settings.remove("value.converter.schemas.enable");
        }
        worker.rest().put(name, settings);
        worker.rest().awaitRunning(name, SOON);
        String[] verify = {"verify", "--config", file(settings).toString(), "-b", broker.bootstrap(), "--settle", "20"};
        Run equal = Run.of(verify);
        assertThat(equal.out()).startsWith("EQUAL").contains(": 29 keys");
        assertThat(equal.code()).isZero();

        worker.rest().stop(name);
        worker.rest().awaitState(name, "STOPPED", SOON);
        bucket.put(stored(codec, 5), "{\"i\":\"newest\"}");
        verify[verify.length - 1] = "0";
        Run stale = Run.of(verify);
        assertThat(stale.code()).isEqualTo(NatsKv.FOUND);
        assertThat(stale.out()).contains("stale      k/5 (", "it is a copy of revision 6", "29 keys, 1 stale");
    }

    @Test
    void aSinkWithACodecIsMeasuredByItsTopic() throws Exception {
        KvBucket bucket = bucket(BucketConfig.builder(name).history(3).build());
        createTopic(2, Map.of());
        send(0, 60);
        producer.send(new ProducerRecord<>(topic, "key 7", null));
        producer.flush();
        Map<String, String> settings = sink(Map.of("key.codec", "base64"));
        worker.rest().put(name, settings);
        worker.rest().awaitRunning(name, SOON);
        String[] verify = {"verify", "--config", file(settings).toString(), "-b", broker.bootstrap(), "--settle", "20"};
        Run equal = Run.of(verify);
        assertThat(equal.out()).startsWith("EQUAL topic \"" + topic).contains(": 59 keys");

        worker.rest().stop(name);
        worker.rest().awaitState(name, "STOPPED", SOON);
        producer.send(new ProducerRecord<>(topic, "key 8", "newer"));
        producer.flush();
        verify[verify.length - 1] = "0";
        Run stale = Run.of(verify);
        assertThat(stale.code()).isEqualTo(NatsKv.FOUND);
        assertThat(stale.out()).contains("stale      key 8 (topic", "it is a copy of partition");
        assertThat(bucket.status().values()).isPositive();
    }

    private static String stored(String codec, int i) {
        String key = "k/" + i;
        return codec.equals("base64") ? KeyCodec.BASE64.encode(key) : key;
    }

    private static Run answering(String answer, String... arguments) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(answer.getBytes(StandardCharsets.UTF_8)));
        try {
            return Run.of(arguments);
        } finally {
            System.setIn(before);
        }
    }

    private static String[] with(String[] arguments, String... more) {
        String[] all = Arrays.copyOf(arguments, arguments.length + more.length);
        System.arraycopy(more, 0, all, arguments.length, more.length);
        return all;
    }

    private JsonNode lag(String... more) throws Exception {
        return Run.of(with(new String[] {"lag", name, "-c", worker.restUrl(), "--json"}, more))
                .json();
    }

    private static List<String> findings(Run run) throws Exception {
        return StreamSupport.stream(run.json().get("findings").spliterator(), false)
                .map(found ->
                        found.get("level").asText() + " " + found.get("area").asText() + " "
                                + found.get("setting").asText() + " "
                                + found.get("message").asText())
                .toList();
    }

    private KvBucket bucket(BucketConfig config) {
        return new KvBuckets(connection).create(config);
    }

    private static void put(KvBucket bucket, int from, int to) {
        for (int i = from; i < to; i++) {
            bucket.put("k." + i, "v" + i);
        }
    }

    private void createTopic(int partitions, Map<String, String> config) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(config)))
                .all()
                .get();
    }

    private void send(int from, int to) {
        for (int i = from; i < to; i++) {
            producer.send(new ProducerRecord<>(topic, "key " + i, "v" + i));
        }
        producer.flush();
    }

    private Map<String, String> source(String keyConverter, String valueConverter, Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "name", name,
                "connector.class", SOURCE,
                "nats.servers", nats.url(),
                "kv.buckets", name,
                "key.converter", keyConverter,
                "value.converter", valueConverter));
        settings.putAll(more);
        return settings;
    }

    private Map<String, String> sink(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "name", name,
                "connector.class", SINK,
                "nats.servers", nats.url(),
                "topics", topic,
                "bucket.template", name,
                "key.codec", "base64",
                "key.converter", STRING,
                "value.converter", BYTES));
        settings.putAll(more);
        return settings;
    }

    private Path file(Map<String, String> settings) throws IOException {
        Path file = Files.createTempFile(folder, "connector", ".json");
        new ObjectMapper().writeValue(file.toFile(), Map.of("name", name, "config", settings));
        return file;
    }

    private Path secret() throws IOException {
        return Files.writeString(folder.resolve("secret.properties"), "password=s3cr3t\n");
    }
}
