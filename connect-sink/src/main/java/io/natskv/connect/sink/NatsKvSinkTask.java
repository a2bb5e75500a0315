package io.natskv.connect.sink;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.delivery.SinkDelivery;
import io.natskv.core.connect.ConnectMetrics;
import io.natskv.core.connect.ConnectVersion;
import java.util.Collection;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;

/**
 * Writes the records of its partitions. {@link #start} begins to connect without waiting, and {@link #put} hands records over without waiting
 * for their acknowledgement; {@link #preCommit} says up to where they have come.
 */
public final class NatsKvSinkTask extends SinkTask {
    /** The task setting that holds the number of the task. */
    static final String INDEX = "task.index";

    private SinkDelivery delivery;
    private ConnectMetrics metrics;

    @Override
    public String version() {
        return ConnectVersion.get();
    }

    @Override
    public void start(Map<String, String> props) {
        SinkConfig config = new SinkConfig(props);
        String connector = props.getOrDefault("name", "nats-kv-sink");
        String index = props.getOrDefault(INDEX, "0");
        metrics = ConnectMetrics.ofSink(connector, index, context);
        delivery = Deliveries.of(config, context, connector, index, metrics);
    }

    @Override
    public void open(Collection<TopicPartition> partitions) {
        delivery.open(partitions);
    }

    @Override
    public void put(Collection<SinkRecord> records) {
        delivery.put(records);
    }

    /** Never the given offsets as they are: a record that was handed over is not a record that is stored. */
    @Override
    public Map<TopicPartition, OffsetAndMetadata> preCommit(Map<TopicPartition, OffsetAndMetadata> currentOffsets) {
        return delivery.committable(currentOffsets);
    }

    @Override
    public void close(Collection<TopicPartition> partitions) {
        if (delivery != null) {
            delivery.forget(partitions);
        }
    }

    @Override
    public void stop() {
        if (delivery != null) {
            delivery.close();
        }
        if (metrics != null) {
            metrics.close();
        }
    }
}
