package io.natskv.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connect.KvKafkaHeaders;
import io.natskv.core.key.KeyCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;

/** Buckets, topics and copies with differences that the test has put there, on a real server and broker. */
@ExtendWith(Servers.Shared.class)
class VerifyIT {
    private static final int PARTITIONS = 3;

    private Servers servers;
    private String name;
    private String topic;
    private KvBucket bucket;

    @BeforeEach
    void create(Servers shared, TestInfo test) throws Exception {
        servers = shared;
        name = test.getTestMethod().orElseThrow().getName();
        topic = "kv." + name;
        bucket = new KvBuckets(servers.connection())
                .create(BucketConfig.builder(name).history(5).build());
        servers.createTopic(topic, PARTITIONS, Map.of());
    }

    @Test
    void aTrueMirrorIsEqualWithTombstonesAndEmptyValues() throws Exception {
        for (int i = 0; i < 300; i++) {
            mirror("key." + i, "value " + i);
            mirror("key." + i, i % 7 == 0 ? "" : "later " + i);
        }
        bucket.delete("key.1");
        send("key.1", null, State.DELETED);
        bucket.purge("key.2");
        send("key.2", null, State.DELETED);
        servers.producer().flush();

        Run run = verify("--topic", topic);
        assertThat(run.code()).isZero();
        assertThat(run.out())
                .startsWith("EQUAL bucket \"" + name + "\" (revision 602) and topic \"" + topic
                        + "\" (602 records in 3 partitions): 298 keys");

        JsonNode json = verify("--topic", topic, "--json").json();
        assertThat(json.get("equal").asBoolean()).isTrue();
        assertThat(json.get("revision").asLong()).isEqualTo(602);
        assertThat(json.at("/comparisons/0/keys").asInt()).isEqualTo(298);
        assertThat(json.at("/comparisons/0/copyKeys").asInt()).isEqualTo(298);
        assertThat(json.at("/comparisons/0/differences").size()).isZero();
    }

    @Test
    void injectedDifferencesAreFoundAndNamed() throws Exception {
        for (int i = 0; i < 100; i++) {
            mirror("same." + i, "value " + i);
        }
        bucket.put("gone", "x"); // 101
        mirror("old", "first"); // 102
        bucket.put("old", "second"); // 103
        mirror("changed", "right"); // 104
        send("changed", "wrong", 104);
        mirror("undead", "x"); // 105
        bucket.delete("undead"); // 106
        send("unknown", "x", State.NO_REVISION);
        mirror("unmarked", "first"); // 107
        bucket.put("unmarked", "second"); // 108
        send("unmarked", "first", State.NO_REVISION);
        servers.producer().flush();

        Run run = verify("--topic", topic, "--settle", "0");
        assertThat(run.code()).isEqualTo(NatsKv.FOUND);
        assertThat(run.out())
                .contains("missing    gone (bucket \"" + name + "\" revision 101)")
                .contains("stale      old (bucket \"" + name + "\" revision 103, topic", "it is a copy of revision 102")
                .contains("different  changed (bucket")
                .contains("extra      undead (topic", "deleted at revision 106")
                .contains("extra      unknown (topic", "nothing is known of the key")
                .contains("stale      unmarked (bucket", "it is the content of revision 107")
                .contains("1 missing, 2 extra, 2 stale, 1 different")
                .doesNotContain("same.");

        JsonNode compared =
                verify("--topic", topic, "--settle", "0", "--json").json().at("/comparisons/0");
        assertThat(compared.get("equal").asBoolean()).isFalse();
        assertThat(compared.get("complete").asBoolean()).isTrue();
        assertThat(compared.get("missing").asInt()).isEqualTo(1);
        assertThat(compared.get("stale").asInt()).isEqualTo(2);
        assertThat(StreamSupport.stream(compared.get("differences").spliterator(), false)
                        .map(found -> found.get("kind").asText() + " "
                                + found.get("key").asText()))
                .containsExactlyInAnyOrder(
                        "missing gone",
                        "stale old",
                        "different changed",
                        "extra undead",
                        "extra unknown",
                        "stale unmarked");

        // A filter leaves out what it does not select, on both sides.
        assertThat(verify("--topic", topic, "--settle", "0", "--filter", "same.*")
                        .code())
                .isZero();
        Run limited = verify("--topic", topic, "--settle", "0", "--max-differences", "2");
        assertThat(limited.code()).isEqualTo(NatsKv.FOUND);
        assertThat(limited.out()).contains("4 more keys differed at first sight", "--max-differences");
    }

