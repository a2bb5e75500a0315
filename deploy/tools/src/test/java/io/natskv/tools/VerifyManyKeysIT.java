package io.natskv.tools;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connect.KvKafkaHeaders;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * More keys than fit into the heap, whose states alone would not: the packaged program compares a bucket with a topic and with another bucket. With
 * {@code -Pchaos} a million of them; {@code -Dtools.keys} and {@code -Dtools.heap} choose otherwise. What it took is printed.
 */
@ExtendWith(Servers.Shared.class)
class VerifyManyKeysIT {
    private static final int KEYS = Integer.getInteger("natskv.tools.keys", 20_000);
    private static final String HEAP = System.getProperty("natskv.tools.heap", "64m");
    private static final int IN_FLIGHT = 2_000;

    @TempDir
    Path folder;

    private Servers servers;
    private KvBucket bucket;
    private KvBucket copy;
    private Launcher launcher;

    private record Put(String key, byte[] value, CompletableFuture<Long> revision) {}

    @Test
    void aBucketIsComparedWithItsTopicAndItsCopyInASmallHeap(Servers shared) throws Exception {
        servers = shared;
        KvBuckets buckets = new KvBuckets(servers.connection());
        bucket = buckets.create(BucketConfig.builder("many").history(2).build());
        copy = buckets.create(BucketConfig.of("many-copy"));
        servers.createTopic("kv.many", 3, Map.of());
        launcher = Launcher.unpack(folder);
        fill();

        Launcher.Result topic = verify("--topic", "kv.many", "-b", servers.bootstrap());
        assertThat(topic.code()).isZero();
        assertEqual(topic);
        Launcher.Result other = verify("--copy", "many-copy");
        assertThat(other.code()).isZero();
        assertEqual(other);

        for (int i = 0; i < 3; i++) {
            spoil(KEYS / 3 * i);
        }
        servers.producer().flush();
        Launcher.Result both = verify("--topic", "kv.many", "-b", servers.bootstrap(), "--copy", "many-copy");
        assertThat(both.code()).isEqualTo(NatsKv.FOUND);
        List<String> planted = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            int at = KEYS / 3 * i;
            planted.addAll(List.of(
                    "missing " + key(at), "stale " + key(at + 1), "different " + key(at + 2), "extra not." + key(at)));
        }
        for (JsonNode compared : json(both).get("comparisons")) {
            assertThat(compared.get("complete").asBoolean()).isTrue();
            assertThat(compared.get("keys").asInt()).isEqualTo(KEYS);
            assertThat(StreamSupport.stream(compared.get("differences").spliterator(), false)
                            .map(found -> found.get("kind").asText() + " "
                                    + found.get("key").asText()))
                    .containsExactlyInAnyOrderElementsOf(planted);
        }
    }

    /** Values of 100 to 256 bytes, the same on all three sides. */
    private void fill() {
        SplittableRandom random = new SplittableRandom(KEYS);
        List<Put> puts = new ArrayList<>();
        for (int i = 0; i < KEYS; i++) {
            byte[] value = new byte[random.nextInt(100, 257)];
            random.nextBytes(value);
            puts.add(new Put(key(i), value, bucket.putAsync(key(i), value)));
            if (puts.size() == IN_FLIGHT || i == KEYS - 1) {
                List<CompletableFuture<Long>> copies = new ArrayList<>();
                for (Put put : puts) {
                    send(put.key, put.value, put.revision.join());
                    copies.add(copy.putAsync(put.key, put.value));
                }
                copies.forEach(CompletableFuture::join);
                puts.clear();
            }
        }
        servers.producer().flush();
    }

    /** One of each kind. */
    private void spoil(int at) {
        byte[] other = "other".getBytes(StandardCharsets.UTF_8);
        servers.producer().send(new ProducerRecord<>("kv.many", key(at), null));
        copy.delete(key(at));
        bucket.put(key(at + 1), other);
        send(key(at + 2), other, bucket.getAsync(key(at + 2)).join().revision());
        copy.put(key(at + 2), other);
        servers.producer().send(new ProducerRecord<>("kv.many", "not." + key(at), other));
        copy.put("not." + key(at), other);
    }

    private static String key(int i) {
        return "orders.eu." + i % 1_000 + ".order-" + i;
    }

    private void send(String key, byte[] value, long revision) {
        ProducerRecord<String, byte[]> record = new ProducerRecord<>("kv.many", key, value);
        record.headers().add(KvKafkaHeaders.REVISION, Long.toString(revision).getBytes(StandardCharsets.UTF_8));
        servers.producer().send(record);
    }

    private Launcher.Result verify(String... with) throws Exception {
        Path log = folder.resolve("gc.log");
        List<String> arguments = new ArrayList<>(List.of("verify", "many", "--settle", "0", "--json"));
        arguments.addAll(List.of(with));
        long start = System.nanoTime();
        Launcher.Result result = launcher.run(
                Map.of("NATS_KV_OPTS", "-Xmx" + HEAP + " -Xlog:gc:file=" + log, "NATS_URL", servers.natsUrl()),
                arguments.toArray(String[]::new));
        double seconds = (System.nanoTime() - start) / 1e9;
        String collections = Files.readString(log);
        System.out.printf(
                "verify %s: %,d keys in %.1f s; of the heap (-Xmx%s) used after a collection %d MB, after a full one %d MB%n",
                String.join(" ", with),
                KEYS,
                seconds,
                HEAP,
                most(collections, "Pause .*"),
                most(collections, "Pause Full .*"));
        return result;
    }

    /** The most that was used after such a collection, in MB, by -Xlog:gc; 0 if there was none. */
    private static int most(String log, String kind) {
        return Pattern.compile(kind + " \\d+M->(\\d+)M")
                .matcher(log)
                .results()
                .mapToInt(found -> Integer.parseInt(found.group(1)))
                .max()
                .orElse(0);
    }

    private static void assertEqual(Launcher.Result result) throws Exception {
        JsonNode compared = json(result).at("/comparisons/0");
        assertThat(compared.get("equal").asBoolean()).isTrue();
        assertThat(compared.get("keys").asInt()).isEqualTo(KEYS);
        assertThat(compared.get("copyKeys").asInt()).isEqualTo(KEYS);
    }

    private static JsonNode json(Launcher.Result result) throws Exception {
        return new Run(result.code(), result.out(), result.err()).json();
    }
}
