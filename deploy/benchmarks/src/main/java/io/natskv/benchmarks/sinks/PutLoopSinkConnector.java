package io.natskv.benchmarks.sinks;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.sink.SinkConnector;

/** A sink as one writes it first: a put for each record, one after another. */
public final class PutLoopSinkConnector extends SinkConnector {
    static final String URL = "loop.url";
    static final String BUCKET = "loop.bucket";

    private Map<String, String> settings = Map.of();

    @Override
    public String version() {
        return "1";
    }

    @Override
    public ConfigDef config() {
        return new ConfigDef()
                .define(URL, Type.STRING, Importance.HIGH, "URL of the NATS server.")
                .define(BUCKET, Type.STRING, Importance.HIGH, "The bucket.");
    }

    @Override
    public Class<? extends Task> taskClass() {
        return PutLoopSinkTask.class;
    }

    @Override
    public void start(Map<String, String> props) {
        settings = Map.copyOf(props);
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        return Collections.nCopies(maxTasks, settings);
    }

    @Override
    public void stop() {
        // nothing runs here
    }
}
