package io.natskv.benchmarks.sinks;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.sink.SinkConnector;

/** A sink connector whose tasks all have its own settings. */
abstract class PlainSinkConnector extends SinkConnector {
    private final Class<? extends Task> taskClass;
    private final ConfigDef config;
    private Map<String, String> settings = Map.of();

    PlainSinkConnector(Class<? extends Task> taskClass, ConfigDef config) {
        this.taskClass = taskClass;
        this.config = config;
    }

    @Override
    public String version() {
        return "1";
    }

    @Override
    public ConfigDef config() {
        return config;
    }

    @Override
    public Class<? extends Task> taskClass() {
        return taskClass;
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
