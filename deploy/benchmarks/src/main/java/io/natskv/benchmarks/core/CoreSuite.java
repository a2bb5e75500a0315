package io.natskv.benchmarks.core;

import io.natskv.benchmarks.Options;
import io.natskv.benchmarks.Report;
import io.natskv.benchmarks.Rounds;
import io.natskv.benchmarks.Samples;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.write.WriterOptions;
import java.util.List;
import java.util.Map;

/** kv-core against what jnats does by itself. Each comparison has a fresh server; its sides take turns in this JVM. */
public final class CoreSuite {
    private static final String PER_SECOND = "/s";

    private final CoreSettings settings;
    private final Report report;

    public CoreSuite(Options options, Report report) {
        this.settings = CoreSettings.of(options);
        this.report = report;
    }

    /** Runs everything, one after another. */
    public void run() throws Exception {
        report.describe("settings", settings);
        report.line(settings.rounds() + " rounds after " + settings.warmUps() + " of warm-up, values of "
                + settings.valueBytes() + " bytes, " + settings.inFlight() + " writes in flight");
        writes();
        hotKey();
        watches();
        new Recovery(settings, report).run();
    }

    private Map<String, Samples> rounds(List<? extends Rounds.Side> sides) throws Exception {
        return new Rounds(settings.warmUps(), settings.rounds(), line -> report.line("  " + line)).run(sides);
    }

    private void writes() throws Exception {
        report.line("Writes to " + settings.keys() + " keys");
        Data data = new Data(settings.keys(), settings.valueBytes());
        try (Bench bench = new Bench()) {
            // A bucket for each side: in it nobody else writes. The keys are there before.
            KvBucket warm = bench.bucket("warm");
            KvBucket cold = bench.bucket("cold");
            bench.bucket("raw");
            bench.bucket("loop");
            for (String bucket : List.of("warm", "cold", "raw", "loop")) {
                load(bench, bucket, data);
            }
            Map<String, Samples> sides = rounds(List.of(
                    OurWrites.warm("writer", bench.writer(warm, options()), data, settings.writes()),
                    new RawWrites(bench.raw(), "raw", data, settings.inFlight(), settings.writes()),
                    OurWrites.cold("writerCold", () -> cold.writer(options()), data),
                    new PutLoop(bench.raw(), "loop", data, settings.puts())));
            report.ratio("writer/publishAsync", PER_SECOND, sides, "writer", "publishAsync");
            report.ratio("writerCold/publishAsync", PER_SECOND, sides, "writerCold", "publishAsync");
            report.ratio("writer/putLoop", PER_SECOND, sides, "writer", "putLoop");
        }
    }

    private void hotKey() throws Exception {
        report.line("Writes to one key");
        Data data = new Data(1, settings.valueBytes());
        try (Bench bench = new Bench()) {
            KvBucket coalesced = bench.bucket("coalesced");
            KvBucket queued = bench.bucket("queued");
            bench.bucket("loop");
            Map<String, Samples> sides = rounds(List.of(
                    OurWrites.warm(
                            "hotKey",
                            bench.writer(coalesced, options().withCoalesce(true)),
                            data,
                            settings.hotWrites()),
                    OurWrites.warm("hotKeyQueued", bench.writer(queued, options()), data, settings.puts()),
                    new PutLoop(bench.raw(), "loop", data, settings.puts())));
            report.ratio("hotKey/putLoop", PER_SECOND, sides, "hotKey", "putLoop");
            report.ratio("hotKeyQueued/putLoop", PER_SECOND, sides, "hotKeyQueued", "putLoop");
        }
    }

    private void watches() throws Exception {
        report.line("A bucket of " + settings.snapshotKeys() + " keys, read whole");
        try (Bench bench = new Bench()) {
            KvBucket bucket = bench.bucket("snapshot");
            load(bench, bucket.name(), new Data(settings.snapshotKeys(), settings.valueBytes()));
            Map<String, Samples> sides = rounds(List.of(
                    new Snapshots.Watch(bucket, settings.snapshotKeys()),
                    new Snapshots.OrderedPull(bench.raw(), bucket.name(), settings.snapshotKeys())));
            report.ratio("watch/orderedPull", PER_SECOND, sides, "watch", "orderedPull");
        }
    }

    private void load(Bench bench, String bucket, Data data) throws Exception {
        new RawWrites(bench.raw(), bucket, data, settings.inFlight(), data.keys()).run();
    }

    private WriterOptions options() {
        return WriterOptions.DEFAULT.withInFlight(settings.inFlight(), WriterOptions.DEFAULT.maxInFlightBytes());
    }
}
