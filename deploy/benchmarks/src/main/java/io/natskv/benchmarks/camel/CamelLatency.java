package io.natskv.benchmarks.camel;

import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.natskv.benchmarks.latency.Arrivals;
import io.natskv.benchmarks.latency.Schedule;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.HdrHistogram.Histogram;
import org.apache.camel.Exchange;

/** How long a change takes from the moment at which it was due to be written to the moment at which its exchange is in the route. */
final class CamelLatency {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final int valueBytes;
    private final Connection writer;
    private final String bucket;
    /** Of the round that runs. */
    private volatile Arrivals arrivals = new Arrivals(0);

    /** Starts a route, which stays. */
    CamelLatency(int valueBytes, Routes routes, String id, String from, Connection writer, String bucket)
            throws Exception {
        this.valueBytes = valueBytes;
        this.writer = writer;
        this.bucket = bucket;
        routes.add(id, from, this::take);
        routes.start(id);
    }

    Histogram round(Schedule schedule) throws Exception {
        Arrivals expected = new Arrivals(schedule.count());
        arrivals = expected;
        JetStream jetStream = writer.jetStream();
        schedule.run((number, due) -> {
            byte[] value = ByteBuffer.allocate(valueBytes).putLong(due).array();
            jetStream.publishAsync("$KV." + bucket + ".k" + number, value);
        });
        return expected.await(PATIENCE, "changes of " + bucket);
    }

    private void take(Exchange exchange) {
        byte[] value = (byte[]) exchange.getMessage().getBody();
        arrivals.arrived(ByteBuffer.wrap(value).getLong());
    }
}
