package io.natskv.benchmarks.materialise;

import io.nats.client.Connection;
import io.nats.client.NUID;
import io.nats.client.api.PublishAck;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import io.natskv.benchmarks.Rounds;
import io.natskv.benchmarks.core.Data;
import io.natskv.benchmarks.core.Rates;
import java.time.Duration;

/** The same keys and values in atomic batches of the size that the sink makes, one in flight, from memory into an empty bucket. */
final class AtomicBatchSide implements Rounds.Side {
    static final String NAME = "atomicBatch";

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Connection connection;
    private final Data data;
    private final MaterialiseSettings settings;
    private int runs;

    AtomicBatchSide(Connection connection, Data data, MaterialiseSettings settings) {
        this.connection = connection;
        this.data = data;
        this.settings = settings;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public double run() throws Exception {
        try (FreshBucket bucket = FreshBucket.create(connection, "batches-" + ++runs)) {
            bucket.allowBatches();
            String prefix = "$KV." + bucket.name() + ".";
            long start = System.nanoTime();
            for (int from = 0; from < settings.records(); from += settings.batchRecords()) {
                write(prefix, from, Math.min(settings.records(), from + settings.batchRecords()));
            }
            return Rates.perSecond(settings.records(), start);
        }
    }

    private void write(String prefix, int from, int to) throws Exception {
        String id = NUID.nextGlobal();
        for (int i = from; i < to - 1; i++) {
            connection.publish(message(prefix, id, i, i - from + 1, false));
        }
        // Throws if the batch was refused.
        new PublishAck(connection.request(message(prefix, id, to - 1, to - from, true), PATIENCE));
    }

    private NatsMessage message(String prefix, String id, int number, int sequence, boolean last) {
        Headers headers = new Headers();
        headers.put("Nats-Batch-Id", id);
        headers.put("Nats-Batch-Sequence", Integer.toString(sequence));
        if (last) {
            headers.put("Nats-Batch-Commit", "1");
        }
        return NatsMessage.builder()
                .subject(prefix + data.key(number))
                .headers(headers)
                .data(data.value(number))
                .build();
    }
}
