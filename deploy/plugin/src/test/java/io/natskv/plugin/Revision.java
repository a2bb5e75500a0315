package io.natskv.plugin;

import io.nats.client.Connection;
import io.nats.client.IterableConsumer;
import io.nats.client.Message;
import io.nats.client.OrderedConsumerContext;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.OrderedConsumerConfiguration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A revision of a key as the stream holds it, read through jnats alone.
 *
 * @param number its sequence
 */
record Revision(long number, String key, Entry entry) {
    /** All that a bucket holds from its first revision on, in order. */
    @SuppressWarnings("try") // closing may be interrupted
    static List<Revision> all(Connection connection, String bucket) throws Exception {
        List<Revision> revisions = new ArrayList<>();
        String prefix = "$KV." + bucket + ".";
        OrderedConsumerContext consumer = connection
                .getStreamContext("KV_" + bucket)
                .createOrderedConsumer(new OrderedConsumerConfiguration()
                        .deliverPolicy(DeliverPolicy.All)
                        .filterSubject(prefix + ">"));
        try (IterableConsumer messages = consumer.iterate()) {
            while (true) {
                Message message = messages.nextMessage(Duration.ofSeconds(30));
                if (message == null) {
                    throw new IllegalStateException(
                            "No message of bucket " + bucket + " for 30 s behind " + revisions.size());
                }
                revisions.add(of(message, prefix));
                if (message.metaData().pendingCount() == 0) {
                    return revisions;
                }
            }
        }
    }

    private static Revision of(Message message, String prefix) {
        String marker = message.hasHeaders() ? message.getHeaders().getLast("KV-Operation") : null;
        String operation = marker == null ? "PUT" : marker.equals("DEL") ? "DELETE" : marker;
        return new Revision(
                message.metaData().streamSequence(),
                message.getSubject().substring(prefix.length()),
                new Entry(operation, message.getData() == null ? new byte[0] : message.getData()));
    }
}
