package io.natskv.benchmarks.materialise;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.Message;
import io.nats.client.api.PublishAck;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import io.natskv.benchmarks.Rounds;
import io.natskv.benchmarks.core.Data;
import java.io.IOException;
import java.time.Duration;

/** Atomic batches by hand, one at a time, from memory into an empty bucket: no offset, no claim, no condition, no retry. */
final class RawBatches implements Rounds.Side {
    static final String NAME = "atomicBatch";
    /** Of a batch, the most that a server takes; with ours one of them is the offset. */
    static final int MESSAGES = 1_000;

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Connection connection;
    private final Data data;
    private final int records;
    private int runs;

    RawBatches(Connection connection, Data data, int records) {
        this.connection = connection;
        this.data = data;
        this.records = records;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public double run() throws Exception {
        try (FreshBucket bucket = FreshBucket.create(connection, "raw-batches-" + ++runs)) {
            allowBatches(bucket.name());
            long start = System.nanoTime();
            for (int from = 0; from < records; from += MESSAGES) {
                write(bucket.name(), from, Math.min(records, from + MESSAGES));
            }
            return records * 1e9 / (System.nanoTime() - start);
        }
    }

    private void allowBatches(String bucket) throws IOException, JetStreamApiException {
        JetStreamManagement management = connection.jetStreamManagement();
        StreamConfiguration config = management.getStreamInfo("KV_" + bucket).getConfiguration();
        management.updateStream(
                StreamConfiguration.builder(config).allowAtomicPublish(true).build());
    }

    private void write(String bucket, int from, int to) throws Exception {
        String id = "batch-" + runs + "-" + from;
        for (int i = from; i < to; i++) {
            Headers headers = new Headers();
            headers.put("Nats-Batch-Id", id);
            headers.put("Nats-Batch-Sequence", Integer.toString(i - from + 1));
            boolean last = i == to - 1;
            if (last) {
                headers.put("Nats-Batch-Commit", "1");
            }
            NatsMessage message = NatsMessage.builder()
                    .subject("$KV." + bucket + "." + data.key(i))
                    .headers(headers)
                    .data(data.value(i))
                    .build();
            if (last) {
                Message reply = connection.request(message, PATIENCE);
                if (reply == null) {
                    throw new IllegalStateException("no answer to a batch within " + PATIENCE);
                }
                new PublishAck(reply);
            } else {
                connection.publish(message);
            }
        }
    }
}
