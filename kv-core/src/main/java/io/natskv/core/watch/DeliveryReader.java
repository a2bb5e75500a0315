package io.natskv.core.watch;

import io.nats.client.Message;
import io.nats.client.impl.NatsJetStreamMetaData;
import java.time.Instant;

/**
 * Reads the reply subjects of one consumer:
 * {@code $JS.ACK.<stream>.<consumer>.<deliveries>.<stream sequence>.<consumer sequence>.<nanoseconds>.<pending>}. By hand, because
 * {@link Message#metaData} cuts them into strings and builds calendar dates: a quarter of what it costs to read a message. It does read the
 * longer form, with domain and account. For one thread.
 */
final class DeliveryReader {
    private static final long NANOS = 1_000_000_000L;

    private final String prefix;
    private String reply;
    private int at;

    DeliveryReader(String stream, String consumer) {
        this.prefix = "$JS.ACK." + stream + "." + consumer + ".";
    }

    Delivery read(Message message) {
        reply = message.getReplyTo();
        if (!reply.startsWith(prefix)) {
            return of(message, message.metaData());
        }
        at = prefix.length();
        number(); // deliveries: always the first
        long revision = number();
        long consumerSequence = number();
        long nanos = number();
        Instant created = Instant.ofEpochSecond(nanos / NANOS, nanos % NANOS);
        return new Delivery(message, revision, consumerSequence, created, number());
    }

    private static Delivery of(Message message, NatsJetStreamMetaData meta) {
        return new Delivery(
                message,
                meta.streamSequence(),
                meta.consumerSequence(),
                meta.timestamp().toInstant(),
                meta.pendingCount());
    }

    /** The token at the cursor, which moves behind it. */
    private long number() {
        long number = 0;
        int length = reply.length();
        int i = at;
        for (; i < length; i++) {
            char c = reply.charAt(i);
            if (c == '.') {
                break;
            }
            number = 10 * number + (c - '0');
        }
        at = i + 1;
        return number;
    }
}
