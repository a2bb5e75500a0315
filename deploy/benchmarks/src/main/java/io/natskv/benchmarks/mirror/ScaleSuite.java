package io.natskv.benchmarks.mirror;

import io.nats.client.Connection;
import io.natskv.benchmarks.Options;
import io.natskv.benchmarks.Report;
import io.natskv.benchmarks.Rounds;
import io.natskv.benchmarks.Samples;
import io.natskv.testing.kafka.ConnectWorker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A bucket of a million keys and a gigabyte through a worker with a small heap, and what a key costs there compared with one of a small bucket. A
 * worker that needs more memory ends, and with it the run.
 */
public final class ScaleSuite {
    private final Settings settings;
    private final Options options;
    private final Report report;

    /**
     * How much is done.
     *
     * @param rounds rounds that count
     * @param warmUps rounds before them
     * @param valueBytes length of every value
     * @param largeKeys keys of the large bucket
     * @param smallKeys keys of the small one
     * @param smallRuns how often the small one is read in a round
     * @param workerHeap heap of the Connect worker
     */
    private record Settings(
            int rounds, int warmUps, int valueBytes, int largeKeys, int smallKeys, int smallRuns, String workerHeap) {
        static Settings of(Options options) {
            return options.quick()
                    ? new Settings(options.rounds().orElse(2), 1, 1_000, 20_000, 2_000, 2, "256m")
                    : new Settings(options.rounds().orElse(3), 1, 1_000, 1_000_000, 10_000, 10, "256m");
        }
    }

    public ScaleSuite(Options options, Report report) {
        this.settings = Settings.of(options);
        this.options = options;
        this.report = report;
    }

    /** Runs everything, one after another. */
    public void run() throws Exception {
        report.describe("versions", MirrorSuite.versions());
        report.describe("settings", settings);
        report.line(String.format(
                Locale.ROOT,
                "%,d and %,d keys with values of %,d bytes, through a worker with a heap of %s",
                settings.largeKeys,
                settings.smallKeys,
                settings.valueBytes,
                settings.workerHeap));
        try (MirrorStack stack = new MirrorStack(options.profile())) {
            Connection connection = stack.connection();
            new BucketLoad(connection, "large", settings.valueBytes).fill(settings.largeKeys);
            new BucketLoad(connection, "small", settings.valueBytes).fill(settings.smallKeys);
            try (ConnectWorker worker = stack.worker("scale", false, settings.workerHeap)) {
                SourceRun large = run(stack, worker, "large", settings.largeKeys);
                SourceRun small = run(stack, worker, "small", settings.smallKeys);
                Map<String, Samples> sides = new Rounds(
                                settings.warmUps, settings.rounds, line -> report.line("  " + line))
                        .run(List.of(large, new Repeated(small, settings.smallRuns)));
                Samples cost = sides.get("small").over(sides.get("large"));
                report.figure("rate-large-per-s", "/s", sides.get("large").median(), sides.get("large"));
                report.figure("rate-small-per-s", "/s", sides.get("small").median(), sides.get("small"));
                report.figure("cost-per-key-large-to-small", "", cost.median(), cost);
                memory(worker);
            }
        }
    }

    private void memory(ConnectWorker worker) throws IOException {
        Path status = Path.of("/proc", Long.toString(worker.pid()), "status");
        if (Files.isReadable(status)) {
            for (String line : Files.readAllLines(status)) {
                if (line.startsWith("VmHWM:")) {
                    double megabytes = Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
                    report.figure("worker-memory-max-mb", "MB", megabytes, new Samples(List.of(megabytes)));
                }
            }
        }
    }

    private SourceRun run(MirrorStack stack, ConnectWorker worker, String bucket, int keys) {
        return new SourceRun(
                stack,
                worker,
                bucket,
                keys,
                Map.of(
                        "connector.class", "io.natskv.connect.source.NatsKvSourceConnector",
                        "nats.servers", stack.nats().url(),
                        "kv.buckets", bucket,
                        "key.converter", "org.apache.kafka.connect.storage.StringConverter",
                        "value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter"),
                "topic.template");
    }

    /** The same several times: a single run is too short for a clock of milliseconds. */
    private record Repeated(SourceRun side, int times) implements Rounds.Side {
        @Override
        public String name() {
            return side.name();
        }

        @Override
        public double run() throws Exception {
            List<Double> seconds = new ArrayList<>();
            for (int i = 0; i < times; i++) {
                seconds.add(1 / side.run());
            }
            return times / seconds.stream().mapToDouble(Double::doubleValue).sum();
        }
    }
}
