package io.natskv.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where reading begins, in a bucket with the revisions 1 to 9 of the keys k1, k2 and k3 in turn, and that it goes on from there. */
class StartModeTest extends WithBucket {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

    @Override
    NatsServer server() {
        return NATS.server();
    }

    @BeforeEach
    void fill() {
        IntStream.rangeClosed(1, 9).forEach(i -> bucket.put("k" + (1 + (i - 1) % 3), "v" + i));
    }

    @ParameterizedTest
    @CsvSource({"snapshot, , 7", "history, , 1", "revision, 5, 5", "revision, 1, 1", "revision, 9, 9"})
    void beginsThereEachTimeUntilSomethingIsCommitted(String mode, String revision, long first) {
        Map<String, String> settings = settings(WatchSettings.START_MODE, mode);
        if (revision != null) {
            settings.put(WatchSettings.START_REVISION, revision);
        }
        everythingFrom(first, settings);
    }

    @Test
    void beginsAtATimeEachTimeUntilSomethingIsCommitted() {
        String time = bucket.history("k2").get(1).created().toString(); // revision 5
        everythingFrom(5, settings(WatchSettings.START_MODE, "time", WatchSettings.START_TIME, time));
    }

    @Test
    void waitsForARevisionThatIsStillToCome() {
        Map<String, String> settings = settings(WatchSettings.START_MODE, "revision", "start.revision", "12");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings)) {
            for (int i = 10; i <= 13; i++) {
                bucket.put("k1", "v" + i);
            }
            assertThat(revisions(task.read(2))).containsExactly(12L, 13L);
        }
    }

    @Test
    void waitsForATimeThatIsStillToCome() {
        Map<String, String> settings = settings(WatchSettings.START_MODE, "time", "start.time", "2100-01-01T00:00:00Z");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings)) {
            List<SourceRecord> none = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                bucket.put("k1", "too early");
                task.pollInto(none);
            }
            assertThat(none).isEmpty();
        }
    }

    private void everythingFrom(long first, Map<String, String> settings) {
        StoredOffsets stored = new StoredOffsets();
        for (int attempt = 0; attempt < 2; attempt++) {
            try (SourceTaskHarness task = SourceTaskHarness.start(settings, 1, stored)) {
                List<SourceRecord> records = task.read((int) (10 - first));
                assertThat(revisions(records)).containsExactlyElementsOf(range(first, 9));
                if (attempt == 1) {
                    task.commit(records.subList(0, 1));
                }
            }
        }
        long tenth = bucket.put("k4", "v10");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings, 1, stored)) {
            assertThat(revisions(task.read((int) (tenth - first)))).containsExactlyElementsOf(range(first + 1, tenth));
        }
    }

    private static List<Long> range(long first, long last) {
        return IntStream.rangeClosed((int) first, (int) last)
                .mapToObj(Long::valueOf)
                .toList();
    }
}
