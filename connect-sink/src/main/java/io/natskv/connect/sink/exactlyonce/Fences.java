package io.natskv.connect.sink.exactlyonce;

import java.util.ArrayDeque;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;

/** How often a partition was claimed away from here. For one thread. */
final class Fences {
    private static final long FIRST_BACKOFF_MS = 1_000;
    private static final long LONGEST_BACKOFF_MS = 30_000;

    private final TopicPartition partition;
    private final int most;
    private final ArrayDeque<Long> times = new ArrayDeque<>();

    Fences(TopicPartition partition, int most) {
        this.partition = partition;
        this.most = most;
    }

    /**
     * It was claimed away once more.
     *
     * @return when to claim it back if it is still assigned. Until then the consumer has polled: had the partition gone to another task, it
     *     would know
     * @throws ConnectException if it was too often
     */
    long fenced(long now, StoredOffset by) {
        times.add(now);
        while (now - times.element() > ExactlyOnceConfig.FENCE_WINDOW.toNanos()) {
            times.remove();
        }
        if (times.size() > most) {
            throw new ConnectException(
                    "Partition " + partition + " stays assigned to this task and was claimed away from it "
                            + times.size() + " times within " + ExactlyOnceConfig.FENCE_WINDOW.toMinutes()
                            + " minutes: somebody else writes offsets under " + ExactlyOnceConfig.ID + " \"" + by.id()
                            + "\". Give each connector another one");
        }
        long wait = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS << Math.min(times.size() - 1, 10));
        return now
                + TimeUnit.MILLISECONDS.toNanos(
                        wait / 2 + ThreadLocalRandom.current().nextLong(wait / 2 + 1));
    }
}
