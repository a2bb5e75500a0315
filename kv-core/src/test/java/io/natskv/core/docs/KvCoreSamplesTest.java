package io.natskv.core.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.KvEntry;
import io.natskv.core.KvOperation;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvException;
import io.natskv.core.error.WrongRevisionException;
import io.natskv.core.key.KeyCodec;
import io.natskv.core.key.KeyFilter;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.watch.WatchPosition;
import io.natskv.core.watch.WatchStart;
import io.natskv.core.write.AtomicBatchWriter;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriterOptions;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The samples of docs/kv-core.md, run against a server; and the check that the page shows just these. */
class KvCoreSamplesTest {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.V2_15);

    private static final Pattern PAGE_SAMPLE =
            Pattern.compile("<!-- sample: (\\w+) -->\\s*```java\\n(.*?)```", Pattern.DOTALL);

    @Test
    void firstSteps() {
        // sample: firstSteps
        NatsConnectionConfig config = NatsConnectionConfig.builder()
                .servers(List.of(NATS.url()))
                .connectionName("orders-service")
                .build();
        try (KvConnection connection = KvConnection.open(config)) {
            KvBuckets buckets = new KvBuckets(connection);
            KvBucket orders =
                    buckets.create(BucketConfig.builder("orders").history(5).build());

            long revision = orders.put("eu.4711", "new");
            KvEntry entry = orders.get("eu.4711");

            orders.update("eu.4711", "paid".getBytes(StandardCharsets.UTF_8), entry.revision());
            orders.delete("eu.4711");
        }
        // end
        try (KvConnection connection = KvConnection.open(config)) {
            assertThat(new KvBuckets(connection).open("orders").history("eu.4711"))
                    .extracting(KvEntry::operation)
                    .containsExactly(KvOperation.PUT, KvOperation.PUT, KvOperation.DELETE);
        }
    }

    @Test
    void watching() {
        try (KvConnection connection = KvConnection.open(NatsConnectionConfig.of(NATS.url()))) {
            KvBucket bucket = new KvBuckets(connection).create(BucketConfig.of("watched"));
            bucket.put("eu.1", "a");
            bucket.put("us.1", "b");
            // sample: watching
            List<String> seen = new ArrayList<>();
            WatchPosition stored = null; // or the one that was stored before a restart
            WatchStart start = stored == null ? WatchStart.snapshot() : WatchStart.after(stored);
            WatchOptions options = WatchOptions.DEFAULT
                    .withFilters(List.of(new KeyFilter("eu.>")))
                    .withStart(start);
            try (KvWatch watch = bucket.watch(options)) {
                boolean running = true;
                while (running) {
                    WatchEvent event = watch.next(Duration.ofSeconds(1));
                    if (event instanceof WatchEvent.Change change) {
                        seen.add(change.entry().key());
                        stored = watch.position(); // go on here after a restart
                    } else if (event instanceof WatchEvent.SnapshotEnd) {
                        running = false; // everything that was there has been seen; or stay, for what changes
                    } else if (event instanceof WatchEvent.PositionLost lost) {
                        watch.restart(WatchStart.snapshot()); // another bucket under the same name: begin anew
                    } else if (event instanceof WatchEvent.BucketDeleted deleted) {
                        System.err.println(deleted.message());
                    } else if (event instanceof WatchEvent.Unavailable outage) {
                        System.err.println(outage.message()); // it goes on by itself
                    }
                }
            }
            // end
            assertThat(seen).containsExactly("eu.1");
            assertThat(stored.revision()).isEqualTo(1);
        }
    }

    @Test
    void writing() {
        try (KvConnection connection = KvConnection.open(NatsConnectionConfig.of(NATS.url()))) {
            KvBucket bucket = new KvBuckets(connection).create(BucketConfig.of("written"));
            // sample: writing
            AtomicLong stored = new AtomicLong();
            Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
            try (KvWriter writer = bucket.writer(WriterOptions.DEFAULT.withInFlight(2_000, 64L << 20))) {
                for (int i = 0; i < 10_000; i++) {
                    byte[] value = Integer.toString(i).getBytes(StandardCharsets.UTF_8);
                    // Waits only while 2,000 writes or 64 MiB are in flight; in order within each key.
                    writer.submit(KvWrite.put("sensor." + i % 100, value)).whenComplete((result, error) -> {
                        if (error == null) {
                            stored.incrementAndGet();
                        } else {
                            failures.add(error);
                        }
                    });
                }
                writer.flush(Duration.ofMinutes(1));
            }
            // end
            assertThat(failures).isEmpty();
            assertThat(stored).hasValue(10_000);
            assertThat(bucket.get("sensor.99").value()).asString().isEqualTo("9999");
        }
    }

    @Test
    void errors() {
        try (KvConnection connection = KvConnection.open(NatsConnectionConfig.of(NATS.url()))) {
            KvBucket bucket = new KvBuckets(connection).create(BucketConfig.of("failing"));
            bucket.put("counter", "1");
            // sample: errors
            byte[] next = "2".getBytes(StandardCharsets.UTF_8);
            try {
                bucket.update("counter", next, 99);
            } catch (WrongRevisionException e) {
                bucket.update("counter", next, e.actual()); // somebody else was quicker
            } catch (KvException e) {
                if (e.errorClass() == ErrorClass.TRANSIENT) {
                    // try again later; REJECTED: this write can't succeed; FATAL: no write can
                }
                throw e;
            }
            // end
            assertThat(bucket.get("counter").value()).asString().isEqualTo("2");
        }
    }

    @Test
    void batches() {
        try (KvConnection connection = KvConnection.open(NatsConnectionConfig.of(NATS.url()))) {
            KvBuckets buckets = new KvBuckets(connection);
            KvBucket bucket = buckets.create(BucketConfig.of("accounts"));
            // sample: batches
            byte[] ten = {10};
            byte[] twenty = {20};
            long revision = bucket.put("alice", twenty);
            buckets.allowBatches("accounts"); // once; needs server 2.12
            AtomicBatchWriter batches = bucket.batchWriter().join();
            try {
                batches.write(List.of(KvWrite.update("alice", ten, revision), KvWrite.put("bob", ten)))
                        .join(); // both or none
            } catch (CompletionException e) {
                throw (KvException) e.getCause();
            }
            // end
            assertThat(bucket.getAll(List.of("alice", "bob"))).hasSize(2);
        }
    }

    @Test
    void codecs() {
        try (KvConnection connection = KvConnection.open(NatsConnectionConfig.of(NATS.url()))) {
            KvBucket bucket = new KvBuckets(connection).create(BucketConfig.of("paths"));
            // sample: codecs
            KeyCodec codec = KeyCodec.PATH;
            bucket.put(codec.encode("/etc/hosts"), "127.0.0.1 localhost");
            String path = codec.decode(bucket.keys().get(0)); // "/etc/hosts"
            // end
            assertThat(path).isEqualTo("/etc/hosts");
        }
    }

    @Test
    void thePageShowsTheseSamples() throws Exception {
        Path suite = Path.of(System.getProperty("natskv.suite.dir"));
        String page = Files.readString(suite.resolve("docs/kv-core.md"));
        String source =
                Files.readString(suite.resolve("kv-core/src/test/java/io/natskv/core/docs/KvCoreSamplesTest.java"));
        Map<String, String> compiled = new TreeMap<>();
        Matcher inSource = Pattern.compile("// sample: (\\w+)\\n(.*?)\\s*// end", Pattern.DOTALL)
                .matcher(source);
        while (inSource.find()) {
            compiled.put(inSource.group(1), words(inSource.group(2)));
        }
        Map<String, String> shown = new TreeMap<>();
        Matcher inPage = PAGE_SAMPLE.matcher(page);
        while (inPage.find()) {
            shown.put(inPage.group(1), words(inPage.group(2)));
        }
        assertThat(shown).isEqualTo(compiled).hasSize(6);
        assertThat(Pattern.compile("```java").matcher(page).results().count()).isEqualTo(shown.size());
    }

    /** The code without its layout, and with the address that a reader would write. */
    private static String words(String code) {
        return code.replace("NATS.url()", "\"nats://127.0.0.1:4222\"")
                .replaceAll("\\s+", " ")
                .trim();
    }
}
