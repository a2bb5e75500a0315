package io.natskv.connect.sink.exactlyonce;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.core.error.KvException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;

/** How long a partition may go on without success, and how long it waits between attempts. For one thread. */
final class RetryBudget {
    private static final long FIRST_BACKOFF_MS = 50;
    private static final long LONGEST_BACKOFF_MS = 5_000;

    private final TopicPartition partition;
    private final Duration deadline;
    private final int maxRetries;
    private boolean failing;
    private long since;
    private int failures;

    /**
     * @param deadline of one of the retries
     * @param maxRetries how many of them; -1 for any number
     */
    RetryBudget(TopicPartition partition, Duration deadline, int maxRetries) {
        this.partition = partition;
        this.deadline = deadline;
        this.maxRetries = maxRetries;
    }

    void succeeded() {
        failing = false;
        failures = 0;
    }

    /** True if nothing has succeeded since the last failure. */
    boolean isFailing() {
        return failing;
    }

    /**
     * Nothing could be done, or not with success.
     *
     * @throws ConnectException if that has gone on for too long
     */
    void failed(long now, KvException cause) {
        if (!failing) {
            failing = true;
            since = now;
        }
        if (maxRetries >= 0 && TimeUnit.NANOSECONDS.toMillis(now - since) > deadline.toMillis() * (maxRetries + 1L)) {
            throw new ConnectException(
                    "Partition " + partition + " could not go on for " + deadline.toMillis() + " ms and " + maxRetries
                            + " times that (" + SinkConfig.DELIVERY_DEADLINE_MS + ", " + SinkConfig.MAX_RETRIES + "): "
                            + cause.getMessage(),
                    cause);
        }
    }

    /** When to try again after another failure, in {@link System#nanoTime}. */
    long retryAt(long now) {
        long wait = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS << Math.min(failures++, 10));
        return now
                + TimeUnit.MILLISECONDS.toNanos(
                        wait / 2 + ThreadLocalRandom.current().nextLong(wait / 2 + 1));
    }
}
