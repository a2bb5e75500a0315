package io.natskv.benchmarks.materialise;

import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.api.PublishAck;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import io.natskv.benchmarks.core.Data;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;

/**
 * Atomic batches, one commit at a time: no offset, no claim, no condition, no retry.
 *
 * @param ahead whether the next batch goes to the server, but for its commit, while the one before is committed
 * @param origins what each record carries
 */
record RawBatches(Connection connection, Data data, int records, boolean ahead, IntFunction<Headers> origins)
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
        CompletableFuture<Message> before = null;
        for (int from = 0; from < records; from += MESSAGES) {
            int to = Math.min(records, from + MESSAGES);
            if (!ahead && before != null) {
                committed(before);
            }
            NatsMessage commit = publish(bucket.name(), from, to);
            if (ahead && before != null) {
                committed(before);
            }
            before = connection.requestWithTimeout(commit, PATIENCE);
        }
        committed(before);
    }

    private static void committed(CompletableFuture<Message> batch) throws Exception {
        new PublishAck(batch.get());
    }

    /** Sends a batch but for its last message, and returns that. */
    private NatsMessage publish(String bucket, int from, int to) {
        String id = bucket + "-" + from;
        for (int i = from; ; i++) {
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
                return message;
            }
            connection.publish(message);
        }
    }
}
