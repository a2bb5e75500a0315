package io.natskv.connect.sink.delivery;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.delivery.PartitionWatermarks.Tracked;
import io.natskv.core.error.KvException;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;

/** How often the record that holds everything up has been tried, and when it may be again. For one thread. */
final class Retries {
    private static final long FIRST_BACKOFF_MS = 200;
    private static final long LONGEST_BACKOFF_MS = 30_000;

    private final SinkConfig config;
    private Tracked retried;
    private int count;
    private long retryAt = System.nanoTime();

    Retries(SinkConfig config) {
        this.config = config;
    }

    /**
     * Counts a failed attempt, all of its deadline long.
     *
     * @throws ConnectException if it was the last one
     */
    void count(Tracked place, KvException cause) {
        retried = place;
        count++;
        if (config.maxRetries() >= 0 && count > config.maxRetries()) {
            throw new ConnectException(
                    "Record " + place + " could not be written, " + config.maxRetries() + " retries of "
                            + config.deliveryDeadline().toMillis() + " ms each included (" + SinkConfig.MAX_RETRIES
                            + ", "
                            + SinkConfig.DELIVERY_DEADLINE_MS + "): " + cause.getMessage(),
                    cause);
        }
    }

    /** Nothing is to be sent for a while; returns how many milliseconds. */
    long backOff() {
        long backoff = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS << Math.min(count, 10));
        retryAt = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(backoff);
        return backoff;
    }

    boolean backingOff() {
        return restMillis() > 0;
    }

    /** How long it still takes; 0 or less if it is over. */
    long restMillis() {
        return TimeUnit.NANOSECONDS.toMillis(retryAt - System.nanoTime() + 999_999);
    }

    /** A record is done: if it was this one, the count begins anew. */
    void done(Tracked place) {
        if (retried != null && place.partition().equals(retried.partition()) && place.offset() == retried.offset()) {
            reset();
        }
    }

    void forget(Collection<TopicPartition> partitions) {
        if (retried != null && partitions.contains(retried.partition())) {
            reset();
        }
    }

    private void reset() {
        retried = null;
        count = 0;
    }
}
