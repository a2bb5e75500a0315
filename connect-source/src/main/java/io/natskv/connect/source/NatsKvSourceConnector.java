package io.natskv.connect.source;

import io.natskv.core.connect.ConnectErrors;
import io.natskv.core.connect.ConnectVersion;
import io.natskv.core.connect.GivenSettings;
import io.natskv.core.error.KvException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.apache.kafka.connect.source.SourceConnector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads NATS KV buckets, first what is in them, then what changes, into Kafka topics. */
public final class NatsKvSourceConnector extends SourceConnector {
    private static final Logger LOG = LoggerFactory.getLogger(NatsKvSourceConnector.class);

    /** The worker's own thread waits so long, and nothing else happens on it. */
    private static final Duration FIRST_BUCKETS = Duration.ofSeconds(3);

    private Map<String, String> settings = Map.of();
    private BucketMonitor monitor;

    @Override
    public String version() {
        return ConnectVersion.get();
    }

    @Override
    public ConfigDef config() {
        return SourceConfig.DEF;
    }

    @Override
    public Class<? extends Task> taskClass() {
        return NatsKvSourceTask.class;
    }

    @Override
    public Config validate(Map<String, String> connectorConfigs) {
        Map<String, String> given = GivenSettings.withoutNulls(connectorConfigs);
        Config config = super.validate(given);
        SourceValidation.run(given, config.configValues());
        return config;
    }

    /**
     * What is no error in a configuration, and surely not meant either; logged at the start.
     *
     * @throws org.apache.kafka.common.config.ConfigException if a setting is malformed
     */
    public static List<String> warnings(Map<String, String> connectorConfigs) {
        Map<String, String> given = GivenSettings.withoutNulls(connectorConfigs);
        return SourceValidation.warnings(given, new SourceConfig(given));
    }

    @Override
    public void start(Map<String, String> props) {
        settings = Map.copyOf(GivenSettings.withoutNulls(props));
        SourceConfig config = new SourceConfig(settings);
        SourceValidation.warnings(settings, config).forEach(warning -> LOG.warn("{}", warning));
        config.watch().bucketsPattern().ifPresent(pattern -> monitor = monitor(config, pattern));
    }

    private BucketMonitor monitor(SourceConfig config, Pattern pattern) {
        String name = settings.getOrDefault("name", "nats-kv-source") + "-buckets";
        return new BucketMonitor(
                config.connection(name), pattern, config.watch().discoveryInterval(), new BucketMonitor.Listener() {
                    @Override
                    public void changed() {
                        context().requestTaskReconfiguration();
                    }

                    @Override
                    public void failed(KvException error) {
                        context().raiseError(ConnectErrors.of(error, WatchSettings.BUCKETS_PATTERN));
                    }
                });
    }

    /** A task for each bucket and filter at most. Beside the connector's settings a task gets only names, no secret. */
    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        WatchSettings watch = new SourceConfig(settings).watch();
        List<String> buckets = monitor == null ? watch.buckets() : monitor.await(FIRST_BUCKETS);
        List<List<Assignment>> tasks = TaskAssignments.split(buckets, watch.filters(), maxTasks);
        return tasks.stream()
                .map(assignments -> {
                    Map<String, String> task = new HashMap<>(settings);
                    task.put(TaskAssignments.SETTING, TaskAssignments.encode(assignments));
                    task.put(NatsKvSourceTask.INDEX, Integer.toString(tasks.indexOf(assignments)));
                    return task;
                })
                .toList();
    }

    @Override
    public void stop() {
        if (monitor != null) {
            monitor.close();
            monitor = null;
        }
    }

    /**
     * Supported where every record can be produced again from its offset: the revision is the position, and conversion depends on nothing
     * but the entry.
     */
    @Override
    public ExactlyOnceSupport exactlyOnceSupport(Map<String, String> connectorConfig) {
        return SourceValidation.isExactlyOnce(connectorConfig)
                ? ExactlyOnceSupport.SUPPORTED
                : ExactlyOnceSupport.UNSUPPORTED;
    }

    @Override
    public boolean alterOffsets(Map<String, String> connectorConfig, Map<Map<String, ?>, Map<String, ?>> offsets) {
        offsets.forEach(SourceOffsets::check);
        return true;
    }
}
