package io.natskv.benchmarks.sinks;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.KeyValue;
import io.nats.client.Nats;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;

/** Puts one record after another. */
public final class PutLoopSinkTask extends SinkTask {
    private Connection connection;
    private KeyValue bucket;

    @Override
    public String version() {
        return "1";
    }

    @Override
    public void start(Map<String, String> props) {
        try {
            connection = Nats.connect(props.get(PutLoopSinkConnector.URL));
            bucket = connection.keyValue(props.get(PutLoopSinkConnector.BUCKET));
        } catch (IOException e) {
            throw new ConnectException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
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

    @Override
    public void stop() {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
