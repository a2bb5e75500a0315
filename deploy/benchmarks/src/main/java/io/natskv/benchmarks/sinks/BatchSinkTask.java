package io.natskv.benchmarks.sinks;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.NUID;
import io.nats.client.api.PublishAck;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * Sends each record at once as a message of a batch, and commits when it is full and the batch before is committed. The last records of a topic that
 * fill no batch are not committed.
 */
public final class BatchSinkTask extends PlainSinkTask {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private Connection connection;
    private String subject;
    private int most;
    private String origin;
    private String originPrefix;
    private String batch;
    private int sent;
    private CompletableFuture<Message> before;

    @Override
    public void start(Map<String, String> props) {
        connection = connect(props.get(BatchSinkConnector.URL));
        subject = "$KV." + props.get(BatchSinkConnector.BUCKET) + ".";
        most = Integer.parseInt(props.get(BatchSinkConnector.MESSAGES));
        origin = props.get(BatchSinkConnector.ORIGIN);
        originPrefix = props.get(BatchSinkConnector.ORIGIN_PREFIX);
    }

    @Override
    public void put(Collection<SinkRecord> records) {
        try {
            for (SinkRecord record : records) {
                send(record);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ConnectException(e);
        } catch (ExecutionException | IOException | JetStreamApiException e) {
            throw new ConnectException(e);
        }
    }

    private void send(SinkRecord record)
            throws InterruptedException, ExecutionException, IOException, JetStreamApiException {
        if (sent == 0) {
            batch = NUID.nextGlobal();
        }
        Headers headers = new Headers().put(origin, originPrefix + record.kafkaOffset());
        headers.put("Nats-Batch-Id", batch);
        headers.put("Nats-Batch-Sequence", Integer.toString(++sent));
        boolean last = sent == most;
        if (last) {
            headers.put("Nats-Batch-Commit", "1");
        }
        NatsMessage message = NatsMessage.builder()
                .subject(subject + record.key())
                .headers(headers)
                .data((byte[]) record.value())
                .build();
        if (!last) {
            connection.publish(message);
            return;
        }
        if (before != null) {
            new PublishAck(before.get());
        }
        before = connection.requestWithTimeout(message, PATIENCE);
        sent = 0;
    }
}
