package io.natskv.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.Connection;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.exactlyonce.OffsetName;
import io.natskv.connect.sink.exactlyonce.StoredOffset;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.SinkRecord;

/** A bucket with a history for each test of exactly-once delivery, and a look at its offsets. */
abstract class ExactlyOnceFixture extends SinkTaskFixture {
    static final Duration SOON = Duration.ofSeconds(30);
    /** A name that needs encoding. */
    static final String CONNECTOR = "my sink, v1.*";

    /** Nothing is in the stream that is not a record, the offset of a batch, or a claim. */
    void assertAccounted(long records, TopicPartition... partitions) {
        long offsets = 0;
        for (TopicPartition each : partitions) {
            StoredOffset stored = stored(each);
            offsets += stored.batches() + stored.epoch();
        }
        assertThat(stream().getStreamState().getLastSequence()).isEqualTo(records + offsets);
    }

    StoredOffset stored(TopicPartition of) {
        return stored(name, of);
    }

    StoredOffset stored(String in, TopicPartition of) {
        String subject = "$KV." + in + "=o." + OffsetName.of(CONNECTOR, of);
        return StoredOffset.parse(
                        connection.api().lastMessage("KV_" + in, subject).join().getData())
                .orElseThrow();
    }

    StreamInfo stream() {
        return connection.api().streamInfo("KV_" + name).join();
    }

    Connection jnats() {
        return connection.nats();
    }

    void edit(UnaryOperator<StreamConfiguration.Builder> change) throws Exception {
        jnats().jetStreamManagement()
                .updateStream(change.apply(StreamConfiguration.builder(stream().getConfiguration()))
                        .build());
    }

    void fill(SinkTaskHarness sink, int from, int to) {
        for (int i = from; i < to; i++) {
            sink.append(partition, "k" + i % 100, String.format("%08d", i));
        }
    }

    /** One of so many records is refused by the server, for a limit that the task does not know: it is reported, and all others are stored. */
    void assertRefusedWriteIsFound(int refused, int records) throws Exception {
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(), true, partition)) {
            sink.append(partition, "first", "1");
            sink.untilCommitted();
            // Behind the back of the task, which has looked at the limit before.
            edit(config -> config.maximumMessageSize(1_000));
            fill(sink, 1, refused);
            SinkRecord large = sink.append(partition, "large", "x".repeat(2_000));
            fill(sink, refused + 1, records);
            sink.untilCommitted();
            assertThat(sink.reported()).containsExactly(large);
        }
        assertAccounted(records - 1, partition);
    }

    Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>();
        settings.put("name", CONNECTOR);
        settings.put("nats.servers", server.url());
        settings.put(SinkConfig.BUCKET_TEMPLATE, name);
        settings.put(SinkConfig.DELIVERY, "exactly_once");
        return settings;
    }
}
