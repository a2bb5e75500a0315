package io.natskv.soak;

import io.nats.client.IterableConsumer;
import io.nats.client.Message;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.OrderedConsumerConfiguration;
import io.natskv.soak.model.Digest;
import io.natskv.soak.model.Operation;
import io.natskv.soak.model.State;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** The last message of each key, markers included, by jnats alone. */
final class BucketState {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private BucketState() {}

    /** @throws Exception if the server does not answer: then it is no moment to look */
    @SuppressWarnings("try") // closing may be interrupted
    static Map<String, State> read(RawBucket bucket) throws Exception {
        Map<String, State> states = new HashMap<>();
        if (bucket.info().getStreamState().getMsgCount() == 0) {
            return states;
        }
        var consumer = bucket.connection()
                .getStreamContext(bucket.streamName())
                .createOrderedConsumer(new OrderedConsumerConfiguration()
                        .deliverPolicy(DeliverPolicy.LastPerSubject)
                        .filterSubject("$KV." + bucket.name() + ".>"));
        String name = null;
        try (IterableConsumer messages = consumer.iterate()) {
            while (true) {
                Message message = messages.nextMessage(PATIENCE);
                if (message == null) {
                    throw new IllegalStateException("no message of bucket " + bucket.name() + " for " + PATIENCE);
                }
                name = message.metaData().getConsumer();
                Operation operation = RawBucket.operation(message.getHeaders());
                states.put(
                        bucket.keyOf(message.getSubject()),
                        new State(
                                message.metaData().streamSequence(),
                                operation,
                                operation.isMarker() ? Digest.NONE : Digest.of(message.getData())));
                if (message.metaData().pendingCount() == 0) {
                    return states;
                }
            }
        } finally {
            bucket.deleteConsumer(name);
        }
    }
}
