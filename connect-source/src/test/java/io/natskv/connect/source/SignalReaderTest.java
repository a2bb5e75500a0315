package io.natskv.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.bucket.KvBucket;
import io.natskv.core.watch.WatchOptions;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SignalReaderTest extends WithBucket {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

    @Override
    NatsServer server() {
        return NATS.server();
    }

    /** The task has gone on without them: nobody knows whether they were given before its start. */
    @Test
    void whatIsReadLateIsNotTakenForOlderThanTheTask() {
        KvBucket missing = buckets.assume(name + "-signals");
        List<Boolean> given = new ArrayList<>();
        try (SignalReader reader =
                new SignalReader(missing.watch(WatchOptions.DEFAULT), (signal, live) -> given.add(live))) {
            long start = System.nanoTime();
            reader.read(Duration.ZERO, start);
            assertThat(reader.isReady()).isFalse();
            reader.read(Duration.ZERO, start + TimeUnit.SECONDS.toNanos(11));
            assertThat(reader.isReady()).isTrue();
            create(name + "-signals").put("test", "{\"type\":\"snapshot\"}");
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
                reader.read(Duration.ofMillis(100), System.nanoTime());
                return !given.isEmpty();
            });
        }
        assertThat(given).containsExactly(true);
    }
}
