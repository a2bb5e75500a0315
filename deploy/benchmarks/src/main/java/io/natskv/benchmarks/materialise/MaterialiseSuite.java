package io.natskv.benchmarks.materialise;

import io.nats.client.Connection;
import io.nats.client.impl.Headers;
import io.natskv.benchmarks.Options;
import io.natskv.benchmarks.Report;
import io.natskv.benchmarks.Rounds;
import io.natskv.benchmarks.Samples;
import io.natskv.benchmarks.core.Data;
import io.natskv.benchmarks.core.RawWrites;
import io.natskv.benchmarks.mirror.Ceiling;
import io.natskv.benchmarks.mirror.Costs;
import io.natskv.benchmarks.mirror.MirrorStack;
import io.natskv.benchmarks.mirror.Usage;
import io.natskv.core.KvHeaders;
import io.natskv.testing.kafka.ConnectWorker;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;

/** The sink connector in a real worker, against writes from memory and against a sink that puts one by one; and how long a record takes. */
public final class MaterialiseSuite {
    private static final String MATERIALISE = "materialise";
    private static final String EXACTLY_ONCE = "exactlyOnce";
    private static final String PUBLISH_ASYNC = "publishAsync";
    private static final String ATOMIC_BATCH = "atomicBatch";
    private static final String ATOMIC_BATCH_AHEAD = "atomicBatchAhead";
    private static final String BATCH_SINK = "batchSink";
    private static final String PUT_LOOP = "putLoop";
    private static final String NOOP = "noopSink";
    private static final String TOPIC = "materialise";
    private static final String LOOP_TOPIC = "put-loop";
    /** As long as Kafka's ids of topics are. */
    private static final String TOPIC_ID = "x".repeat(22);

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
        report.describe("processes", MirrorStack.processes());
        report.line(settings.rounds() + " rounds after " + settings.warmUps() + " of warm-up, " + settings.records()
                + " records of " + settings.valueBytes() + " bytes over " + settings.keys() + " keys, "
                + settings.inFlight() + " writes in flight");
        try (MirrorStack stack = new MirrorStack(options.profile(), OtherSinks::install)) {
            Data data = new Data(settings.keys(), settings.valueBytes());
            new TopicLoad(stack, TOPIC).fill(data, settings.records());
            new TopicLoad(stack, LOOP_TOPIC).fill(data, settings.loopRecords());
            try (ConnectWorker worker = stack.worker("sink", false, settings.workerHeap())) {
                Connection connection = stack.connection();
                Costs reading = compare(stack, worker, connection, data);
                compareExactlyOnce(stack, worker, connection, data, reading);
                new SinkLatency(settings, report, stack, worker, connection).run(sink(stack));
            }
        }
    }

    /** Returns what it costs to read the topic. */
    private Costs compare(MirrorStack stack, ConnectWorker worker, Connection connection, Data data) throws Exception {
        Connection writing = stack.connection();
        RawSide raw = new RawSide(
                PUBLISH_ASYNC,
                stack,
                connection,
                settings.records(),
                bucket -> new RawWrites(
                                writing, bucket.name(), data, settings.inFlight(), settings.records(), origins(""))
                        .run());
        SinkRun ours = new SinkRun(
                stack,
                worker,
                connection,
                new SinkRun.Sink(MATERIALISE, sink(stack), "bucket.template", 0, settings.records(), 1));
        SinkRun loop = new SinkRun(
                stack,
                worker,
                connection,
                new SinkRun.Sink(PUT_LOOP, loop(stack), "loop.bucket", 0, settings.loopRecords(), 1));
        SinkRun noop = new SinkRun(stack, worker, connection, noop(stack));
        Map<String, Samples> sides = rounds(List.of(raw, ours, loop, noop));
        report.ratio(MATERIALISE + "/" + PUBLISH_ASYNC, "/s", sides, MATERIALISE, PUBLISH_ASYNC);
        report.ratio(MATERIALISE + "/" + PUT_LOOP, "/s", sides, MATERIALISE, PUT_LOOP);
        report.line("  publishAsync itself, without worker and Kafka, to the sink that puts one by one:");
        report.ratio(PUBLISH_ASYNC + "/" + PUT_LOOP, sides.get(PUBLISH_ASYNC).over(sides.get(PUT_LOOP)));
        Costs reading = costs(noop.usages());
        costs(ours.usages()).tell(report, MATERIALISE, "");
        costs(raw.usages()).tell(report, PUBLISH_ASYNC, "");
        reading.tell(report, NOOP, "");
        stored(ours, raw);
        ceiling(MATERIALISE, sides.get(MATERIALISE), sides.get(PUBLISH_ASYNC), costs(raw.usages()), reading);
        return reading;
    }

    private void compareExactlyOnce(
            MirrorStack stack, ConnectWorker worker, Connection connection, Data data, Costs reading) throws Exception {
        report.line("Exactly once, batches of " + RawBatches.MESSAGES + " messages, one at a time");
        Map<String, String> config = sink(stack);
        config.put("delivery", "exactly_once");
        // So that it knows the topic's id, and its records tell it.
        config.put("kafka.admin.bootstrap.servers", stack.broker().bootstrap());
        config.put("batch.max.records", Integer.toString(RawBatches.MESSAGES - 1));
        SinkRun ours = new SinkRun(
                stack,
                worker,
                connection,
                new SinkRun.Sink(EXACTLY_ONCE, config, "bucket.template", 1, settings.records(), 1));
        RawSide raw = batches(ATOMIC_BATCH, false, stack, connection, data);
        RawSide ahead = batches(ATOMIC_BATCH_AHEAD, true, stack, connection, data);
        SinkRun sink = new SinkRun(stack, worker, connection, batchSink(stack));
        Map<String, Samples> sides = rounds(List.of(raw, ours, ahead, sink));
        report.ratio(EXACTLY_ONCE + "/" + ATOMIC_BATCH, "/s", sides, EXACTLY_ONCE, ATOMIC_BATCH);
        report.line("  by hand, too, with the next batch sent while the one before is committed:");
        report.ratio(EXACTLY_ONCE + "/" + ATOMIC_BATCH_AHEAD, "/s", sides, EXACTLY_ONCE, ATOMIC_BATCH_AHEAD);
        report.line("  a sink in the same worker that sends such batches, and does nothing else:");
        report.ratio(EXACTLY_ONCE + "/" + BATCH_SINK, "/s", sides, EXACTLY_ONCE, BATCH_SINK);
        report.ratio(BATCH_SINK + "/" + ATOMIC_BATCH, "/s", sides, BATCH_SINK, ATOMIC_BATCH);
        costs(ours.usages()).tell(report, EXACTLY_ONCE, "");
        costs(sink.usages()).tell(report, BATCH_SINK, "");
        costs(raw.usages()).tell(report, ATOMIC_BATCH, "");
        stored(ours, raw);
        ceiling(EXACTLY_ONCE, sides.get(EXACTLY_ONCE), sides.get(ATOMIC_BATCH), costs(raw.usages()), reading);
    }

    private RawSide batches(String name, boolean ahead, MirrorStack stack, Connection connection, Data data)
            throws Exception {
        return new RawSide(
                name,
                stack,
                connection,
                settings.records(),
                new RawBatches(stack.connection(), data, settings.records(), ahead, origins(TOPIC_ID + ":")));
    }

    /** The header with which our writes tell where they come from: what is written from memory has the same bytes. */
    private static IntFunction<Headers> origins(String id) {
        return record -> new Headers().put(KvHeaders.ORIGIN, id + TOPIC + "/0/" + record);
    }

    private Map<String, Samples> rounds(List<Rounds.Side> sides) throws Exception {
        return new Rounds(settings.warmUps(), settings.rounds(), line -> report.line("  " + line)).run(sides);
    }

    private Costs costs(List<Usage> usages) {
        return new Costs(usages, settings.warmUps());
    }

    /** How near ours comes to what the processors leave. */
    private void ceiling(String side, Samples ours, Samples raw, Costs writing, Costs reading) {
        Samples left = Ceiling.here().of(raw, writing.total(), reading.kafka().median());
        report.line(String.format(
                Locale.ROOT,
                "  processors that read from Kafka too leave at most %.3f of the rate from memory",
                left.median()));
        report.describe("ceilings", Map.of(side, left.values()));
        report.ratio(side + "/cpuCeiling", ours.over(raw).over(left));
    }

    /** That both write the same. */
    private void stored(SinkRun ours, RawSide raw) {
        report.line(String.format(
                Locale.ROOT,
                "  in the bucket afterwards: %,d bytes by %s, %,d by %s",
                ours.storedBytes(),
                ours.name(),
                raw.storedBytes(),
                raw.name()));
        report.describe("storedBytes", Map.of(ours.name(), ours.storedBytes(), raw.name(), raw.storedBytes()));
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
        config.put("connector.class", OtherSinks.PUT_LOOP);
        config.put("loop.url", stack.nats().url());
        return config;
    }

    private SinkRun.Sink noop(MirrorStack stack) {
        Map<String, String> config = common(TOPIC);
        config.put("connector.class", OtherSinks.NOOP);
        config.put("noop.url", stack.nats().url());
        config.put("noop.records", Integer.toString(settings.records()));
        config.put("noop.passes", Integer.toString(settings.noopPasses()));
        config.put("noop.records.per.entry", Integer.toString(settings.noopRecordsPerEntry()));
        return new SinkRun.Sink(
                NOOP,
                config,
                "noop.bucket",
                0,
                (long) settings.records() * settings.noopPasses() / settings.noopRecordsPerEntry(),
                settings.noopRecordsPerEntry());
    }

    private SinkRun.Sink batchSink(MirrorStack stack) {
        if (settings.records() % RawBatches.MESSAGES != 0) {
            throw new IllegalStateException(settings.records() + " records fill no whole number of batches");
        }
        Map<String, String> config = common(TOPIC);
        config.put("connector.class", OtherSinks.BATCH);
        config.put("batch.url", stack.nats().url());
        config.put("batch.messages", Integer.toString(RawBatches.MESSAGES));
        config.put("batch.origin", KvHeaders.ORIGIN);
        config.put("batch.origin.prefix", TOPIC_ID + ":" + TOPIC + "/0/");
        return new SinkRun.Sink(BATCH_SINK, config, "batch.bucket", 0, settings.records(), 1, true);
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
