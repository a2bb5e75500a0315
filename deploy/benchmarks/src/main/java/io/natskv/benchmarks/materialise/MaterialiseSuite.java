package io.natskv.benchmarks.materialise;

import io.nats.client.Connection;
import io.natskv.benchmarks.Options;
import io.natskv.benchmarks.Report;
import io.natskv.benchmarks.Rounds;
import io.natskv.benchmarks.Samples;
import io.natskv.benchmarks.core.Data;
import io.natskv.benchmarks.mirror.Cpu;
import io.natskv.benchmarks.mirror.MirrorStack;
import io.natskv.testing.kafka.ConnectWorker;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The sink connector in a real worker, against writes from memory and against a sink that puts one by one; and how long a record takes. */
public final class MaterialiseSuite {
    private static final String MATERIALISE = "materialise";
    private static final String EXACTLY_ONCE = "exactlyOnce";
    private static final String PUT_LOOP = "putLoop";
    private static final String TOPIC = "materialise";
    private static final String LOOP_TOPIC = "put-loop";

    private final MaterialiseSettings settings;
    private final Options options;
    private final Report report;

    public MaterialiseSuite(Options options, Report report) {
        this.settings = MaterialiseSettings.of(options);
        this.options = options;
        this.report = report;
    }

    /** Runs everything, one after another. */
    public void run() throws Exception {
        report.describe("settings", settings);
        report.line(settings.rounds() + " rounds after " + settings.warmUps() + " of warm-up, " + settings.records()
                + " records of " + settings.valueBytes() + " bytes over " + settings.keys() + " keys, "
                + settings.inFlight() + " writes in flight");
        try (MirrorStack stack = new MirrorStack(options.profile(), PutLoopPlugin::install)) {
            Data data = new Data(settings.keys(), settings.valueBytes());
            new TopicLoad(stack, TOPIC).fill(data, settings.records());
            new TopicLoad(stack, LOOP_TOPIC).fill(data, settings.loopRecords());
            Connection connection = stack.connection();
            try (ConnectWorker worker = stack.worker("sink", false, settings.workerHeap())) {
                compare(stack, worker, connection, data);
                compareExactlyOnce(stack, worker, connection, data);
                new SinkLatency(settings, report, stack, worker, connection).run(sink(stack));
            }
        }
    }

    private void compare(MirrorStack stack, ConnectWorker worker, Connection connection, Data data) throws Exception {
        SinkRun ours =
                new SinkRun(MATERIALISE, stack, worker, connection, settings.records(), sink(stack), "bucket.template");
        SinkRun loop =
                new SinkRun(PUT_LOOP, stack, worker, connection, settings.loopRecords(), loop(stack), "loop.bucket");
        RawSide raw = new RawSide(stack.connection(), data, settings);
        Map<String, Samples> sides = new Rounds(settings.warmUps(), settings.rounds(), line -> report.line("  " + line))
                .run(List.of(raw, ours, loop));
        report.ratio(MATERIALISE + "/" + RawSide.NAME, "/s", sides, MATERIALISE, RawSide.NAME);
        report.ratio(MATERIALISE + "/" + PUT_LOOP, "/s", sides, MATERIALISE, PUT_LOOP);
        costs(ours, "worker", Cpu::worker);
        costs(ours, "broker", Cpu::broker);
        costs(ours, "nats", Cpu::nats);
    }

    private void compareExactlyOnce(MirrorStack stack, ConnectWorker worker, Connection connection, Data data)
            throws Exception {
        report.line("Exactly once, batches of " + RawBatches.MESSAGES + " messages, one at a time");
        Map<String, String> config = sink(stack);
        config.put("delivery", "exactly_once");
        config.put("batch.max.records", Integer.toString(RawBatches.MESSAGES - 1));
        config.put("consumer.override.max.poll.records", Integer.toString(2 * RawBatches.MESSAGES));
        SinkRun ours =
                new SinkRun(EXACTLY_ONCE, stack, worker, connection, settings.records(), config, "bucket.template");
        RawBatches raw = new RawBatches(stack.connection(), data, settings.records());
        Map<String, Samples> sides = new Rounds(settings.warmUps(), settings.rounds(), line -> report.line("  " + line))
                .run(List.of(raw, ours));
        report.ratio(EXACTLY_ONCE + "/" + RawBatches.NAME, "/s", sides, EXACTLY_ONCE, RawBatches.NAME);
        costs(ours, "worker", Cpu::worker);
        costs(ours, "nats", Cpu::nats);
    }

    private void costs(SinkRun side, String process, ToDoubleFunction<Cpu> seconds) {
        List<SinkRun.Usage> counted =
                side.usages().subList(settings.warmUps(), side.usages().size());
        Samples perMillion = new Samples(counted.stream()
                .map(usage -> seconds.applyAsDouble(usage.cpu()) * 1e6 / usage.records())
                .toList());
        report.figure(
                String.format(Locale.ROOT, "%s-%s-cpu-s-per-million", side.name(), process),
                "s",
                perMillion.median(),
                perMillion);
    }

    private Map<String, String> sink(MirrorStack stack) {
        Map<String, String> config = common(TOPIC);
        config.put("connector.class", "io.natskv.connect.sink.NatsKvSinkConnector");
        config.put("nats.servers", stack.nats().url());
        config.put("max.in.flight", Integer.toString(settings.inFlight()));
        return config;
    }

    private static Map<String, String> loop(MirrorStack stack) {
        Map<String, String> config = common(LOOP_TOPIC);
        config.put("connector.class", PutLoopPlugin.CONNECTOR);
        config.put("loop.url", stack.nats().url());
        return config;
    }

    private static Map<String, String> common(String topic) {
        Map<String, String> config = new HashMap<>();
        config.put("tasks.max", "1");
        config.put("topics", topic);
        config.put("consumer.override.auto.offset.reset", "earliest");
        config.put("key.converter", "org.apache.kafka.connect.storage.StringConverter");
        config.put("value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
        return config;
    }
}
