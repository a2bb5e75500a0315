package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.KvEntry;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.watch.WatchStart;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class WatchLoopTest {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

    /** What the loop hands on, in words. */
    private static final class Noted implements Intake, ChangeLoop.Problems {
        final List<String> lines = new CopyOnWriteArrayList<>();

        @Override
        public void change(KvEntry entry, boolean initial, Settlement settlement) {
            lines.add(entry.revision() + " " + entry.key() + (initial ? " initial" : ""));
        }

        @Override
        public void endOfData(Settlement settlement) {
            lines.add("end of data");
        }

        @Override
        public Duration patience(Duration longest) {
            return longest;
        }

        @Override
        public void pause() {}

        @Override
        public void close() {
            lines.add("closed");
        }

        @Override
        public void report(String message, Throwable cause) {
            lines.add(message + " " + cause.getClass().getSimpleName());
        }
    }

    /** Java 17 has no exhaustive switch over types: a new kind of event has to be added to {@link WatchLoop} and here. */
    @Test
    void everyKindOfEventIsHandled() throws Exception {
        try (Fixture camel = new Fixture(NATS.url())) {
            camel.context.start();
            KvBucket bucket = camel.newBucket();
            bucket.put("a", "1");
            KvEntry entry = bucket.get("a");
            NatsKvEndpoint endpoint =
                    camel.context.getEndpoint("nats-kv:" + bucket.name() + "?sendEndOfData=true", NatsKvEndpoint.class);
            Noted noted = new Noted();
            Gate gate = new Gate();
            WatchOptions options = WatchOptions.DEFAULT.withStart(WatchStart.updatesOnly());
            WatchLoop loop = WatchLoop.begin(endpoint, options, options.start(), gate, null, noted);
            List<WatchEvent> events = List.of(
                    new WatchEvent.Change(entry, false),
                    new WatchEvent.SnapshotEnd(1),
                    new WatchEvent.Unavailable("away"),
                    new WatchEvent.Available(Duration.ofSeconds(1)),
                    new WatchEvent.BucketDeleted("gone"),
                    new WatchEvent.PositionLost(WatchEvent.PositionLost.Reason.WENT_BACK, null, "lost"));
            assertThat(WatchEvent.class.getPermittedSubclasses())
                    .containsExactlyInAnyOrderElementsOf(
                            events.stream().<Class<?>>map(Object::getClass).toList());

            events.forEach(event -> loop.handle(event, null, noted));
            String reported = "gone " + BucketNotFoundException.class.getSimpleName();
            assertThat(noted.lines).containsExactly("1 a", "end of data", reported);

            // The lost position has made the watch begin with all that is there, which updatesOnly leaves out.
            Thread thread = new Thread(() -> loop.run(noted), "watch-loop");
            thread.start();
            try {
                Received.await(() -> assertThat(noted.lines)
                        .startsWith("1 a", "end of data", reported)
                        .contains("1 a initial"));
            } finally {
                gate.stop();
                loop.stop();
                thread.join(TimeUnit.SECONDS.toMillis(60));
            }
            assertThat(thread.isAlive()).isFalse();
            assertThat(noted.lines).endsWith("closed");
        }
    }
}
