package io.natskv.benchmarks.sinks;

import io.nats.client.Connection;
import io.nats.client.Nats;
import java.io.IOException;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkTask;

/** A task with a connection. */
abstract class PlainSinkTask extends SinkTask {
    private Connection connection;

    @Override
    public String version() {
        return "1";
    }

    final Connection connect(String url) {
        try {
            connection = Nats.connect(url);
            return connection;
        } catch (IOException e) {
            throw new ConnectException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
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
