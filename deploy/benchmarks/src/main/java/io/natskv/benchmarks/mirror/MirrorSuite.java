package io.natskv.benchmarks.mirror;

import io.natskv.benchmarks.Options;
import io.natskv.benchmarks.Report;
import io.natskv.benchmarks.Rounds;
import io.natskv.benchmarks.Samples;
import io.natskv.testing.kafka.ConnectWorker;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The source connector in a real worker, against a connector that reads nothing; and how long a change takes. */
public final class MirrorSuite {
    private static final String MIRROR = "mirror";
    private static final String NOOP = "noopSource";
    private static final String BUCKET = "mirror";
    private static final String CEILING = "/cpuCeiling";
    private static final String ALL_BUSY = "AllBusy";

    private final MirrorSettings settings;
    private final Options options;
    private final Report report;

    public MirrorSuite(Options options, Report report) {
        this.settings = MirrorSettings.of(options);
        this.options = options;
        this.report = report;
    }

    /** Runs everything, one after another. */
    public void run() throws Exception {
        report.describe("settings", settings);
        report.describe("processes", MirrorStack.processes());
        report.line(settings.rounds() + " rounds after " + settings.warmUps() + " of warm-up, " + settings.records()
                + " records of " + settings.valueBytes() + " bytes and five headers, up to "
                + settings.batchMaxRecords() + " a poll");
        try (MirrorStack stack = new MirrorStack(options.profile())) {
            Mode atLeastOnce;
            new BucketLoad(stack.connection(), BUCKET, settings.valueBytes()).fill(settings.records());
            try (ConnectWorker worker = stack.worker("at-least-once", false, settings.workerHeap())) {
                atLeastOnce = compare(stack, worker, "AtLeastOnce");
                new Latency(settings, report, stack, worker).run();
            }
            Mode exactlyOnce;
            try (ConnectWorker worker = stack.worker("exactly-once", true, settings.workerHeap())) {
                exactlyOnce = compare(stack, worker, "ExactlyOnce");
            }
            Mode worse = atLeastOnce.ratios.median() < exactlyOnce.ratios.median() ? atLeastOnce : exactlyOnce;
            report.line("The worse one of both, " + worse.name + ":");
            report.ratio(MIRROR + "/" + NOOP, worse.ratios);
            report.ratio(MIRROR + CEILING, worse.ofCeiling);
            report.ratio(MIRROR + CEILING + ALL_BUSY, worse.ofBusy);
        }
    }

    /**
     * A way of delivery.
     *
     * @param ratios ours to the no-op source's, round by round
     * @param ofCeiling the same, divided by what would be left to us if we cost nothing but the NATS server
     * @param ofBusy the same, if the processors that the no-op source leaves idle were ours besides
     */
    private record Mode(String name, Samples ratios, Samples ofCeiling, Samples ofBusy) {}

    private Mode compare(MirrorStack stack, ConnectWorker worker, String name) throws Exception {
        report.line("Source against no-op source, " + name);
        SourceRun ours = new SourceRun(stack, worker, MIRROR, settings.records(), ourSettings(stack), "topic.template");
        SourceRun noop = new SourceRun(stack, worker, NOOP, settings.records(), noopSettings(), "noop.topic");
        Map<String, Samples> sides = new Rounds(settings.warmUps(), settings.rounds(), line -> report.line("  " + line))
                .run(List.of(ours, noop));
        Costs ourCosts = new Costs(ours.usages(), settings.warmUps());
        Costs noopCosts = new Costs(noop.usages(), settings.warmUps());
        report.ratio(MIRROR + name + "/" + NOOP, "/s", sides, MIRROR, NOOP);
        ourCosts.tell(report, MIRROR + name, transactions(ours));
        noopCosts.tell(report, NOOP + name, transactions(noop));
        Samples ratios = sides.get(MIRROR).over(sides.get(NOOP));
        Samples ceiling = noopCosts.kafka().over(noopCosts.kafka().plus(ourCosts.nats()));
        report.line(String.format(
                Locale.ROOT,
                "  the NATS server's part of the processors leaves %.3f of the no-op source's rate",
                ceiling.median()));
        report.describe("ceilings", Map.of(MIRROR + name, ceiling.values()));
        Samples ofCeiling = ratios.over(ceiling);
        report.ratio(MIRROR + name + CEILING, ofCeiling);
        Samples whenAllBusy = Ceiling.here().of(sides.get(NOOP), noopCosts.kafka(), ourCosts.nats());
        report.line(String.format(
                Locale.ROOT,
                "  processors that are all busy would leave %.3f: the no-op source kept %.2f busy",
                whenAllBusy.median(),
                noopCosts.busy().median()));
        report.describe("ceilings", Map.of(MIRROR + name + ALL_BUSY, whenAllBusy.values()));
        Samples ofBusy = ratios.over(whenAllBusy);
        report.ratio(MIRROR + name + CEILING + ALL_BUSY, ofBusy);
        return new Mode(name, ratios, ofCeiling, ofBusy);
    }

    private String transactions(SourceRun side) {
        double median = new Samples(side.transactions()
                        .subList(settings.warmUps(), side.transactions().size()))
                .median();
        return median > 0 ? String.format(Locale.ROOT, ", %.0f transactions", median) : "";
    }

    private Map<String, String> ourSettings(MirrorStack stack) {
        Map<String, String> config = common();
        config.put("connector.class", "io.natskv.connect.source.NatsKvSourceConnector");
        config.put("nats.servers", stack.nats().url());
        config.put("kv.buckets", BUCKET);
        return config;
    }

    private Map<String, String> noopSettings() {
        Map<String, String> config = common();
        config.put("connector.class", NoopPlugin.CONNECTOR);
        config.put("noop.records", Integer.toString(settings.records()));
        config.put("noop.value.bytes", Integer.toString(settings.valueBytes()));
        return config;
    }

    private Map<String, String> common() {
        Map<String, String> config = new HashMap<>(settings.producer());
        config.put("tasks.max", "1");
        config.put("batch.max.records", Integer.toString(settings.batchMaxRecords()));
        config.put("key.converter", "org.apache.kafka.connect.storage.StringConverter");
        config.put("value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
        return config;
    }
}
