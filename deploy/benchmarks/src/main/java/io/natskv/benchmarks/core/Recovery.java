package io.natskv.benchmarks.core;

import io.natskv.benchmarks.Report;
import io.natskv.benchmarks.Samples;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.testing.nats.NatsServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/**
 * Kills the server under light traffic and starts it again, over and over. The count begins when the JetStream API answers again for the
 * bucket's stream: before that, nobody could deliver.
 */
final class Recovery {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String BUCKET = "recovery";

    private final CoreSettings settings;
    private final Report report;
    private final List<Double> watchMillis = new ArrayList<>();
    private final List<Double> watchMillisFromStart = new ArrayList<>();
    private final List<Double> writerMillis = new ArrayList<>();

    Recovery(CoreSettings settings, Report report) {
        this.settings = settings;
        this.report = report;
    }

    void run() throws Exception {
        report.line("kill -9 and restart of the server, " + settings.kills() + " times, with " + settings.recoveryKeys()
                + " keys in the watched bucket");
        Data data = new Data(settings.recoveryKeys(), settings.valueBytes());
        try (Bench bench = new Bench()) {
            KvBucket watched = bench.bucket(BUCKET);
            new RawWrites(bench.raw(), BUCKET, data, settings.inFlight(), data.keys()).run();
            KvBucket written = new KvBuckets(bench.ours()).open(BUCKET);
            try (ChangeReader reader = new ChangeReader(watched);
                    Traffic traffic = new Traffic(written, data, Duration.ofMillis(settings.trafficEachMillis()))) {
                for (int kill = 0; kill < settings.kills(); kill++) {
                    kill(bench.server(), downtime(kill), reader.delivered(), traffic.acknowledged());
                    reader.check();
                    traffic.check();
                }
            }
        }
        Samples watch = new Samples(watchMillis);
        report.figure("recovery-ms-max", "ms", watch.max(), watch);
        report.figure("recovery-ms-median", "ms", watch.median(), watch);
        Samples fromStart = new Samples(watchMillisFromStart);
        report.figure("recovery-from-start-ms-max", "ms", fromStart.max(), fromStart);
        report.figure("recovery-from-start-ms-median", "ms", fromStart.median(), fromStart);
        Samples writer = new Samples(writerMillis);
        report.figure("writer-recovery-ms-max", "ms", writer.max(), writer);
    }

    private Duration downtime(int kill) {
        return Duration.ofMillis(
                settings.downtimesMillis().get(kill % settings.downtimesMillis().size()));
    }

    private void kill(NatsServer server, Duration downtime, Moments delivered, Moments acknowledged) throws Exception {
        // Both engines are at work.
        delivered.firstAfter(System.nanoTime(), PATIENCE);
        acknowledged.firstAfter(System.nanoTime(), PATIENCE);
        server.kill();
        LockSupport.parkNanos(downtime.toNanos());
        StreamProbe probe = new StreamProbe(server.port(), BUCKET);
        CompletableFuture<Long> answer = CompletableFuture.supplyAsync(() -> probe.awaitAnswer(PATIENCE));
        long started = System.nanoTime();
        server.restart();
        long change = delivered.firstAfter(started, PATIENCE);
        long stored = acknowledged.firstAfter(started, PATIENCE);
        long answered = answer.get();
        watchMillis.add(millis(answered, change));
        watchMillisFromStart.add(millis(started, change));
        writerMillis.add(millis(answered, stored));
        report.line(String.format(
                Locale.ROOT,
                "  kill %d: dead %d ms, API back after %.0f ms, then delivery in %.0f ms, first acknowledgement in %.0f ms",
                watchMillis.size(),
                downtime.toMillis(),
                millis(started, answered),
                millis(answered, change),
                millis(answered, stored)));
    }

    private static double millis(long from, long to) {
        // Another connection than the probe's may have been served a moment before it.
        return Math.max(0, (to - from) / 1e6);
    }
}
