package io.natskv.quickstart;

import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.testing.kafka.ConnectRest;
import io.natskv.testing.kafka.ConnectorStatus;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The two connectors, made over Connect's REST API as a user makes them: bucket to topic, topic to second bucket. */
final class Pipeline {
    static final String SOURCE = "quickstart-source";
    static final String SINK = "quickstart-sink";

    private static final Duration START = Duration.ofSeconds(60);

    private final ConnectRest rest;
    private final Options options;
    private final NatsConnectionConfig nats;

    Pipeline(ConnectRest rest, Options options, NatsConnectionConfig nats) {
        this.rest = rest;
        this.options = options;
        this.nats = nats;
    }

    /**
     * Creates both connectors and waits until they run.
     *
     * @throws UserProblem if the worker refuses one, one does not run within a minute, or the worker has ended
     */
    void start() {
        try {
            rest.put(SOURCE, sourceConfig());
            rest.put(SINK, sinkConfig());
            for (String connector : List.of(SOURCE, SINK)) {
                rest.awaitRunning(connector, START);
            }
        } catch (UncheckedIOException e) {
            throw gone(e);
        } catch (IllegalStateException e) {
            throw new UserProblem("The connectors could not be started: " + firstLines(e.getMessage()), e);
        }
    }

    /**
     * Looks whether both still run.
     *
     * @throws UserProblem if one has failed, with the first lines of its trace, or the worker has ended
     */
    void check() {
        for (String connector : List.of(SOURCE, SINK)) {
            ConnectorStatus status = status(connector);
            if (status.failed()) {
                throw new UserProblem("Connector " + connector + " has failed: " + firstLines(status.describe()));
            }
        }
    }

    private ConnectorStatus status(String connector) {
        try {
            return rest.status(connector);
        } catch (UncheckedIOException e) {
            throw gone(e);
        }
    }

    private static UserProblem gone(UncheckedIOException e) {
        return new UserProblem("The Connect worker does not answer any more: " + e.getMessage(), e);
    }

    /** A message without most of the trace behind it. */
    private static String firstLines(String text) {
        return text.lines().limit(3).map(String::strip).collect(Collectors.joining(" "));
    }

    Map<String, String> sourceConfig() {
        Map<String, String> config = connection("io.natskv.connect.source.NatsKvSourceConnector");
        config.put("kv.buckets", options.bucket());
        config.put("topic.template", "kv.${bucket}");
        // A topic that keeps the last record of each key, as the bucket does.
        config.put("topic.creation.default.replication.factor", "-1");
        config.put("topic.creation.default.partitions", "3");
        config.put("topic.creation.default.cleanup.policy", "compact");
        return config;
    }

    Map<String, String> sinkConfig() {
        Map<String, String> config = connection("io.natskv.connect.sink.NatsKvSinkConnector");
        config.put("topics", options.topic());
        config.put("bucket.template", options.copy());
        // The source makes the topic: a consumer that is there first would have it made with the broker's defaults.
        config.put("consumer.override.allow.auto.create.topics", "false");
        return config;
    }

    private Map<String, String> connection(String connectorClass) {
        Map<String, String> config = new LinkedHashMap<>();
        config.put("connector.class", connectorClass);
        config.put("tasks.max", "1");
        config.put("key.converter", "org.apache.kafka.connect.storage.StringConverter");
        config.put("value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
        config.put("nats.servers", nats.displayServers());
        nats.username().ifPresent(user -> config.put("nats.username", user));
        nats.password().ifPresent(password -> config.put("nats.password", new String(password)));
        nats.token().ifPresent(token -> config.put("nats.token", new String(token)));
        return config;
    }
}
