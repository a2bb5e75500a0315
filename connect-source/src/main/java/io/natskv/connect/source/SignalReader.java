package io.natskv.connect.source;

import io.natskv.core.KvEntry;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchStart;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the signals. From the beginning each time the task starts: the bucket is their memory. Whether one was heeded before is for its receiver to
 * know. For the task's thread.
 */
final class SignalReader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SignalReader.class);
    /** A bucket of signals that can't be reached does not keep the task from its work for ever. */
    private static final long FIRST_SIGNALS = TimeUnit.SECONDS.toNanos(10);

    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(50);

    private final KvWatch watch;
    private final JsonValues json = new JsonValues();
    private final BiConsumer<ControlSignal, Boolean> receiver;
    private boolean live;
    private final long startedAt = System.nanoTime();
    private boolean ready;
    private long readAt = startedAt - PAUSE;

    /**
     * @param watch of the keys that hold signals; closed with this
     * @param receiver takes a signal, and whether it may have been given since the reader began rather than before
     */
    SignalReader(KvWatch watch, BiConsumer<ControlSignal, Boolean> receiver) {
        this.watch = watch;
        this.receiver = receiver;
    }

    /** True when the signals that were there at the start have been read, or that takes too long: a paused task must not begin to read. */
    boolean isReady() {
        return ready;
    }

    /**
     * Hands over what is there.
     *
     * @param maxWait how long to wait for something
     * @throws io.natskv.core.error.KvException (fatal) if the bucket may not be read
     */
    void read(Duration maxWait, long now) {
        if (ready && maxWait.isZero() && now - readAt < PAUSE) {
            return; // not with each of very many polls
        }
        readAt = now;
        for (WatchEvent event = watch.next(maxWait); event != null; event = watch.next(Duration.ZERO)) {
            handle(event);
        }
        if (!ready && now - startedAt > FIRST_SIGNALS) {
            LOG.warn("Signals can't be read yet; going on without them");
            ready = true;
            // Those that are read later may have been given by then: none is taken for one that the start has covered.
            live = true;
        }
    }

    private void handle(WatchEvent event) {
        if (event instanceof WatchEvent.Change change) {
            receive(change.entry());
        } else if (event instanceof WatchEvent.SnapshotEnd) {
            ready = true;
            live = true;
        } else if (event instanceof WatchEvent.PositionLost lost) {
            LOG.warn("The bucket of signals is another one: {}. Reading it from its beginning", lost.message());
            watch.restart(WatchStart.snapshot());
        } else if (event instanceof WatchEvent.BucketDeleted deleted) {
            LOG.warn("No signals: {}", deleted.message());
        } else if (event instanceof WatchEvent.Unavailable unavailable) {
            LOG.warn("{}", unavailable.message());
        } else if (event instanceof WatchEvent.Available available) {
            LOG.info("Signals are read again after {} ms", available.outage().toMillis());
        }
    }

    private void receive(KvEntry entry) {
        if (entry.operation().isMarker()) {
            return; // a signal that was taken back, or cleared away
        }
        ControlSignal signal;
        try {
            signal = ControlSignal.of(entry, json);
        } catch (IllegalArgumentException e) {
            LOG.warn(
                    "Bucket \"{}\", key \"{}\", revision {} is no signal: {}",
                    entry.bucket(),
                    entry.key(),
                    entry.revision(),
                    e.getMessage());
            return;
        }
        receiver.accept(signal, live);
    }

    @Override
    public void close() {
        watch.close();
    }
}
