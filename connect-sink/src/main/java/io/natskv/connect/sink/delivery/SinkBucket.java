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
 */
public record SinkBucket(KvBucket bucket, StreamConfiguration config) {
    /** What our own headers add at most, beside a topic of the longest name that Kafka allows. */
    private static final int OWN_HEADERS = 2_048;

    public String name() {
        return bucket.name();
    }

    /**
     * Checks a write against the bucket's limit for value and headers together. What is too large by our own headers' last bytes alone
     * the server finds, with the same outcome.
     *
     * @throws ValueTooLargeException if it will never be stored
     */
    public void check(KvWrite write) {
        long limit = config.getMaximumMessageSize();
        if (limit < 0) {
            return;
        }
        long bytes = write.value().length + write.headers().serializedLength();
        if (bytes + OWN_HEADERS > limit) {
            long least = write.leastSize();
            if (least > limit) {
                throw new ValueTooLargeException(
                        name(), write.key(), least, limit, "max_msg_size of stream " + config.getName());
            }
        }
    }
}
