package io.natskv.benchmarks.camel;

import io.natskv.benchmarks.Options;
import io.natskv.benchmarks.Report;
import io.natskv.benchmarks.Rounds;
import io.natskv.benchmarks.Samples;
import io.natskv.benchmarks.core.Bench;
import io.natskv.benchmarks.core.Data;
import io.natskv.benchmarks.core.RawWrites;
import io.natskv.benchmarks.core.Snapshots;
import io.natskv.benchmarks.latency.LatencyMeter;
import io.natskv.benchmarks.latency.LatencyRounds;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Routes with {@code nats-kv:} against jnats alone, and against routes with camel-nats on the bucket's subjects. */
public final class CamelSuite {
    private static final String PER_SECOND = "/s";

    private final CamelSettings settings;
    private final Report report;

    public CamelSuite(Options options, Report report) {
        this.settings = CamelSettings.of(options);
        this.report = report;
    }

    /** Runs everything, one after another. */
    public void run() throws Exception {
        report.describe("settings", settings);
        report.line(settings.rounds() + " rounds after " + settings.warmUps() + " of warm-up, values of "
                + settings.valueBytes() + " bytes");
        manyWrites();
        singleWrites();
        reads();
        latency();
    }

    private Map<String, Samples> rounds(List<? extends Rounds.Side> sides) throws Exception {
        return new Rounds(settings.warmUps(), settings.rounds(), line -> report.line("  " + line)).run(sides);
    }

    private void manyWrites() throws Exception {
        report.line("Writes to " + settings.keys() + " keys, " + settings.putAllSize() + " in an exchange");
        Data data = new Data(settings.keys(), settings.valueBytes());
        try (Bench bench = new Bench();
                Routes routes = new Routes(bench.server().url())) {
            for (String bucket : List.of("camel", "raw")) {
                bench.bucket(bucket);
                load(bench, bucket, data);
            }
            Map<String, Samples> sides = rounds(List.of(
                    new CamelWrites.PutAll(routes, "camel", data, settings),
                    new RawWrites(bench.raw(), "raw", data, settings.inFlight(), settings.writes())));
            report.ratio("camelPutAll/publishAsync", PER_SECOND, sides, "camelPutAll", "publishAsync");
        }
    }

    private void singleWrites() throws Exception {
        report.line("Writes to one key, one in an exchange");
        Data data = new Data(1, settings.valueBytes());
        try (Bench bench = new Bench();
                Routes routes = new Routes(bench.server().url())) {
            bench.bucket("camel");
            bench.bucket("nats");
            Map<String, Samples> sides = rounds(List.of(
                    CamelWrites.Puts.natsKv(routes, "camel", data, settings.puts()),
                    CamelWrites.Puts.camelNats(routes, bench.server().url(), "nats", data, settings.puts())));
            report.ratio("camelPut/camelNatsPut", PER_SECOND, sides, "camelPut", "camelNatsPut");
        }
    }

    private void reads() throws Exception {
        int keys = settings.snapshotKeys();
        report.line("A bucket of " + keys + " keys, read whole");
        try (Bench bench = new Bench();
                Routes routes = new Routes(bench.server().url())) {
            String bucket = bench.bucket("snapshot").name();
            load(bench, bucket, new Data(keys, settings.valueBytes()));
            Map<String, Samples> sides = rounds(List.of(
                    CamelReads.batches(routes, bucket, settings),
                    new Snapshots.OrderedPull(bench.raw(), bucket, keys),
                    CamelReads.oneByOne(routes, bucket, keys),
                    CamelReads.camelNats(routes, bench.server().url(), bucket, keys)));
            report.ratio("camelConsumer/orderedPull", PER_SECOND, sides, "camelConsumer", "orderedPull");
            report.ratio(
                    "camelConsumerOneByOne/orderedPull", PER_SECOND, sides, "camelConsumerOneByOne", "orderedPull");
            report.ratio(
                    "camelConsumerOneByOne/camelNatsConsumer",
                    PER_SECOND,
                    sides,
                    "camelConsumerOneByOne",
                    "camelNatsConsumer");
        }
    }

    private void latency() throws Exception {
        report.line("From a put to its exchange, at " + settings.latency().mainRate() + " a second");
        try (Bench bench = new Bench();
                Routes routes = new Routes(bench.server().url())) {
            bench.bucket("camel");
            bench.bucket("nats");
            CamelLatency camel = new CamelLatency(
                    settings.valueBytes(), routes, "camelLatency", "nats-kv:camel", bench.raw(), "camel");
            String uri = CamelReads.natsUri(bench.server().url(), "nats");
            CamelLatency nats =
                    new CamelLatency(settings.valueBytes(), routes, "camelNatsLatency", uri, bench.raw(), "nats");
            Map<String, LatencyMeter.Round> ways = new LinkedHashMap<>();
            ways.put("camel-latency", camel::round);
            ways.put("camelNats-latency", nats::round);
            Map<String, LatencyRounds> rounds = new LatencyMeter(settings.latency(), report).measure(ways);
            rounds.forEach((name, each) -> {
                for (double percent : List.of(50.0, 99.0)) {
                    Samples millis = each.eachAt(percent);
                    report.figure(name + "-ms-" + LatencyRounds.label(percent), "ms", millis.median(), millis);
                }
            });
        }
    }

    private void load(Bench bench, String bucket, Data data) throws Exception {
        new RawWrites(bench.raw(), bucket, data, settings.inFlight(), data.keys()).run();
    }
}
