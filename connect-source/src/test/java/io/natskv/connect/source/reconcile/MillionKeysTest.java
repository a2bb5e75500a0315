package io.natskv.connect.source.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriterOptions;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Reconciles in a heap of 256 MB. {@code -Dnatskv.reconcile.keys=1000000} sets how many keys; the ordinary run has fewer, in a heap that is smaller by
 * as much as a million would take more.
 */
class MillionKeysTest {
    private static final int KEYS = Integer.getInteger("natskv.reconcile.keys", 100_000);
    private static final int GONE = 500;
    private static final int MISSING = 300;

    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

    @RegisterExtension
    static final KafkaExtension KAFKA = new KafkaExtension();

    @Test
    void fitsIntoASmallHeap() throws IOException, InterruptedException {
        String heap = KEYS >= 1_000_000 ? "256m" : "96m";
        long revision;
        try (KvConnection connection =
                        KvConnection.open(NatsConnectionConfig.of(NATS.server().url()));
                TestTopic topic = TestTopic.create(KAFKA.broker(), "keys")) {
            KvBucket bucket = new KvBuckets(connection).create(BucketConfig.of("keys"));
            try (KvWriter writer = bucket.writer(WriterOptions.DEFAULT)) {
                for (int i = 0; i < KEYS; i++) {
                    writer.submit(KvWrite.put(key(i), ("value " + i).getBytes(StandardCharsets.UTF_8)));
                }
                assertThat(writer.flush(Duration.ofMinutes(2))).isTrue();
            }
            revision = bucket.status().lastRevision();
            copy(bucket, topic);
            for (int i = KEYS; i < KEYS + GONE; i++) {
                topic.send(key(i), new byte[100], 1L, Map.of());
            }
        }
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx" + heap,
                        "-cp",
                        System.getProperty("java.class.path"),
                        MillionKeys.class.getName(),
                        NATS.server().url(),
                        "keys",
                        KAFKA.broker().bootstrap(),
                        "keys",
                        Long.toString(revision))
                .redirectErrorStream(true)
                .start();
        try {
            List<String> output;
            try (var lines = process.inputReader()) {
                output = lines.lines().toList();
            }
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as("%s", String.join("\n", output)).isZero();
            assertThat(output).contains("found {VANISHED=" + GONE + ", MISSING=" + MISSING + "}");
        } finally {
            process.destroyForcibly();
        }
    }

    /** Without some keys. */
    private static void copy(KvBucket bucket, TestTopic topic) {
        Set<String> missing =
                IntStream.range(0, MISSING).mapToObj(MillionKeysTest::key).collect(Collectors.toSet());
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT)) {
            WatchEvent event = watch.next(Duration.ofSeconds(30));
            while (event instanceof WatchEvent.Change change) {
                if (!missing.contains(change.entry().key())) {
                    topic.send(change.entry());
                }
                event = watch.next(Duration.ofSeconds(30));
            }
            assertThat(event).isInstanceOf(WatchEvent.SnapshotEnd.class);
        }
    }

    private static String key(int number) {
        return "customers." + number % 100 + ".orders." + number;
    }
}
