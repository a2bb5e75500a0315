package io.natskv.benchmarks.sinks;

import io.nats.client.JetStreamApiException;
import io.nats.client.KeyValue;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkRecord;

/** Puts one record after another. */
public final class PutLoopSinkTask extends PlainSinkTask {
    private KeyValue bucket;

    @Override
    public void start(Map<String, String> props) {
        try {
            bucket = connect(props.get(PutLoopSinkConnector.URL)).keyValue(props.get(PutLoopSinkConnector.BUCKET));
        } catch (IOException e) {
            throw new ConnectException(e);
        }
    }

    @Override
    public void put(Collection<SinkRecord> records) {
        try {
            for (SinkRecord record : records) {
                bucket.put((String) record.key(), (byte[]) record.value());
            }
        } catch (IOException | JetStreamApiException e) {
            throw new ConnectException(e);
        }
    }
}
