package io.natskv.connect.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Buckets that are found by a pattern, that come and go while the connector runs. */
class BucketDiscoveryTest extends WithBucket {
    private static final Duration SOON = Duration.ofSeconds(30);

    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

    @Override
    NatsServer server() {
        return NATS.server();
    }

    private Map<String, String> pattern() {
        Map<String, String> settings =
                settings(WatchSettings.BUCKETS_PATTERN, name + "(-.*)?", WatchSettings.DISCOVERY_INTERVAL_MS, "100");
        settings.remove(WatchSettings.BUCKETS);
        return settings;
    }

    @Test
    void readsNewBucketsAndLeavesRemovedOnes() {
        create("other-" + name).put("not", "matched");
        bucket.put("a", "1");
        StoredOffsets stored = new StoredOffsets();
        try (SourceTaskHarness tasks = SourceTaskHarness.start(pattern(), 2, stored)) {
            assertThat(tasks.tasks()).isEqualTo(1);
            tasks.commit(tasks.read(1));
            assertThat(tasks.reconfigurations()).isZero();

            create(name + "-2").put("b", "2");
            await().atMost(SOON).until(() -> tasks.reconfigurations() == 1);
            tasks.reconfigure(2);
            assertThat(tasks.tasks()).isEqualTo(2);
            List<SourceRecord> records = tasks.read(1);
            assertThat(records).extracting(SourceRecord::topic).containsExactly("kv." + name + "-2");
            tasks.commit(records);

            buckets.delete(name);
            await().atMost(SOON).until(() -> tasks.reconfigurations() == 2);
            tasks.reconfigure(2);
            assertThat(tasks.tasks()).isEqualTo(1);
            buckets.open(name + "-2").put("b", "3");
            assertThat(tasks.read(1)).extracting(SourceRecord::key).containsExactly("b");
            assertThat(tasks.reconfigurations()).isEqualTo(2);
        }
    }

    @Test
    void knowsItsBucketsWhileTheServerIsDown() {
        bucket.put("a", "1");
        try (SourceTaskHarness tasks = SourceTaskHarness.start(pattern())) {
            List<SourceRecord> records = new ArrayList<>(tasks.read(1));
            server().kill();
            tasks.pollInto(records);
            tasks.reconfigure(1);
            assertThat(tasks.tasks()).isEqualTo(1);
            server().restart();
            await().atMost(SOON).ignoreExceptions().until(() -> bucket.put("b", "2") > 0);
            await().atMost(SOON).until(() -> {
                tasks.pollInto(records);
                return records.stream().anyMatch(record -> record.key().equals("b"));
            });
            create(name + "-2");
            await().atMost(SOON).until(() -> tasks.reconfigurations() > 0);
            assertThat(tasks.reconfigurations()).isEqualTo(1);
        }
    }

    @Test
    void startsWithoutBucketsAndWithoutAServer() {
        buckets.delete(name);
        server().kill();
        try (SourceTaskHarness tasks = SourceTaskHarness.start(pattern())) {
            assertThat(tasks.tasks()).isZero();
            server().restart();
            await().atMost(SOON).ignoreExceptions().until(() -> {
                create(name).put("a", "1");
                return true;
            });
            await().atMost(SOON).until(() -> {
                tasks.reconfigure(1);
                return tasks.tasks() == 1;
            });
            assertThat(tasks.reconfigurations()).isPositive();
            assertThat(tasks.read(1)).extracting(SourceRecord::key).containsExactly("a");
        }
    }

    /** Deleted between its discovery and its task's start, and made anew before anybody noticed. */
    @Test
    void aBucketThatIsGoneAlreadyIsWaitedFor() {
        Map<String, String> settings = pattern();
        settings.put(WatchSettings.DISCOVERY_INTERVAL_MS, "3600000");
        try (SourceTaskHarness tasks = SourceTaskHarness.start(settings)) {
            assertThat(tasks.tasks()).isEqualTo(1);
            buckets.delete(name);
            tasks.reconfigure(1);
            List<SourceRecord> records = new ArrayList<>();
            tasks.pollInto(records);
            assertThat(records).isEmpty();
            create(name).put("a", "1");
            assertThat(tasks.read(1)).extracting(SourceRecord::key).containsExactly("a");
        }
    }
}
