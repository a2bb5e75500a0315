package io.natskv.core.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.Connection;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.natskv.core.KvEntry;
import io.natskv.core.TappedConnection;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriterOptions;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Many keys in one call: one request for many from server 2.11 on, one for each below; which of both is seen by what is sent. */
abstract class ManyKeysContract {
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private final Queue<String> sent = new ConcurrentLinkedQueue<>();
    private Connection nats;
    private KvConnection connection;
    private KvBuckets buckets;

    abstract NatsServer server();

    /** How many servers hold each bucket. */
    int replicas() {
        return 1;
    }

    @BeforeEach
    void open() {
        nats = server().connect();
        Connection tapped = TappedConnection.of(nats, message -> sent.add(message.subject()));
        connection = KvConnection.using(tapped, "$JS.API.", DEADLINE);
        buckets = new KvBuckets(connection);
    }

    @AfterEach
    void close() throws InterruptedException {
        connection.close();
        nats.close();
    }

    private BucketConfig config() {
        return BucketConfig.builder("b" + UUID.randomUUID())
                .replicas(replicas())
                .storage(StorageType.Memory)
                .build();
    }

    private boolean together() {
        return server().version().atLeast(NatsVersion.V2_15); // the only one here from 2.11 on
    }

    private long requests(String kind) {
        return sent.stream()
                .filter(subject -> subject.startsWith("$JS.API." + kind))
                .count();
    }

    private static void fill(KvBucket bucket, List<String> keys, int size) {
        try (KvWriter writer = bucket.writer(WriterOptions.DEFAULT.withInFlight(1_000, 8 << 20))) {
            keys.forEach(key -> writer.submit(KvWrite.put(key, value(key, size))));
            assertThat(writer.flush(DEADLINE)).isTrue();
        }
    }

    private static byte[] value(String key, int size) {
        return (key + "=".repeat(size)).getBytes(StandardCharsets.UTF_8);
    }

    /** Reads all, and checks each value and what was sent for it. */
    private Map<String, KvEntry> readAll(KvBucket bucket, List<String> keys, int size, int requests) {
        sent.clear();
        Map<String, KvEntry> found = bucket.getAll(keys);
        assertThat(found).containsOnlyKeys(keys);
        found.forEach((key, entry) -> {
            assertThat(entry.key()).isEqualTo(key);
            assertThat(entry.value()).isEqualTo(value(key, size));
        });
        assertThat(requests("DIRECT.GET." + bucket.subjects().stream())).isEqualTo(together() ? requests : 0);
        assertThat(requests("STREAM.MSG.GET." + bucket.subjects().stream())).isEqualTo(together() ? 0 : keys.size());
        return found;
    }

    @Test
    void moreKeysThanARequestMayAskFor() {
        KvBucket bucket = buckets.create(config());
        List<String> keys = IntStream.range(0, 2_500).mapToObj(i -> "k." + i).toList();
        fill(bucket, keys, 3);
        Map<String, KvEntry> found = readAll(bucket, keys, 3, 3);
        assertThat(found.get("k.2499")).isEqualTo(bucket.get("k.2499"));
        readAll(bucket, keys.subList(0, 1_000), 3, 1);
        readAll(bucket, keys.subList(0, 1_001), 3, 2);
        readAll(bucket, keys.subList(0, 1), 3, 1);
    }

    @Test
    void longerKeysThanARequestCanHold() {
        KvBucket bucket = buckets.create(config());
        List<String> keys =
                IntStream.range(0, 600).mapToObj(i -> "k".repeat(3_000) + i).toList();
        fill(bucket, keys, 3);
        readAll(bucket, keys, 3, 2);
    }

    /** An answer ends at 16 MiB; the rest is asked for again. */
    @Test
    void largerValuesThanAnAnswerMayHold() {
        KvBucket bucket = buckets.create(config());
        List<String> keys = IntStream.range(0, 20).mapToObj(i -> "large" + i).toList();
        fill(bucket, keys, 1_000_000);
        readAll(bucket, keys, 1_000_000, 2);
    }

    @Test
    void keysWithoutAValueAreLeftOutAndKeysAskedTwiceComeOnce() {
        KvBucket bucket = buckets.create(config());
        bucket.put("a", "1");
        bucket.put("empty", new byte[0]);
        bucket.put("deleted", "1");
        bucket.delete("deleted");
        bucket.put("purged", "1");
        bucket.purge("purged");
        Map<String, KvEntry> found = bucket.getAll(List.of("a", "a", "empty", "deleted", "purged", "never"));
        assertThat(found).containsOnlyKeys("a", "empty");
        assertThat(found.get("a")).isEqualTo(bucket.get("a"));
        assertThat(found.get("empty").value()).isEmpty();
        assertThat(bucket.getAll(List.of("never", "deleted"))).isEmpty();
        sent.clear();
        assertThat(bucket.getAll(List.of())).isEmpty();
        assertThat(requests("DIRECT.GET") + requests("STREAM.MSG.GET")).isZero();
    }

    /** As an old client made it: nobody answers direct reads, and each key is read from the leader. */
    @Test
    void aBucketWithoutDirectReads() throws Exception {
        StreamConfiguration old = StreamConfiguration.builder(BucketStreams.configuration(config()))
                .allowDirect(false)
                .build();
        nats.jetStreamManagement().addStream(old);
        KvBucket bucket = buckets.open(BucketStreams.bucketOf(old.getName()));
        List<String> keys = IntStream.range(0, 20).mapToObj(i -> "k" + i).toList();
        fill(bucket, keys, 3);
        sent.clear();
        assertThat(bucket.getAll(keys)).containsOnlyKeys(keys);
        assertThat(requests("STREAM.MSG.GET")).isEqualTo(20);
    }
}
