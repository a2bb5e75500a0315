package io.natskv.core.write;

import java.time.Duration;

/**
 * Bounds and policies of a {@link KvWriter}.
 *
 * @param maxInFlight how many writes may be submitted and not settled; more make {@link KvWriter#submit} wait
 * @param maxInFlightBytes how many bytes of keys, headers and values they may hold; a single larger write still gets through
 * @param coalesce let a waiting unconditional put or delete be replaced by a later one of its key
 * @param guard compare-and-set on every write, so that bytes of an earlier attempt that were held up somewhere can't land after a later
 *     write; without it a key may end with a stale value after an outage
 * @param ackTimeout how long to wait for an acknowledgement before the write is sent again
 * @param deadline how long a write may take in all before it fails
 * @param retryBackoff pause before a write that failed for a passing reason is sent again; doubles up to 20 times this, with jitter
 * @param revisionCacheSize for how many keys the last known revision is kept
 */
public record WriterOptions(
        int maxInFlight,
        long maxInFlightBytes,
        boolean coalesce,
        boolean guard,
        Duration ackTimeout,
        Duration deadline,
        Duration retryBackoff,
        int revisionCacheSize) {
    /** 1,000 writes or 32 MiB in flight, guarded, queued per key, 2 minutes to succeed. */
    public static final WriterOptions DEFAULT = new WriterOptions(
            1_000,
            32L << 20,
            false,
            true,
            Duration.ofSeconds(5),
            Duration.ofMinutes(2),
            Duration.ofMillis(50),
            100_000);

    public WriterOptions {
        if (maxInFlight < 1 || maxInFlightBytes < 1 || revisionCacheSize < 1) {
            throw new IllegalArgumentException("The bounds of a writer must be 1 or more");
        }
        if (ackTimeout.isNegative() || ackTimeout.isZero() || deadline.compareTo(ackTimeout) < 0) {
            throw new IllegalArgumentException(
                    "The deadline of a writer must be at least its ack time-out, and both positive");
        }
    }

    public WriterOptions withInFlight(int writes, long bytes) {
        return new WriterOptions(writes, bytes, coalesce, guard, ackTimeout, deadline, retryBackoff, revisionCacheSize);
    }

    public WriterOptions withCoalesce(boolean value) {
        return new WriterOptions(
                maxInFlight, maxInFlightBytes, value, guard, ackTimeout, deadline, retryBackoff, revisionCacheSize);
    }

    public WriterOptions withGuard(boolean value) {
        return new WriterOptions(
                maxInFlight, maxInFlightBytes, coalesce, value, ackTimeout, deadline, retryBackoff, revisionCacheSize);
    }

    public WriterOptions withTimeouts(Duration ack, Duration total) {
        return new WriterOptions(
                maxInFlight, maxInFlightBytes, coalesce, guard, ack, total, retryBackoff, revisionCacheSize);
    }
}
