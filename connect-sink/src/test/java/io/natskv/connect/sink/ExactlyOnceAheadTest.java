package io.natskv.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.Dispatcher;
import io.nats.client.Message;
import io.natskv.connect.sink.exactlyonce.ExactlyOnceConfig;
import io.natskv.core.KvOperation;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.time.Duration;
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
        } finally {
            jnats().closeDispatcher(dispatcher);
        }
        assertAccounted(200, partition);
    }

    private static String batchOf(Message message) {
        return message.getHeaders().getLast("Nats-Batch-Id");
    }

    @Test
    void aPurgeBehindAWriteThatIsNotStoredYet() {
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, partition)) {
            for (int i = 0; i < 300; i++) {
                sink.append(partition, "a", "v" + i);
                sink.append(partition, "b", "v" + i);
                if (i % 70 == 69) {
                    sink.append(partition, "a", null, operation("PURGE"));
                }
            }
            sink.untilCommitted();
        }
        assertAccounted(604, partition);
        assertThat(bucket.history("a").get(0).operation()).isEqualTo(KvOperation.PURGE);
        assertThat(bucket.history("a")).hasSize(1 + 20);
        assertThat(text(bucket.get("b"))).isEqualTo("v299");
    }

    /** The second batch holds it, and is with the server when the first one is stored. */
    @Test
    void aRefusedWriteOfABatchThatWasSentAheadIsFound() throws Exception {
        assertRefusedWriteIsFound(150, 450);
    }

    /** Nothing is sent ahead where another partition has to wait for that: those that always have more don't keep out the others. */
    @Test
    void moreUnfinishedBatchesThanTheServerTakes() {
        TopicPartition[] partitions = new TopicPartition[4];
        for (int i = 0; i < partitions.length; i++) {
            partitions[i] = new TopicPartition(name, i);
        }
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), false, partitions)) {
            for (int turn = 0; turn < 20; turn++) {
                asFastAsTheyCan(sink, partitions[0], partitions[1]);
            }
            fill(sink, partitions[2], 500);
            fill(sink, partitions[3], 500);
            Awaitility.await().atMost(SOON).pollInterval(Duration.ofMillis(1)).until(() -> {
                asFastAsTheyCan(sink, partitions[0], partitions[1]);
                return sink.committed(partitions[2]) == 500 && sink.committed(partitions[3]) == 500;
            });
            sink.untilCommitted();
            assertAccounted(sink.committed(partitions[0]) + sink.committed(partitions[1]) + 1_000, partitions);
        }
    }

    private static void asFastAsTheyCan(SinkTaskHarness sink, TopicPartition... partitions) {
        for (TopicPartition each : partitions) {
            fill(sink, each, 500);
        }
        sink.iterate();
        sink.commit();
    }

    private static void fill(SinkTaskHarness sink, TopicPartition partition, int records) {
        for (int i = 0; i < records; i++) {
            sink.append(partition, "more" + i, "1");
        }
    }
}
