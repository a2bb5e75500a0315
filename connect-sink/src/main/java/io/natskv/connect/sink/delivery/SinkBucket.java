package io.natskv.connect.sink.delivery;

import io.nats.client.api.StreamConfiguration;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.error.ValueTooLargeException;
import io.natskv.core.write.KvWrite;

/**
 * A bucket that records go to, and what it was like when it was opened.
 *
 * @param bucket the bucket
 * @param config its stream
 * @param seenAt when that was, by {@link System#nanoTime}
 */
public record SinkBucket(KvBucket bucket, StreamConfiguration config, long seenAt) {
    /** What our own headers add at most, beside a topic of the longest name that Kafka allows. */
    private static final int OWN_HEADERS = 2_048;

    public String name() {
        return bucket.name();
    }

    /**
     * Why a write will never be stored, by the bucket's limit for value and headers together; null if it may be. What is too large by the
     * guard's header alone the server finds, with the same outcome.
     */
    public ValueTooLargeException problem(KvWrite write) {
        long limit = config.getMaximumMessageSize();
        long bytes = write.value().length + write.headers().serializedLength();
        if (limit < 0 || bytes + OWN_HEADERS <= limit) {
            return null;
        }
        long least = write.leastSize();
        return least <= limit
                ? null
                : new ValueTooLargeException(
                        name(), write.key(), least, limit, "max_msg_size of stream " + config.getName());
    }
}
