package io.natskv.soak;

import io.nats.client.JetStreamApiException;
import io.nats.client.api.MessageInfo;
import io.natskv.soak.model.History;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Reads a bucket message by message, each by its revision: nothing that a consumer could lose, repeat or forget. As the leader answers, at most
 * what was removed at once is missed.
 */
final class Recorder implements AutoCloseable {
    private static final long IDLE = Duration.ofMillis(5).toNanos();
    private static final long AWAY = Duration.ofMillis(50).toNanos();
    private static final int NO_MESSAGE = 10037;

    private final RawBucket bucket;
    private final History history;
    private final int incarnation;
    private final Thread thread;
    private volatile boolean stopped;
    private volatile RuntimeException failure;

    Recorder(RawBucket bucket, History history, int incarnation) {
        this.bucket = bucket;
        this.history = history;
        this.incarnation = incarnation;
        this.thread = new Thread(this::run, "recorder-" + bucket.name());
        thread.setDaemon(true);
        thread.start();
    }

    /** Whether everything is recorded that the leader has now. */
    boolean caughtUp() throws IOException, JetStreamApiException {
        RuntimeException last = failure;
        if (last != null) {
            throw new IllegalStateException("A message of bucket " + bucket.name() + " can't be recorded", last);
        }
        try {
            bucket.next(history.lastRevision() + 1);
            return false;
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == NO_MESSAGE) {
                return true;
            }
            throw e;
        }
    }

    private void run() {
        long next = 1;
        while (!stopped) {
            try {
                MessageInfo message = bucket.next(next);
                history.add(bucket.change(incarnation, message));
                next = message.getSeq() + 1;
                failure = null;
            } catch (JetStreamApiException e) {
                failure = null;
                LockSupport.parkNanos(e.getApiErrorCode() == NO_MESSAGE ? IDLE : AWAY);
            } catch (IOException e) {
                LockSupport.parkNanos(AWAY);
            } catch (RuntimeException e) {
                failure = e; // until it goes: a connection that is closed at the moment, too
                LockSupport.parkNanos(AWAY);
            }
        }
    }

    @Override
    public void close() {
        stopped = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
