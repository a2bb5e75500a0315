package io.natskv.tools.verify;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.core.KvEntry;
import io.natskv.core.connect.GivenSettings;
import io.natskv.core.connect.KvKafkaHeaders;
import io.natskv.core.key.KeyCodec;
import io.natskv.core.write.KvWrite.Origin;
import io.natskv.tools.KafkaOptions;
import io.natskv.tools.NatsKv;
import io.natskv.tools.NatsOptions;
import io.natskv.tools.Output;
import io.natskv.tools.OutputOptions;
import io.natskv.tools.SettingsFile;
import io.natskv.tools.ToolException;
import io.natskv.tools.verify.RecordFormat.Compare;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToLongFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compares a bucket with a topic, another bucket, or both. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Compares a bucket with a topic, another bucket, or both, key by key.",
            "",
            "The bucket is read up to its last revision, the topic up to its ends after that. Keys that differ are"
                    + " looked at again while writers go on; what differs still is listed: missing, extra, stale,"
                    + " different, unreadable."
        },
        footer = {
            "",
            "Exit codes: 0 equal, 1 differences, 2 it could not be done.",
            "",
            "Examples:",
            "  nats-kv verify orders --topic kv.orders -b localhost:9092",
            "  nats-kv verify orders --copy orders-copy",
            "  nats-kv verify --config orders-source.json -b localhost:9092 --json",
            "  nats-kv verify orders-copy --topic kv.orders --made-by-sink -b localhost:9092 --key-codec base64"
        })
