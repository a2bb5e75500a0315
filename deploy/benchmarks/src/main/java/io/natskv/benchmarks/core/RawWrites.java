package io.natskv.benchmarks.core;

import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.impl.Headers;
import io.natskv.benchmarks.Rounds;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;

/**
 * jnats' {@code publishAsync} to a bucket's subjects with a window of its own making: no guard, no order within a key after a failure, no
 * retry. The fastest that the library can do.
 */
public final class RawWrites implements Rounds.Side {
    private final String prefix;
    private final JetStream jetStream;
    private final Data data;
    private final int inFlight;
    private final int writes;
    private final IntFunction<Headers> headers;

    public RawWrites(Connection connection, String bucket, Data data, int inFlight, int writes) throws IOException {
        this(connection, bucket, data, inFlight, writes, write -> null);
    }

    /** @param headers those of the so-manieth write; null for none */
    public RawWrites(
            Connection connection, String bucket, Data data, int inFlight, int writes, IntFunction<Headers> headers)
            throws IOException {
        this.prefix = "$KV." + bucket + ".";
        this.jetStream = connection.jetStream();
        this.data = data;
        this.inFlight = inFlight;
        this.writes = writes;
        this.headers = headers;
    }

    @Override
    public String name() {
        return "publishAsync";
    }

    @Override
    public double run() throws InterruptedException {
        Semaphore window = new Semaphore(inFlight);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        long start = System.nanoTime();
        for (int i = 0; i < writes; i++) {
            window.acquire();
            jetStream
                    .publishAsync(prefix + data.key(i), headers.apply(i), data.value(i))
                    .whenComplete((ack, error) -> {
                        if (error != null) {
                            failure.set(error);
                        }
                        window.release();
                    });
        }
        window.acquire(inFlight);
        double rate = Rates.perSecond(writes, start);
        if (failure.get() != null) {
            throw new IllegalStateException("a publish failed", failure.get());
        }
        return rate;
    }
}
