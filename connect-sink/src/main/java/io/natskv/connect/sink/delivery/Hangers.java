package io.natskv.connect.sink.delivery;

import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says what is going on when nothing goes on: writes that hang look like a task that is merely slow. For one thread. */
final class Hangers {
    private static final Logger LOG = LoggerFactory.getLogger(Hangers.class);
    private static final long FIRST_LOOK = TimeUnit.SECONDS.toNanos(2);
    private static final long FIRST_WORD = TimeUnit.SECONDS.toNanos(5);
    private static final long NEXT_WORD = TimeUnit.SECONDS.toNanos(60);

    private final SinkMetrics metrics;
    private final BucketWriters writers;
    private long since = System.nanoTime();
    private long nextLook = since + FIRST_LOOK;
    private long nextWord = since + FIRST_WORD;

    Hangers(SinkMetrics metrics, BucketWriters writers) {
        this.metrics = metrics;
        this.writers = writers;
    }

    /** Something was acknowledged, or nothing is under way. */
    void progress() {
        since = System.nanoTime();
        if (nextLook - since < FIRST_LOOK) {
            nextLook = since + FIRST_LOOK;
            nextWord = since + FIRST_WORD;
            metrics.fullBuckets(0);
        }
    }

    /** To be called now and then while writes are under way. */
    void look(int inFlight) {
        long now = System.nanoTime();
        if (now - nextLook < 0) {
            return;
        }
        nextLook = now + FIRST_LOOK;
        Map<String, KvException> troubles = writers.troubles();
        metrics.fullBuckets(troubles.values().stream().filter(Hangers::isFull).count());
        if (now - nextWord < 0) {
            return;
        }
        nextWord = now + NEXT_WORD;
        long seconds = TimeUnit.NANOSECONDS.toSeconds(now - since);
        if (troubles.isEmpty()) {
            LOG.warn("{} writes have waited {} s for an acknowledgement; they are sent again", inFlight, seconds);
        }
        troubles.forEach((bucket, error) -> LOG.warn(
                "{} writes have waited {} s, of bucket \"{}\" because: {}{}; they are sent again",
                inFlight,
                seconds,
                bucket,
                error.getMessage(),
                advice(error)));
    }

    private static boolean isFull(KvException error) {
        return KvErrors.isCode(error, KvErrors.STORE_FAILED);
    }

    /** What to do about an error, where its own text does not tell. */
    static String advice(KvException error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (KvErrors.isCode(cause, KvErrors.STORE_FAILED)) {
                return ". The bucket is full (max_bytes) or the disk is: nothing can be stored, deletes neither, until the bucket is made "
                        + "larger or its stream is purged";
            }
        }
        return "";
    }
}
