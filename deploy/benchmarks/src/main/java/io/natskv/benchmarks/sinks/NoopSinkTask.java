package io.natskv.benchmarks.sinks;

import io.nats.client.Connection;
import java.util.Collection;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.SinkRecord;

/** Counts records, and tells so in a bucket now and then. Reads the topic again and again: once is too short to be measured. */
public final class NoopSinkTask extends PlainSinkTask {
    private static final byte[] NOTHING = new byte[0];

    private Connection connection;
    private String subject;
    private long last;
    private int passes;
    private int every;
    private long count;

    @Override
    public void start(Map<String, String> props) {
        subject = "$KV." + props.get(NoopSinkConnector.BUCKET) + ".read";
        last = Long.parseLong(props.get(NoopSinkConnector.RECORDS)) - 1;
        passes = Integer.parseInt(props.get(NoopSinkConnector.PASSES));
        every = Integer.parseInt(props.get(NoopSinkConnector.RECORDS_PER_ENTRY));
        connection = connect(props.get(NoopSinkConnector.URL));
    }

    @Override
    public void put(Collection<SinkRecord> records) {
        for (SinkRecord record : records) {
            if (++count % every == 0) {
                connection.publish(subject, NOTHING);
            }
            if (record.kafkaOffset() == last && --passes > 0) {
                context.offset(new TopicPartition(record.topic(), record.kafkaPartition()), 0);
            }
        }
    }
}