    @Test
    void aCopyInAnotherBucketIsReadThroughItsCodec() throws Exception {
        KvBucket copy = new KvBuckets(servers.connection()).create(BucketConfig.of(name + "-copy"));
        for (int i = 0; i < 50; i++) {
            bucket.put("k." + i, "value " + i);
            copy.put(KeyCodec.BASE64.encode("k." + i), "value " + i);
        }
        String[] options = {"--copy", name + "-copy", "--copy-key-codec", "base64", "--settle", "0"};
        assertThat(verify(options).code()).isZero();

        bucket.put("k.1", "newer");
        copy.delete(KeyCodec.BASE64.encode("k.2"));
        copy.put(KeyCodec.BASE64.encode("more"), "x");
        copy.put("not-base64", "x");
        Run run = verify(options);
        assertThat(run.code()).isEqualTo(NatsKv.FOUND);
        assertThat(run.out())
                .contains(
                        "stale      k.1 (bucket \"" + name + "\" revision 51, bucket \"" + name + "-copy\" revision 2)")
                .contains("missing    k.2", "extra      more")
                .contains("unreadable not-base64", "the key is none that the codec base64 makes");
        // A filter selects by the keys of the bucket, also where the copy stores them otherwise.
        JsonNode some = verify(
                        "--copy",
                        name + "-copy",
                        "--copy-key-codec",
                        "base64",
                        "--settle",
                        "0",
                        "--filter",
                        "k.1",
                        "--filter",
                        "k.3",
                        "--json")
                .json()
                .at("/comparisons/0");
        assertThat(some.get("keys").asInt()).isEqualTo(2);
        assertThat(some.get("copyKeys").asInt()).isEqualTo(2);
        assertThat(some.get("differences").size()).isEqualTo(1);
        // Without the codec nothing fits.
        JsonNode plain =
                verify("--copy", name + "-copy", "--settle", "0", "--json").json();
        assertThat(plain.at("/comparisons/0/missing").asInt()).isEqualTo(50);
    }

    @Test
    void aBucketMadeOfATopicIsMeasuredByIt() throws Exception {
        for (int i = 0; i < 20; i++) {
            String key = "a/" + i;
            send(key, "v" + i, State.FOREIGN);
            bucket.put(KeyCodec.PATH.encode(key), "v" + i);
        }
        servers.producer().flush();
        String[] options = {"--topic", topic, "--made-by-sink", "--key-codec", "path", "--settle", "0"};
        assertThat(verify(options).code()).isZero();
        send("a/20", "x", State.FOREIGN);
        servers.producer().flush();
        bucket.put("a.21", "x");
        Run run = verify(options);
        assertThat(run.code()).isEqualTo(NatsKv.FOUND);
        assertThat(run.out()).contains("missing    a/20 (topic", "extra      a/21 (bucket");
    }

    @Test
    void writersThatGoOnAreNoDifferences() throws Exception {
        for (int i = 0; i < 2_000; i++) {
            mirror("k." + i, "0");
        }
        bucket.put("lost", "x"); // a true difference among what moves
        servers.producer().flush();
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger written = new AtomicInteger();
        // A mirror that is always a little behind: each change reaches the topic some changes later.
        CompletableFuture<Void> traffic = CompletableFuture.runAsync(() -> {
            List<String[]> behind = new ArrayList<>();
            for (int i = 0; !stop.get(); i++) {
                String key = "k." + i % 500;
                long revision = bucket.put(key, "v" + i);
                behind.add(new String[] {key, "v" + i, Long.toString(revision)});
                if (behind.size() > 100) {
                    String[] record = behind.remove(0);
                    send(record[0], record[1], Long.parseLong(record[2]));
                }
                written.incrementAndGet();
            }
            behind.forEach(record -> send(record[0], record[1], Long.parseLong(record[2])));
        });
        try {
            await().until(() -> written.get() > 200);
            Run run = verify("--topic", topic, "--json", "--settle", "7");
            assertThat(run.code()).isEqualTo(NatsKv.FOUND);
            JsonNode compared = run.json().at("/comparisons/0");
            assertThat(StreamSupport.stream(compared.get("differences").spliterator(), false)
                            .map(found -> found.get("key").asText()))
                    .containsExactly("lost");
        } finally {
            stop.set(true);
            traffic.get();
        }
    }

