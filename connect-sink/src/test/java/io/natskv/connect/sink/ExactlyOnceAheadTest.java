package io.natskv.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.Dispatcher;
import io.nats.client.Message;
import io.natskv.connect.sink.exactlyonce.ExactlyOnceConfig;
import io.natskv.core.KvEntry;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The next batch of a partition goes to the server while the one before is committed; on a server that takes two unfinished batches of a bucket. */
class ExactlyOnceAheadTest extends ExactlyOnceFixture {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsServer.builder()
            .version(NatsVersion.V2_15)
            .jetStreamConfig("limits { batch { max_inflight_per_stream: 2 } }"));

    @Override
    NatsServerExtension nats() {
        return NATS;
    }

    @Override
    Map<String, String> settings() {
        Map<String, String> settings = super.settings();
        settings.put(ExactlyOnceConfig.BATCH_MAX_RECORDS, "100");
        return settings;
    }

    @Test
    void theNextBatchIsWithTheServerBeforeTheLastOneIsAnswered() throws Exception {
        List<String> batches = new CopyOnWriteArrayList<>();
        Dispatcher dispatcher = jnats().createDispatcher(message -> batches.add(batchOf(message)));
        dispatcher.subscribe("$KV." + name + ".>");
        jnats().flush(SOON);
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, partition)) {
            sink.append(partition, "first", "1");
            sink.untilCommitted();
            long before = stream().getStreamState().getLastSequence();
            fill(sink, 1, 200);
            server.pause();
            // The server answers nothing, so whatever is sent now is sent before an answer.
            sink.iterate();
            sink.iterate();
            server.resume();
            Awaitility.await().atMost(SOON).until(() -> batches.size() == 200);
            assertThat(batches.stream().distinct()).hasSize(3);
            Awaitility.await()
                    .atMost(SOON)
                    .until(() -> stream().getStreamState().getLastSequence() == before + 101);
            assertThat(stored(partition).next())
                    .as("what is sent ahead is not stored before its own commit")
                    .isEqualTo(101);

            sink.untilCommitted();
            assertThat(batches).as("nothing was sent twice").hasSize(200);
        } finally {
            jnats().closeDispatcher(dispatcher);
        }
        assertAccounted(200, partition);
    }

    private static String batchOf(Message message) {
        return message.getHeaders().getLast("Nats-Batch-Id");
    }

    @Test
    void moreUnfinishedBatchesThanTheServerTakes() {
        TopicPartition[] partitions = new TopicPartition[4];
        for (int i = 0; i < partitions.length; i++) {
            partitions[i] = new TopicPartition(name, i);
        }
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, partitions)) {
            for (int i = 0; i < 4_000; i++) {
                sink.append(partitions[i % 4], "k" + i % 100, String.format("%08d", i));
            }
            sink.untilCommitted();
        }
        assertAccounted(4_000, partitions);
        for (int key = 0; key < 100; key++) {
            List<KvEntry> history = bucket.history("k" + key);
            assertThat(history).hasSize(40);
            assertThat(history).extracting(SinkTaskFixture::text).isSorted();
        }
    }
}
