package io.natskv.tools.doctor;

import io.natskv.connect.sink.NatsKvSinkConnector;
import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.record.BucketNames;
import io.natskv.connect.source.NatsKvSourceConnector;
import io.natskv.core.connect.GivenSettings;
import io.natskv.core.connect.NameTemplate;
import io.natskv.tools.ToolException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.connector.Connector;
import org.apache.kafka.connect.errors.DataException;

/** A connector's configuration, with what the connector itself says about it. */
final class Patient {
    private final Map<String, String> settings;
    private final boolean source;
    private final Map<String, ConfigValue> values = new TreeMap<>();

    /**
     * Has the connector validate its configuration, which takes up to ten seconds where servers do not answer.
     *
     * @throws ToolException if it is no configuration of a connector of this suite
     */
    Patient(Map<String, String> settings) {
        this.settings = settings;
        String type = GivenSettings.text(settings, "connector.class");
        source = type.endsWith("NatsKvSourceConnector");
        if (!source && !type.endsWith("NatsKvSinkConnector")) {
            throw new ToolException(
                    type.isEmpty()
                            ? "The configuration has no connector.class"
                            : "connector.class is " + type + ", none of this suite: "
                                    + NatsKvSourceConnector.class.getName() + " or "
                                    + NatsKvSinkConnector.class.getName());
        }
        Connector connector = source ? new NatsKvSourceConnector() : new NatsKvSinkConnector();
        Config validated = connector.validate(settings);
        validated.configValues().forEach(value -> values.put(value.name(), value));
    }

    boolean isSource() {
        return source;
    }

    Map<String, String> settings() {
        return settings;
    }

    /** What the connector itself finds wrong, by setting. */
    Map<String, List<String>> errors() {
        Map<String, List<String>> errors = new TreeMap<>();
        values.forEach((name, value) -> {
            if (!value.errorMessages().isEmpty()) {
                errors.put(name, value.errorMessages());
            }
        });
        return errors;
    }

    boolean hasError(String setting) {
        ConfigValue value = values.get(setting);
        return value != null && !value.errorMessages().isEmpty();
    }

    /** True if no single setting of the connection is wrong. */
    boolean reachesNats() {
        return values.keySet().stream().filter(name -> name.startsWith("nats.")).noneMatch(this::hasError);
    }

    /** A setting with its default as a text; empty if it has none. */
    String text(String name) {
        ConfigValue value = values.get(name);
        return value == null || value.value() == null
                ? GivenSettings.text(settings, name)
                : String.valueOf(value.value()).trim();
    }

    /** The elements of a list setting. */
    List<String> list(String name) {
        return Arrays.stream(GivenSettings.text(settings, name).split(","))
                .map(String::trim)
                .filter(element -> !element.isEmpty())
                .toList();
    }

    /** The settings of a sink; null if they are malformed. */
    SinkConfig sink() {
        try {
            return new SinkConfig(settings);
        } catch (ConfigException e) {
            return null;
        }
    }

    boolean isExactlyOnceSink() {
        return !source && text(SinkConfig.DELIVERY).equals("exactly_once");
    }

    /** The buckets that are named; those by pattern are not known here. */
    Set<String> buckets() {
        if (source) {
            return new TreeSet<>(list("kv.buckets"));
        }
        Set<String> buckets = new TreeSet<>();
        SinkConfig config = sink();
        if (config != null) {
            BucketNames names = new BucketNames(config);
            for (String topic : list("topics")) {
                try {
                    String bucket = names.ofTopic(topic);
                    if (bucket != null) {
                        buckets.add(bucket);
                    }
                } catch (DataException e) {
                    continue; // the validation has said so
                }
            }
        }
        return buckets;
    }

    /** The topics that are named, each with the bucket that it is the mirror of; of a sink with an empty text. */
    Map<String, String> topics() {
        Map<String, String> topics = new TreeMap<>();
        if (!source) {
            list("topics").forEach(topic -> topics.put(topic, ""));
        } else if (!hasError("topic.template")) {
            NameTemplate template = NameTemplate.parse(text("topic.template"), Set.of("bucket", "key"));
            if (!template.uses("key")) {
                buckets().forEach(bucket -> topics.put(template.render(variable -> bucket), bucket));
            }
        }
        return topics;
    }
}
