package io.natskv.tools.offsets;

import io.natskv.connect.sink.exactlyonce.StoredOffset;
import io.natskv.core.connection.KvConnection;
import io.natskv.tools.NatsOptions;
import io.natskv.tools.Output;
import io.natskv.tools.OutputOptions;
import io.natskv.tools.offsets.StoredOffsets.Held;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows stored offsets. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Shows stored offsets, also of connectors that are gone.",
        footer = {
            "",
            "Examples:",
            "  nats-kv offsets list",
            "  nats-kv offsets list orders-copy --id orders-sink --json"
        })
final class OffsetsListCommand implements Runnable {
    static final List<String> HEAD =
            List.of("BUCKET", "ID", "TOPIC", "PARTITION", "NEXT OFFSET", "CLAIMS", "BATCHES", "WRITTEN");

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "BUCKET", description = "The bucket; all buckets if it is left out.")
    private String bucket;

    @Option(names = "--id", paramLabel = "ID", description = "Only of this eos.id, the connector's name by default.")
    private String id;

    @Mixin
    private NatsOptions nats;

    @Mixin
    private OutputOptions outputOptions;

    @Override
    public void run() {
        Output output = Output.of(spec.commandLine(), outputOptions);
        List<Held> found;
        try (KvConnection connection = nats.connect()) {
            StoredOffsets stored = new StoredOffsets(connection);
            found = (bucket == null ? stored.all() : stored.of(bucket))
                    .stream()
                            .filter(held -> id == null
                                    || held.offset() != null
                                            && held.offset().id().equals(id))
                            .toList();
        }
        if (output.isJson()) {
            output.json(found.stream().map(OffsetsListCommand::json).toList());
        } else if (found.isEmpty()) {
            output.line("No offsets are stored" + (bucket == null ? "" : " in bucket \"" + bucket + "\"")
                    + (id == null ? "" : " of id \"" + id + "\""));
        } else {
            output.table(HEAD, found.stream().map(OffsetsListCommand::row).toList());
        }
    }

    static List<String> row(Held held) {
        StoredOffset offset = held.offset();
        if (offset == null) {
            return List.of(held.bucket(), "(not readable: " + held.subject() + ")", "", "", "", "", "", written(held));
        }
        return List.of(
                held.bucket(),
                offset.id(),
                offset.partition().topic(),
                Integer.toString(offset.partition().partition()),
                offset.next() == StoredOffset.NONE ? "(the group's)" : Long.toString(offset.next()),
                Long.toString(offset.epoch()),
                Long.toString(offset.batches()),
                written(held));
    }

    private static String written(Held held) {
        return held.written().toString();
    }

    static Map<String, Object> json(Held held) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("bucket", held.bucket());
        StoredOffset offset = held.offset();
        if (offset != null) {
            json.put("id", offset.id());
            json.put("topic", offset.partition().topic());
            json.put("partition", offset.partition().partition());
            json.put("next", offset.next() == StoredOffset.NONE ? null : offset.next());
            json.put("claims", offset.epoch());
            json.put("batches", offset.batches());
            json.put("owner", offset.owner());
            json.put("topicId", offset.topicId());
        }
        json.put("subject", held.subject());
        json.put("revision", held.revision());
        json.put("written", held.written().toString());
        return json;
    }
}
