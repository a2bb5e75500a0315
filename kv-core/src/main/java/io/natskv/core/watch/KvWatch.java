package io.natskv.core.watch;

import io.natskv.core.connection.KvConnection;
import io.natskv.core.key.BucketSubjects;
import java.time.Duration;

/**
 * A pull-based, bounded, resumable stream of changes that survives every outage. From its start on, the reader gets every surviving change,
 * once, in revision order.
 *
 * <p>The watch has no thread: it works while a reader is in {@link #next}. One thread at a time may read; {@link #close} may come from
 * any thread. A reader may pause as long as it likes: what it has not read is bounded, and the server-side consumer is made again
 * if it was removed meanwhile.
 */
public final class KvWatch implements AutoCloseable {
    public KvWatch(KvConnection connection, BucketSubjects subjects, WatchOptions options) {}

    /**
     * The next event.
     *
     * @param maxWait how long to wait for one; zero takes what is there
     * @return the event, or null if none came in time, or the watch is closed
     * @throws io.natskv.core.error.KvException (fatal) if the watch can never go on: connection closed, permission missing
     */
    public WatchEvent next(Duration maxWait) {
        throw new IllegalStateException();
    }

    /** Where the reader is: behind the last event that {@link #next} returned. Null before the bucket was reached for the first time. */
    public WatchPosition position() {
        throw new IllegalStateException();
    }

    /** Begins anew, after {@link WatchEvent.PositionLost} or at will. */
    public void restart(WatchStart start) {
        throw new IllegalStateException();
    }

    /** How it is doing; may be called from any thread. */
    public WatchStats stats() {
        throw new IllegalStateException();
    }

    /** Ends the watch and asks the server to remove its consumer. May be called from any thread, repeatedly; ends a waiting {@link #next}. */
    @Override
    public void close() {
        throw new IllegalStateException();
    }
}
