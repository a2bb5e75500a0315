package io.natskv.connect.sink.delivery;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.delivery.PartitionWatermarks.Tracked;
import io.natskv.core.error.KvException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;

/** How often the records that hold their partitions up have been tried, and when they may be again. For one thread. */
final class Retries {
    private static final long FIRST_BACKOFF_MS = 200;
    private static final long LONGEST_BACKOFF_MS = 30_000;

    private final SinkConfig config;
    private final Map<TopicPartition, Attempts> failing = new HashMap<>();
    /** Of the partition that failed last. */
    private int count;

    private long retryAt = System.nanoTime();
    private boolean waiting;

    /**
     * Of a partition.
     *
     * @param offset of the first record that has failed since the last success
     */
    private record Attempts(long offset, int count) {
        private Attempts and(Attempts another) {
            return new Attempts(Math.min(offset, another.offset), count + another.count);
        }
    }

    Retries(SinkConfig config) {
        this.config = config;
    }

    /**
     * Counts a failed attempt, all of its deadline long.
     *
     * @throws ConnectException if it was the last one
     */
    void count(Tracked place, KvException cause) {
        count = failing.merge(place.partition(), new Attempts(place.offset(), 1), Attempts::and)
                .count();
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
        waiting = true;
        return backoff;
    }

    boolean backingOff() {
        // Asked for each record: the clock is not read while there is nothing to wait for.
        waiting = waiting && restMillis() > 0;
        return waiting;
    }

    /** How long it still takes; 0 or less if it is over. */
    long restMillis() {
        return TimeUnit.NANOSECONDS.toMillis(retryAt - System.nanoTime() + 999_999);
    }

    /** A record is done: if it held its partition up, the count of that begins anew. */
    void done(Tracked place) {
        if (failing.isEmpty()) {
            return;
        }
        Attempts attempts = failing.get(place.partition());
        if (attempts != null && attempts.offset() == place.offset()) {
            failing.remove(place.partition());
        }
    }

    void forget(Collection<TopicPartition> partitions) {
        failing.keySet().removeAll(partitions);
    }
}
