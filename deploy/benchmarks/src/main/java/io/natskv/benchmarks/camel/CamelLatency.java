package io.natskv.benchmarks.camel;

import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.natskv.benchmarks.Samples;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.camel.Exchange;

/**
 * How long a change takes from the moment at which it was due to be written to the moment at which its exchange is in the route. At a
 * fixed rate: a change that is written late, because an earlier one held it up, counts from when it was due.
 */
final class CamelLatency {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(30);

    private final CamelSettings settings;
    private final Connection writer;
    private final String bucket;
    private final List<Double> millis = new ArrayList<>();

    /** Starts a route, which stays. */
    CamelLatency(CamelSettings settings, Routes routes, String id, String from, Connection writer, String bucket)
            throws Exception {
        this.settings = settings;
        this.writer = writer;
        this.bucket = bucket;
        routes.add(id, from, this::take);
        routes.start(id);
    }

    /** In milliseconds. */
    Samples round() throws Exception {
        synchronized (millis) {
            millis.clear();
        }
        write(settings.latencyRate() * settings.latencySeconds());
        synchronized (millis) {
            return new Samples(millis);
        }
    }

    private void write(int changes) throws Exception {
        JetStream jetStream = writer.jetStream();
        long pause = TimeUnit.SECONDS.toNanos(1) / settings.latencyRate();
        long begin = System.nanoTime();
        for (int i = 0; i < changes; i++) {
            long due = begin + i * pause;
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            byte[] value =
                    ByteBuffer.allocate(settings.valueBytes()).putLong(due).array();
            jetStream.publishAsync("$KV." + bucket + ".k" + i % 1_000, value);
        }
        long end = System.nanoTime() + PATIENCE;
        while (taken() < changes) {
            if (System.nanoTime() - end > 0) {
                throw new IllegalStateException("only " + taken() + " of " + changes + " changes arrived");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    private int taken() {
        synchronized (millis) {
            return millis.size();
        }
    }

    private void take(Exchange exchange) {
        long now = System.nanoTime();
        long due = ByteBuffer.wrap((byte[]) exchange.getMessage().getBody()).getLong();
        synchronized (millis) {
            millis.add((now - due) / 1e6);
        }
    }
}
