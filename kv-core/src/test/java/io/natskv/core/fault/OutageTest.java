package io.natskv.core.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.PatientConnections;
import io.natskv.core.Seed;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import io.natskv.testing.nats.TcpProxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Both engines against a model, while the server dies and the link breaks: the watch loses, repeats and reorders nothing, and of the writes
 * each is stored once, in order within its key.
 */
class OutageTest {
    private static final Duration DEADLINE = Reading.DEADLINE;

    private enum Fault {
        KILL,
        PAUSE,
        CUT,
        RESET,
        HALF_OPEN,
        DELAY
    }

    @ParameterizedTest
    @EnumSource(NatsVersion.class)
    void nothingIsLostWhenTheServerIsKilled(NatsVersion version) throws Exception {
        run(version, List.of(Fault.KILL, Fault.KILL, Fault.KILL));
    }

    @Test
    void nothingIsLostWhenTheLinkBreaks() throws Exception {
        run(
                NatsVersion.latest(),
                List.of(Fault.CUT, Fault.RESET, Fault.DELAY, Fault.HALF_OPEN, Fault.PAUSE, Fault.KILL));
    }

    private void run(NatsVersion version, List<Fault> faults) throws Exception {
        long seed = Seed.next();
        try (NatsServer server = NatsServer.start(version);
                TcpProxy proxy = TcpProxy.to(server);
                TcpProxy other = TcpProxy.to(server);
                KvConnection direct = PatientConnections.open(server.url());
                KvConnection connection = KvConnection.open(NatsConnectionConfig.builder()
                        .servers(List.of(proxy.url(), other.url()))
                        .ignoreDiscoveredServers(true)
                        .build())) {
            KvBucket bucket = new KvBuckets(direct)
                    .create(BucketConfig.builder("outage")
                            .history(Traffic.HISTORY)
                            .build());
            KvBucket throughProxy = new KvBuckets(connection).open("outage");
            try (Reading reading = Reading.of(throughProxy, Reading.everything());
                    Traffic traffic = Traffic.of(throughProxy, seed)) {
                for (Fault fault : faults) {
                    reading.awaitMore(300);
                    inflict(fault, server, proxy, other, connection);
                    long back = System.nanoTime();
                    reading.awaitMore(1);
                    System.out.printf(
                            "%s %s: delivery back after %d ms%n",
                            version, fault, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - back));
                    proxy.heal();
                    other.heal();
                }
                assertThat(reading.stats().recreations()).isPositive();
                var model = traffic.finish();
                Awaitility.await().atMost(DEADLINE).until(direct::isConnected);
                Traffic.assertNothingLost(reading, bucket, model, seed);
            }
        }
    }

    private static void inflict(
            Fault fault, NatsServer server, TcpProxy proxy, TcpProxy other, KvConnection connection) {
        switch (fault) {
            case KILL -> {
                server.kill();
                server.restart();
            }
            case PAUSE -> {
                server.pause();
                try {
                    // Until the client gives up on the link by itself.
                    Awaitility.await().atMost(DEADLINE).until(() -> !connection.isConnected());
                } finally {
                    server.resume();
                }
            }
            case CUT -> {
                proxy.cut();
                other.cut();
            }
            case RESET -> {
                proxy.reset();
                other.reset();
            }
            case DELAY -> {
                // Slow enough that much is under way when the link breaks on top of it.
                proxy.delay(Duration.ofMillis(150));
                other.delay(Duration.ofMillis(150));
                proxy.cut();
                other.cut();
                Awaitility.await().atMost(DEADLINE).until(connection::isConnected);
            }
            case HALF_OPEN -> {
                // Neither end hears of it; only asking the server shows that nothing passes.
                TcpProxy used = proxy.connections() > 0 ? proxy : other;
                TcpProxy free = used == proxy ? other : proxy;
                used.halfOpen();
                Awaitility.await().atMost(DEADLINE).until(() -> free.connections() > 0);
                used.heal();
            }
            default -> throw new AssertionError(fault);
        }
    }
}
