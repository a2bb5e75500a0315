package io.natskv.soak;

import io.natskv.testing.kafka.ConnectRest;
import io.natskv.testing.kafka.ConnectRestException;
import io.natskv.testing.kafka.ConnectorStatus;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/** Both forms of bucket → source → topic → sink → copy, as connectors. */
final class Pipelines {
    static final String ORIGIN = "soak";
    static final int PARTITIONS = 4;
    static final List<Form> FORMS = List.of(new Form("plain", false), new Form("exact", true));

    private static final Duration START = Duration.ofSeconds(90);

    private final Stack stack;

    /** One of the two, with the names of all its parts. */
    record Form(String name, boolean exactlyOnce) {
        String topic() {
            return "soak." + name;
        }

        String notifications() {
            return "soak." + name + ".notifications";
        }

        String copy() {
            return "soak-copy-" + name;
        }

        Part source() {
            return new Part(name + "-source", exactlyOnce);
        }

        /** Sinks have no transactions: both run in the group of two workers, where there is somewhere to move to. */
        Part sink() {
            return new Part(name + "-sink", true);
        }

        List<Part> parts() {
            return List.of(source(), sink());
        }
    }

    /**
     * A connector.
     *
     * @param exactGroup in which group of workers it runs
     */
    record Part(String connector, boolean exactGroup) {}

    Pipelines(Stack stack) {
        this.stack = stack;
    }

    static List<Part> parts() {
        return FORMS.stream().flatMap(form -> form.parts().stream()).toList();
    }

    /** Those that are written in transactions: by the source that writes exactly once, and its group's offsets. */
    static List<String> transactionalTopics() {
        Form exact = FORMS.stream().filter(Form::exactlyOnce).findFirst().orElseThrow();
        return List.of(exact.topic(), exact.notifications(), Stack.EXACT_GROUP + "-offset");
    }

    void createTopics() throws Exception {
        try (Admin admin =
                Admin.create(Map.of("bootstrap.servers", stack.broker().bootstrap()))) {
            admin.createTopics(FORMS.stream()
                            .flatMap(form -> Stream.of(
                                    new NewTopic(form.topic(), PARTITIONS, (short) 1),
                                    new NewTopic(form.notifications(), 1, (short) 1)))
                            .toList())
                    .all()
                    .get();
        }
    }

    void start() {
        for (Form form : FORMS) {
            put(form.source(), source(form, 2));
            put(form.sink(), sink(form, 2));
        }
        for (Part part : parts()) {
            rest(part).awaitRunning(part.connector(), START);
        }
    }

    /** Gives a connector another number of tasks. */
    void tasks(Part part, int number) {
        Form form =
                FORMS.stream().filter(f -> f.parts().contains(part)).findFirst().orElseThrow();
        put(part, part.equals(form.source()) ? source(form, number) : sink(form, number));
    }

    /** Restarts one task of a connector, or the connector with all of them. */
    void restart(Part part, Optional<Integer> task) {
        if (task.isPresent()) {
            rest(part).call("POST", "/connectors/" + part.connector() + "/tasks/" + task.get() + "/restart", null);
        } else {
            rest(part).restart(part.connector());
        }
    }

    /** The states of the connectors that have failed, or have a task that has. */
    List<ConnectorStatus> failed() {
        List<ConnectorStatus> failed = new ArrayList<>();
        for (Part part : parts()) {
            status(part).filter(ConnectorStatus::failed).ifPresent(failed::add);
        }
        return failed;
    }

    /** Whether all connectors run, with all their tasks. */
    boolean running() {
        return parts().stream()
                .allMatch(part -> status(part).map(ConnectorStatus::running).orElse(false));
    }

    Optional<ConnectorStatus> status(Part part) {
        try {
            return Optional.of(rest(part).status(part.connector()));
        } catch (UncheckedIOException | IllegalStateException e) {
            return Optional.empty(); // the worker is away, or its group rebalances
        }
    }

    /** What an operator does with tasks that failed for reasons of Connect's own. */
    void restartFailed(ConnectorStatus status) {
        Part part = parts().stream()
                .filter(p -> p.connector().equals(status.name()))
                .findFirst()
                .orElseThrow();
        IntStream.range(0, status.tasks().size())
                .filter(task -> status.tasks().get(task).state().equals("FAILED"))
                .forEach(task -> restart(part, Optional.of(task)));
        if (status.connector().state().equals("FAILED")) {
            restart(part, Optional.empty());
        }
    }

    private void put(Part part, Map<String, String> config) {
        try {
            rest(part).put(part.connector(), config);
        } catch (ConnectRestException e) {
            throw new IllegalStateException("Connector " + part.connector() + " is refused: " + e.getMessage(), e);
        }
    }

    private ConnectRest rest(Part part) {
        return stack.rest(part.exactGroup());
    }

    private Map<String, String> source(Form form, int tasks) {
        Map<String, String> config = common("io.natskv.connect.source.NatsKvSourceConnector", tasks);
        config.put("kv.buckets", ORIGIN);
        // One watch each, so that tasks have something to share.
        config.put("kv.key.filters", "k.>,h.>,b.>,t.>");
        config.put("start.mode", "history");
        config.put("topic.template", form.topic());
        config.put("on.position.lost", "snapshot");
        config.put("reconcile", "15s");
        config.put("reconcile.consumer.bootstrap.servers", stack.broker().bootstrap());
        config.put("notification.topic", form.notifications());
        if (form.exactlyOnce()) {
            config.put("exactly.once.support", "required");
        }
        return config;
    }

    private Map<String, String> sink(Form form, int tasks) {
        Map<String, String> config = common("io.natskv.connect.sink.NatsKvSinkConnector", tasks);
        config.put("topics", form.topic());
        config.put("bucket.template", form.copy());
        config.put("delivery", form.exactlyOnce() ? "exactly_once" : "at_least_once");
        config.put("kafka.admin.bootstrap.servers", stack.broker().bootstrap());
        config.put("max.retries", "-1");
        config.put("ack.timeout.ms", "2000");
        config.put("consumer.override.isolation.level", "read_committed");
        config.put("consumer.override.auto.offset.reset", "earliest");
        config.put("consumer.override.allow.auto.create.topics", "false");
        config.put("consumer.override.session.timeout.ms", "6000");
        config.put("consumer.override.heartbeat.interval.ms", "1000");
        return config;
    }

    private Map<String, String> common(String connectorClass, int tasks) {
        Map<String, String> config = new LinkedHashMap<>();
        config.put("connector.class", connectorClass);
        config.put("tasks.max", Integer.toString(tasks));
        config.put("key.converter", "org.apache.kafka.connect.storage.StringConverter");
        config.put("value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
        config.put("nats.servers", stack.natsServers());
        // Those are the servers' own addresses, beside the proxies.
        config.put("nats.ignore.discovered.servers", "true");
        config.put("nats.request.timeout.ms", "2000");
        return config;
    }
}
