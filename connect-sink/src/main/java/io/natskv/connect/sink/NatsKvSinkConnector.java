package io.natskv.connect.sink;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.exactlyonce.OffsetEdits;
import io.natskv.core.connect.ConnectVersion;
import io.natskv.core.connect.GivenSettings;
import io.natskv.core.connect.UnknownSettings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkConnector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes the records of Kafka topics into NATS KV buckets: puts, deletes and purges. */
public final class NatsKvSinkConnector extends SinkConnector {
    private static final Logger LOG = LoggerFactory.getLogger(NatsKvSinkConnector.class);

    private Map<String, String> settings = Map.of();

    @Override
    public String version() {
        return ConnectVersion.get();
    }

    @Override
    public ConfigDef config() {
        return SinkConfig.DEF;
    }

    @Override
    public Class<? extends Task> taskClass() {
        return NatsKvSinkTask.class;
    }

    @Override
    public Config validate(Map<String, String> connectorConfigs) {
        Map<String, String> given = GivenSettings.withoutNulls(connectorConfigs);
        Config config = super.validate(given);
        SinkValidation.run(given, config.configValues());
        unknownSettings().explain(given, config.configValues());
        return config;
    }

    @Override
    public void start(Map<String, String> props) {
        settings = Map.copyOf(GivenSettings.withoutNulls(props));
        unknownSettings().of(settings).forEach(unknown -> LOG.warn("{}", unknown.message()));
    }

    private UnknownSettings unknownSettings() {
        return UnknownSettings.ofSink(config().names());
    }

    /** As many tasks as allowed: Kafka shares the partitions out. */
    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        return IntStream.range(0, maxTasks)
                .mapToObj(index -> {
                    Map<String, String> task = new HashMap<>(settings);
                    task.put(NatsKvSinkTask.INDEX, Integer.toString(index));
                    return task;
                })
                .toList();
    }

    @Override
    public void stop() {
        // nothing runs outside the tasks
    }

    /**
     * Any offset may be set or reset; what the buckets hold stays. At least once they are kept by the consumer group alone, exactly once also in
     * the buckets.
     */
    @Override
    public boolean alterOffsets(Map<String, String> connectorConfig, Map<TopicPartition, Long> offsets) {
        offsets.forEach((partition, offset) -> {
            if (offset != null && offset < 0) {
                throw new ConnectException("The offset of " + partition + " must not be negative: " + offset);
            }
        });
        SinkConfig config = new SinkConfig(GivenSettings.withoutNulls(connectorConfig));
        if (config.delivery() == SinkConfig.Delivery.EXACTLY_ONCE) {
            new OffsetEdits(config).apply(offsets);
            return true;
        }
        LOG.warn(
                "Offsets are set to {}. A record whose key holds a later one of its partition will be left out as late, unless {} (now \"{}\") "
                        + "is changed too",
                offsets,
                SinkConfig.ORIGIN_ID,
                GivenSettings.text(connectorConfig, SinkConfig.ORIGIN_ID));
        return true;
    }
}