    @Test
    void whatWasAbortedDoesNotCountNorHoldUpTheEnd() throws Exception {
        bucket.put("k", "right");
        Map<String, Object> settings =
                Map.of("bootstrap.servers", servers.bootstrap(), "transactional.id", name, "linger.ms", "0");
        try (KafkaProducer<String, byte[]> transactions =
                new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer())) {
            transactions.initTransactions();
            transactions.beginTransaction();
            transactions.send(new ProducerRecord<>(topic, 0, "k", "right".getBytes(StandardCharsets.UTF_8)));
            transactions.commitTransaction();
            transactions.beginTransaction();
            transactions.send(new ProducerRecord<>(topic, 0, "k", "wrong".getBytes(StandardCharsets.UTF_8)));
            transactions.send(new ProducerRecord<>(topic, 1, "never", new byte[0]));
            transactions.flush();
            // Not even while it is open.
            assertThat(verify("--topic", topic, "--settle", "0").code()).isZero();
            transactions.abortTransaction();
        }
        Run run = verify("--topic", topic);
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("(1 records in 3 partitions): 1 key");
    }

    @Test
    void thatNothingWasComparedIsSaid() {
        Run run = verify("--topic", topic);
        assertThat(run.code()).isZero();
        assertThat(run.out()).startsWith("EQUAL").contains(": 0 keys");
        assertThat(run.err()).contains("nothing to compare: neither side has a key");
        bucket.put("a", "x");
        assertThat(verify("--topic", topic, "--filter", "typo.>").err()).contains("that the filters select");
    }

    @Test
    void keysThatMayExpireAreNotTakenForLostWithoutAWord() {
        KvBucket expiring = new KvBuckets(servers.connection())
                .create(BucketConfig.builder(name + "-ttl")
                        .ttl(Duration.ofHours(1))
                        .build());
        expiring.put("a", "x");
        send("a", "x", State.NO_REVISION);
        servers.producer().flush();
        Run run = Run.of(
                "verify",
                expiring.name(),
                "--topic",
                topic,
                "--made-by-sink",
                "-s",
                servers.natsUrl(),
                "-b",
                servers.bootstrap());
        assertThat(run.code()).isZero();
        assertThat(run.err()).contains(expiring.name() + "\" expires");
    }

    @Test
    void valuesInJsonAreComparedByWhatTheySay() throws Exception {
        bucket.put("a", "{\"x\": 1, \"y\": 2.0}");
        send("a", "{\"y\":2,\"x\":1}", State.NO_REVISION);
        bucket.put("b", "no json");
        send("b", "\"" + Base64.getEncoder().encodeToString(new byte[3]) + "\"", State.NO_REVISION);
        servers.producer().flush();
        Run run = verify("--topic", topic, "--record-value", "json", "--settle", "0");
        assertThat(run.code()).isEqualTo(NatsKv.FOUND);
        assertThat(run.out()).contains("unreadable b", "the bucket's value is no JSON", "2 keys, 1 unreadable");
    }

    /** What a record's header says of its revision. */
    private static final class State {
        static final long NO_REVISION = -1;
        static final long DELETED = -2;
        static final long FOREIGN = -3;
    }

    private void mirror(String key, String value) {
        send(key, value, bucket.put(key, value));
    }

    private void send(String key, String value, long revision) {
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(topic, key, value == null ? null : value.getBytes(StandardCharsets.UTF_8));
        if (revision > 0) {
            record.headers()
                    .add(KvKafkaHeaders.REVISION, Long.toString(revision).getBytes(StandardCharsets.UTF_8));
        }
        record.headers()
                .add(
                        KvKafkaHeaders.BUCKET,
                        (revision == State.FOREIGN ? "another" : name).getBytes(StandardCharsets.UTF_8));
        servers.producer().send(record);
    }

    private Run verify(String... options) {
        List<String> arguments =
                new ArrayList<>(List.of("verify", name, "-s", servers.natsUrl(), "-b", servers.bootstrap()));
        arguments.addAll(List.of(options));
        return Run.of(arguments);
    }
}
