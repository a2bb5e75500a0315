package io.natskv.tools.lag;

import com.fasterxml.jackson.databind.JsonNode;
import io.natskv.core.connect.GivenSettings;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.KvException;
import io.natskv.tools.ConnectClient;
import io.natskv.tools.ConnectOptions;
import io.natskv.tools.KafkaOptions;
import io.natskv.tools.NatsKv;
import io.natskv.tools.NatsOptions;
import io.natskv.tools.Output;
import io.natskv.tools.Output.Tone;
import io.natskv.tools.OutputOptions;
import io.natskv.tools.ToolException;
import io.natskv.tools.lag.Lag.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows how far connectors have come. */
@Command(
        name = "lag",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Shows state, position and lag of running connectors, by Connect's REST API.",
            "",
            "A source's position is what the worker has committed (every offset.flush.interval.ms, 60 s by default),"
                    + " its lag the number of changes in the bucket after it. A sink's position is that of its consumer"
                    + " group, or with delivery=exactly_once the offset that is stored in the bucket; its lag the number"
                    + " of records in the topic after it, for which Kafka is asked.",
            "",
            "NATS is reached as the connector's configuration says; options go before it."
        },
        footer = {
            "",
            "Exit codes: 0 none has failed, 1 one has failed or lags more than --max-lag, 2 it could not be done.",
            "",
            "Examples:",
            "  nats-kv lag",
            "  nats-kv lag orders-source -c http://connect:8083 --creds ops.creds",
            "  nats-kv lag orders-sink -b localhost:9092 --max-lag 1000 --json"
        })
public final class LagCommand implements Callable<Integer> {
    private static final List<String> HEAD = List.of("PLACE", "POSITION", "END", "LAG", "");

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "0..*",
            paramLabel = "CONNECTOR",
            description = "Names of connectors; all of this suite if none is given.")
    private List<String> names = new ArrayList<>();

    private final List<String> troubles = new ArrayList<>();

    @Option(names = "--max-lag", paramLabel = "N", description = "End with 1 if one lags more.")
    private Long maxLag;

    @Mixin
    private ConnectOptions connect;

    @Mixin
    private NatsOptions nats;

    @Mixin
    private KafkaOptions kafka;

    @Mixin
    private OutputOptions outputOptions;

    @Override
    public Integer call() {
        Output output = Output.of(spec.commandLine(), outputOptions);
        ConnectClient client = connect.client();
        List<Lag> lags = new ArrayList<>();
        for (String name : names.isEmpty() ? client.connectors() : names) {
            output.progress(() -> "asking for " + name);
            Map<String, String> config = client.config(name);
            boolean ours = isSource(config) || isSink(config);
            if (!ours && !names.isEmpty()) {
                throw new ToolException("Connector \"" + name + "\" is none of this suite: its class is "
                        + GivenSettings.text(config, "connector.class"));
            }
            if (ours) {
                lags.add(lag(client, name, config));
            }
        }
        if (output.isJson()) {
            output.json(lags.stream().map(Lag::json).toList());
        } else if (lags.isEmpty()) {
            output.line("The worker runs no connector of this suite");
        } else {
            lags.forEach(lag -> show(lag, output));
        }
        troubles.forEach(output::error);
        if (!troubles.isEmpty()) {
            return NatsKv.TROUBLE;
        }
        return lags.stream().allMatch(lag -> lag.isGood(maxLag)) ? 0 : NatsKv.FOUND;
    }

    private static boolean isSource(Map<String, String> config) {
        return GivenSettings.text(config, "connector.class").endsWith("NatsKvSourceConnector");
    }

    private static boolean isSink(Map<String, String> config) {
        return GivenSettings.text(config, "connector.class").endsWith("NatsKvSinkConnector");
    }

    private Lag lag(ConnectClient client, String name, Map<String, String> config) {
        JsonNode status = client.status(name);
        List<Task> tasks = new ArrayList<>();
        status.path("tasks")
                .forEach(task -> tasks.add(new Task(
                        task.path("id").asInt(),
                        task.path("state").asText(),
                        task.path("worker_id").asText(),
                        firstLine(task.path("trace").asText("")))));
        JsonNode connector = status.path("connector");
        return new Lag(
                name,
                isSource(config) ? "source" : "sink",
                connector.path("state").asText(),
                firstLine(connector.path("trace").asText("")),
                tasks,
                positionsOrWhyNot(name, config, client.offsets(name)));
    }

    /** What can't be asked for one connector should not keep back the others. */
    private List<Position> positionsOrWhyNot(String name, Map<String, String> config, JsonNode offsets) {
        try {
            return positions(config, offsets);
        } catch (KvException | ToolException | KafkaException e) {
            troubles.add("Connector \"" + name + "\": " + e.getMessage());
            return List.of(new Position("?", null, null, null, "can't be told"));
        }
    }

    private List<Position> positions(Map<String, String> config, JsonNode offsets) {
        Map<String, String> settings = nats.settings(config);
        if (isSource(config)) {
            try (KvConnection connection = nats.connect(settings)) {
                return new SourceLag(connection, config).of(offsets);
            }
        }
        Optional<Map<String, Object>> client = kafka.settings(KafkaOptions.ofConnector(config));
        try {
            return new SinkLag(config, client, () -> nats.connect(settings)).of(offsets);
        } catch (ConfigException e) {
            throw new ToolException("The connector's configuration can't be read: " + e.getMessage(), e);
        }
    }

    private static String firstLine(String trace) {
        return trace.lines().findFirst().orElse("");
    }

    private void show(Lag lag, Output output) {
        String states = lag.tasks().isEmpty()
                ? "no tasks"
                : String.join(
                        ", ",
                        lag.tasks().stream()
                                .map(task -> "task " + task.id() + " " + task.state())
                                .toList());
        boolean good = lag.isInOrder();
        output.line(output.paint(Tone.STRONG, lag.connector()) + " (" + lag.type() + "): "
                + output.paint(good ? Tone.GOOD : Tone.BAD, lag.state() + ", " + states)
                + lag.total().map(total -> ", lag " + total).orElse(""));
        Stream.concat(Stream.of(lag.trace()), lag.tasks().stream().map(Task::trace))
                .filter(trace -> !trace.isEmpty())
                .forEach(trace -> output.line("  " + Output.printable(trace)));
        if (lag.positions().isEmpty()) {
            output.line("  nothing is committed yet");
        } else {
            output.table(HEAD, lag.positions().stream().map(LagCommand::row).toList());
        }
    }

    private static List<String> row(Position position) {
        return List.of(
                position.place(),
                text(position.position()),
                text(position.end()),
                text(position.lag()),
                position.note());
    }

    private static String text(Long number) {
        return number == null ? "-" : number.toString();
    }
}
