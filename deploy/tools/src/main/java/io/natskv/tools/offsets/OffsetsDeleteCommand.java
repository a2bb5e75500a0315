package io.natskv.tools.offsets;

import io.natskv.connect.sink.exactlyonce.ExactlyOnceConfig;
import io.natskv.core.connection.KvConnection;
import io.natskv.tools.KafkaOptions;
import io.natskv.tools.NatsOptions;
import io.natskv.tools.Output;
import io.natskv.tools.OutputOptions;
import io.natskv.tools.ToolException;
import io.natskv.tools.offsets.StoredOffsets.Held;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Removes stored offsets. */
@Command(
        name = "delete",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Removes stored offsets of a connector that is stopped or gone. The bucket's values stay.",
            "",
            "A connector of this id that starts later begins at the offset of its consumer group, and writes again"
                    + " what lies behind it."
        },
        footer = {
            "",
            "Examples:",
            "  nats-kv offsets delete orders-copy --id orders-sink -b localhost:9092",
            "  nats-kv offsets delete orders-copy --id orders-sink --topic kv.orders --partition 0 -b localhost:9092"
                    + " --yes"
        })
final class OffsetsDeleteCommand implements Callable<Integer> {
    /** What Connect begins the names of sinks' consumer groups with. */
    private static final String CONNECT = "connect-";

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "BUCKET", description = "The bucket.")
    private String bucket;

    @Option(
            names = "--id",
            required = true,
            paramLabel = "ID",
            description = "The eos.id, which is the connector's name by default; see nats-kv offsets list.")
    private String id;

    @Option(names = "--topic", paramLabel = "TOPIC", description = "Only those of this topic.")
    private String topic;

    @Option(names = "--partition", paramLabel = "N", description = "Only that of this partition; with --topic.")
    private Integer partition;

    @Option(
            names = "--group",
            paramLabel = "GROUP",
            description = "The connector's consumer group, which must not be active (connect-ID).")
    private String group;

    @Option(
            names = "--unchecked",
            description = "Do not ask Kafka whether the consumer group is active, as when its brokers are gone.")
    private boolean unchecked;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask.")
    private boolean yes;

    @Mixin
    private NatsOptions nats;

    @Mixin
    private KafkaOptions kafka;

    @Mixin
    private OutputOptions outputOptions;

    @Override
    public Integer call() {
        Output output = Output.of(spec.commandLine(), outputOptions);
        if (partition != null && topic == null) {
            throw new ToolException("--partition needs --topic");
        }
        try (KvConnection connection = nats.connect()) {
            StoredOffsets stored = new StoredOffsets(connection);
            List<Held> chosen =
                    stored.of(bucket).stream().filter(this::isChosen).toList();
            if (chosen.isEmpty()) {
                throw new ToolException("No such offsets are stored in bucket \"" + bucket + "\": id \"" + id + "\""
                        + (topic == null ? "" : ", topic \"" + topic + "\"")
                        + (partition == null ? "" : ", partition " + partition) + ". See nats-kv offsets list");
            }
            requireNobody(chosen);
            if (!output.isJson()) {
                output.table(
                        OffsetsListCommand.HEAD,
                        chosen.stream().map(OffsetsListCommand::row).toList());
            }
            confirm(chosen.size(), output);
            requireNobody(chosen); // the question may have taken a while
            return remove(stored, chosen, output);
        }
    }

    private boolean isChosen(Held held) {
        return held.offset() != null
                && held.offset().id().equals(id)
                && (topic == null || held.offset().partition().topic().equals(topic))
                && (partition == null || held.offset().partition().partition() == partition);
    }

    private int remove(StoredOffsets stored, List<Held> chosen, Output output) {
        List<Held> written = new ArrayList<>();
        List<Held> removed = new ArrayList<>();
        chosen.forEach(held -> (stored.remove(held) ? removed : written).add(held));
        if (output.isJson()) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("removed", removed.stream().map(OffsetsListCommand::json).toList());
            json.put(
                    "writtenAgain",
                    written.stream().map(OffsetsListCommand::json).toList());
            output.json(json);
        } else {
            output.line("Removed " + removed.size() + " stored offset" + (removed.size() == 1 ? "" : "s") + " of id \""
                    + id + "\" from bucket \"" + bucket + "\"");
        }
        if (!written.isEmpty()) {
            throw new ToolException(written.size()
                    + " of them were written again meanwhile and stay: some connector works under id \"" + id + "\"");
        }
        return 0;
    }

    /** An active connector would hold on to its claim, and write on under the old offset. */
    private void requireNobody(List<Held> chosen) {
        if (unchecked) {
            return;
        }
        String name = group != null ? group : CONNECT + id;
        Map<String, Object> settings = kafka.settings(Map.of())
                .orElseThrow(() -> new ToolException("Whether consumer group \"" + name
                        + "\" is active has to be asked of Kafka: give --bootstrap-server HOST:PORT, or --unchecked if"
                        + " nothing can write under id \""
                        + id + "\" any more"));
        try (Admin admin = Admin.create(settings)) {
            Optional<ConsumerGroupDescription> known = describe(admin, name);
            if (known.isEmpty()) {
                requireNoOther(admin, name, chosen);
                return;
            }
            ConsumerGroupDescription found = known.get();
            if (found.groupState() != GroupState.EMPTY && found.groupState() != GroupState.DEAD) {
                throw new ToolException("Consumer group \"" + name + "\" is active (" + found.groupState() + ", "
                        + found.members().size() + " members): stop the connector first, PUT /connectors/<name>/stop");
            }
        } catch (ExecutionException e) {
            throw new ToolException(
                    "Kafka does not tell whether consumer group \"" + name + "\" is active: "
                            + e.getCause().getMessage(),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ToolException("Interrupted", e);
        }
    }

    /** Empty if there is no such group. */
    private static Optional<ConsumerGroupDescription> describe(Admin admin, String group)
            throws ExecutionException, InterruptedException {
        try {
            return Optional.of(admin.describeConsumerGroups(List.of(group))
                            .describedGroups()
                            .get(group)
                            .get())
                    .filter(found -> found.groupState() != GroupState.DEAD);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** With an eos.id of its own the connector's group bears another name. */
    private void requireNoOther(Admin admin, String name, List<Held> chosen)
            throws ExecutionException, InterruptedException {
        if (group != null) {
            return;
        }
        Set<TopicPartition> stored =
                chosen.stream().map(held -> held.offset().partition()).collect(Collectors.toSet());
        List<String> groups = admin.listGroups(ListGroupsOptions.forConsumerGroups()).all().get().stream()
                .map(GroupListing::groupId)
                .filter(other -> other.startsWith(CONNECT))
                .toList();
        for (var other : admin.describeConsumerGroups(groups).all().get().values()) {
            if (other.members().stream()
                    .flatMap(member -> member.assignment().topicPartitions().stream())
                    .anyMatch(stored::contains)) {
                throw new ToolException("There is no consumer group \"" + name + "\", but \"" + other.groupId()
                        + "\" reads the same topic: if that is the connector with " + ExactlyOnceConfig.ID + "=" + id
                        + ", stop it first; either way name the connector's own group by --group");
            }
        }
    }

    private void confirm(int count, Output output) {
        if (yes) {
            return;
        }
        output.note("Remove " + (count == 1 ? "this stored offset" : "these " + count + " stored offsets")
                + "? The connector would begin at its consumer group's offset. Type yes:");
        String answer;
        try {
            answer = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())).readLine();
        } catch (IOException e) {
            throw new ToolException("No answer could be read: " + e, e);
        }
        if (answer == null || !answer.trim().equalsIgnoreCase("yes")) {
            throw new ToolException("Nothing was removed" + (answer == null ? "; without a terminal give --yes" : ""));
        }
    }
}
