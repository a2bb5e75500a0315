package io.natskv.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A consumer of server 2.9 has one filter only; each filter has a watch of its own here. */
class OldServerTest extends WithBucket {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.V2_9);

    @Override
    NatsServer server() {
        return NATS.server();
    }

    @Test
    void readsSeveralFiltersInOneTaskAndInSeveral() {
        bucket.put("a.x", "1");
        bucket.put("b.x", "2");
        bucket.put("c.x", "3");
        StoredOffsets stored = new StoredOffsets();
        Map<String, String> settings = settings(WatchSettings.KEY_FILTERS, "a.>,b.*");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings, 1, stored)) {
            List<SourceRecord> records = task.read(2);
            assertThat(records).extracting(SourceRecord::key).containsExactlyInAnyOrder("a.x", "b.x");
            task.commit(records);
        }
        bucket.put("a.y", "4");
        bucket.put("b.x", "5");
        try (SourceTaskHarness tasks = SourceTaskHarness.start(settings, 2, stored)) {
            assertThat(tasks.tasks()).isEqualTo(2);
            assertThat(tasks.read(2)).extracting(SourceRecord::key).containsExactlyInAnyOrder("a.y", "b.x");
        }
    }
}