public final class VerifyCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "BUCKET", description = "The bucket; by default that of --config.")
    private String bucket;

    @Option(names = "--topic", paramLabel = "TOPIC", description = "The topic; by default that of --config.")
    private String topic;

    @Option(names = "--copy", paramLabel = "BUCKET", description = "A bucket that should hold the same.")
    private String copy;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "A connector's configuration, properties or JSON: tells bucket, topic, filters, how records are"
                            + " written, and how to reach NATS.")
    private Path config;

    @Option(
            names = "--made-by-sink",
            description =
                    "The bucket was made of the topic by the sink connector: the topic is right, whatever bucket its"
                            + " records come from.")
    private boolean madeBySink;

    @Option(
            names = "--filter",
            paramLabel = "FILTER",
            description = "Compare only keys that this selects, as orders.>; may be repeated.")
    private List<String> filters = new ArrayList<>();

    @Option(
            names = "--copy-key-codec",
            paramLabel = "CODEC",
            defaultValue = "none",
            description = "How the keys of --copy are encoded: ${COMPLETION-CANDIDATES} (none).")
    private FormatOptions.Codec copyCodec;

    @Option(names = "--copy-server", paramLabel = "URL", description = "Where --copy is, if on another server.")
    private String copyServer;

    @Option(
            names = "--copy-nats-config",
            paramLabel = "FILE",
            description = "Properties with nats.* settings for --copy, if they differ.")
    private Path copyConfig;

    @Option(
            names = "--settle",
            paramLabel = "SECONDS",
            defaultValue = "5",
            description = "How long keys that differ are looked at again (${DEFAULT-VALUE}).")
    private int settle;

    @Option(
            names = "--max-differences",
            paramLabel = "N",
            defaultValue = "10000",
            description = "Look at so many keys that differ, and no more (${DEFAULT-VALUE}).")
    private int maxDifferences;

    @Option(
            names = "--work-dir",
            paramLabel = "FOLDER",
            description =
                    "Where to keep the states of the keys meanwhile, about 30 bytes and the key for each entry and"
                            + " record; by default the system's temporary folder.")
    private Path workDir;

    @Mixin
    private FormatOptions format = new FormatOptions();

    @Mixin
    private NatsOptions nats = new NatsOptions();

    @Mixin
    private KafkaOptions kafka = new KafkaOptions();

    @Mixin
    private OutputOptions outputOptions;

    @Override
    public Integer call() {
        Output output = Output.of(spec.commandLine(), outputOptions);
        Map<String, String> connector = config == null ? Map.of() : SettingsFile.connector(config);
        Target target = Target.of(connector, bucket, topic, filters);
        check(target);
        String transforms = GivenSettings.text(connector, "transforms");
        if (!transforms.isEmpty()) {
            output.note("The connector has transforms (" + transforms
                    + "), which are not followed here: what they change counts as a difference");
        }
        Report report = verify(connector, target, output);
        new ReportText(report, output).show();
        if (report.empty()) {
            output.note("There was nothing to compare: neither side has a key"
                    + (target.isFiltered() ? " that the filters select" : ""));
        }
        if (report.equal()) {
            return 0;
        }
        if (!report.different()) {
            throw new ToolException("Whether they are equal is not known: more than " + maxDifferences
                    + " keys differed at first sight, and those that were looked at again agree. Raise"
                    + " --max-differences, or try it while less is written");
        }
        return NatsKv.FOUND;
    }

    private void check(Target target) {
        if (target.topic() == null && copy == null) {
            throw new ToolException("With what should bucket \"" + target.bucket()
                    + "\" be compared? Give --topic, --copy or --config");
        }
        if ((madeBySink || target.sink()) && (target.topic() == null || copy != null)) {
            throw new ToolException(
                    "A bucket that a sink made (--made-by-sink, a sink's configuration) is compared with the topic it was made"
                            + " of: --topic is needed, and no --copy");
        }
        if (target.bucket().equals(copy) && copyServer == null && copyConfig == null) {
            throw new ToolException("--copy " + copy + " is the bucket itself: say by --copy-server where the copy is");
        }
        if (settle < 0 || maxDifferences < 1) {
            throw new ToolException("--settle must be 0 or more, --max-differences 1 or more");
        }
    }

    private Report verify(Map<String, String> connector, Target target, Output output) {
        boolean sink = madeBySink || target.sink();
        RecordFormat.Settings settings = format.settings(connector, sink);
        Map<String, String> natsSettings = nats.settings(connector);
        Verification.Limits limits = new Verification.Limits(workDir, Duration.ofSeconds(settle), maxDifferences);
        try (Sides sides = new Sides()) {
            BucketSide main = sides.add(new BucketSide(
                    nats.connect(natsSettings),
                    target.bucket(),
                    new Selection(target.filters(), settings.codec()),
                    settings.codec(),
                    new RecordFormat(settings),
                    sink ? origins(target.topic()) : KvEntry::revision,
                    settings.compare() == Compare.revision,
                    output));
            List<Side> copies = new ArrayList<>();
            if (target.topic() != null) {
                copies.add(sides.add(topicSide(connector, target, settings, sink, output)));
            }
            if (copy != null) {
                copies.add(sides.add(copySide(natsSettings, target, settings, output)));
            }
            Side reference = sink ? copies.set(0, main) : main;
            if (sink && (main.expires() || GivenSettings.isSet(connector, SinkConfig.RECORD_TTL))) {
                output.note(
                        "What is written to " + main.name() + " expires: keys that it has forgotten count as missing");
            }
            Verification verification =
                    new Verification(reference, copies, sink ? Long.MAX_VALUE : main.pinned(), limits, output);
            List<Report.Compared> compared = verification.run();
            return new Report(reference.name(), reference.extent(), main.pinned(), compared);
        }
    }

    private TopicSide topicSide(
            Map<String, String> connector, Target target, RecordFormat.Settings settings, boolean sink, Output output) {
        Map<String, Object> client = kafka.settings(KafkaOptions.ofConnector(connector))
                .orElseThrow(() -> new ToolException("Where are the Kafka brokers of topic \"" + target.topic()
                        + "\"? Give --bootstrap-server HOST:PORT"));
        return new TopicSide(
                client,
                target.topic(),
                target.bucket(),
                new Selection(target.filters(), settings.codec()),
                new RecordFormat(settings),
                sink,
                output);
    }

    private BucketSide copySide(
            Map<String, String> natsSettings, Target target, RecordFormat.Settings settings, Output output) {
        Map<String, String> own = copyConfig == null ? natsSettings : SettingsFile.connector(copyConfig);
        Map<String, String> reached = new LinkedHashMap<>(own);
        reached.putIfAbsent("nats.servers", natsSettings.get("nats.servers"));
        if (copyServer != null) {
            reached.put("nats.servers", copyServer);
        }
        KeyCodec codec = copyCodec.codec();
        return new BucketSide(
                nats.connect(reached),
                copy,
                new Selection(target.filters(), settings.codec()),
                codec,
                new RecordFormat(settings),
                VerifyCommand::revisionInHeader,
                settings.compare() == Compare.revision,
                output);
    }

    private static long revisionInHeader(KvEntry entry) {
        String text = entry.header(KvKafkaHeaders.REVISION);
        return text != null && text.matches("\\d{1,18}") ? Long.parseLong(text) : State.UNKNOWN;
    }

    /** From which record of the topic the sink wrote an entry. */
    private static ToLongFunction<KvEntry> origins(String topic) {
        // Before the topic's name there may be its id, and the sink's origin.id; names hold no colon.
        return entry -> Origin.of(entry)
                .filter(origin -> origin.topic()
                        .substring(origin.topic().lastIndexOf(':') + 1)
                        .equals(topic))
                .map(origin -> TopicPlace.of(origin.partition(), origin.offset()))
                .orElse(State.UNKNOWN);
    }

    /** What is open. */
    private static final class Sides implements AutoCloseable {
        private final List<Side> open = new ArrayList<>();

        private <S extends Side> S add(S side) {
            open.add(side);
            return side;
        }

        @Override
        public void close() {
            open.forEach(Side::close);
        }
    }
}
