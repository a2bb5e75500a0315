package io.natskv.benchmarks.materialise;

import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.api.PublishAck;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import io.natskv.benchmarks.core.Data;
import java.time.Duration;
import java.util.function.IntFunction;

/**
 * Atomic batches, one at a time: no offset, no claim, no condition, no retry.
 *
 * @param origins what each record carries
 */
record RawBatches(Connection connection, Data data, int records, IntFunction<Headers> origins)
        implements RawSide.Writes {
    /** Of a batch, the most that a server takes; with ours one of them is the offset. */
    static final int MESSAGES = 1_000;

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Override
    public void prepare(FreshBucket bucket) throws Exception {
        bucket.allowBatches();
    }

    @Override
    public void run(FreshBucket bucket) throws Exception {
        for (int from = 0; from < records; from += MESSAGES) {
            write(bucket.name(), from, Math.min(records, from + MESSAGES));
        }
    }

    private void write(String bucket, int from, int to) throws Exception {
        String id = bucket + "-" + from;
        for (int i = from; i < to; i++) {
            Headers headers = origins.apply(i);
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
