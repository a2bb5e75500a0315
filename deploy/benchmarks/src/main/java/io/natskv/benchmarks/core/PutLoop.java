package io.natskv.benchmarks.core;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.KeyValue;
import io.natskv.benchmarks.Rounds;
import java.io.IOException;

/** jnats' {@code KeyValue.put}, one after another. */
final class PutLoop implements Rounds.Side {
    private final KeyValue keyValue;
    private final Data data;
    private final int puts;

    PutLoop(Connection connection, String bucket, Data data, int puts) throws IOException {
        this.keyValue = connection.keyValue(bucket);
        this.data = data;
        this.puts = puts;
    }

    @Override
    public String name() {
        return "putLoop";
    }

    @Override
    public double run() throws IOException, JetStreamApiException {
        long start = System.nanoTime();
        for (int i = 0; i < puts; i++) {
            keyValue.put(data.key(i), data.value(i));
        }
        return Rates.perSecond(puts, start);
    }
}
