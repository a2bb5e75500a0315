package io.natskv.benchmarks.materialise;

import io.nats.client.Connection;
import io.natskv.benchmarks.Rounds;
import io.natskv.benchmarks.core.Data;
import io.natskv.benchmarks.core.RawWrites;

/** jnats' {@code publishAsync} of the same keys and values, from memory into an empty bucket. */
final class RawSide implements Rounds.Side {
    static final String NAME = "publishAsync";

    private final Connection connection;
    private final Data data;
    private final MaterialiseSettings settings;
    private int runs;

    RawSide(Connection connection, Data data, MaterialiseSettings settings) {
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
        try (FreshBucket bucket = FreshBucket.create(connection, "raw-" + ++runs)) {
            return new RawWrites(connection, bucket.name(), data, settings.inFlight(), settings.records()).run();
        }
    }
}
