package io.natskv.camel;

import io.nats.client.Message;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * What a durable consumer holds here: bounded, so that others who share it get their part, and so that little waits for a thread. The server
 * is told time and again that it is being worked on, however long it waits. Thread-safe.
 */
final class DurableWindow {
    private static final long LOOK_AROUND_MILLIS = 100;

    private final NatsKvConfiguration options;
    private final Gate gate;
    private volatile DurableTerms terms;
    private final Semaphore room;
    private final Set<DurableDelivery> held = ConcurrentHashMap.newKeySet();

    DurableWindow(NatsKvConfiguration options, Gate gate) {
        this.options = options;
        this.gate = gate;
        this.room = new Semaphore(limit(options));
    }

    /** A consumer is there, whose terms count from now on. */
    void opened(DurableTerms consumer) {
        terms = consumer;
    }

    /** How often {@link #extend} is due. */
    long beatMillis() {
        return terms.beatMillis();
    }

    /** What the threads work on, and one fetch besides. */
    private static int limit(NatsKvConfiguration options) {
        int exchange = options.isBatching() ? options.getBatchSize() : 1;
        return options.getConcurrentConsumers() * exchange + fetchSize(options);
    }

    /** How many changes are asked for at a time. */
    static int fetchSize(NatsKvConfiguration options) {
        return options.isBatching() ? options.getBatchSize() : options.getPullBatchSize();
    }

    /** Waits until there is room for one change, and reserves it; false if there was none for a while, or the gate is closed. */
    boolean reserve() throws InterruptedException {
        return gate.isOpen() && room.tryAcquire(LOOK_AROUND_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Reserves what is free, up to so many; does not wait. */
    int reserveUpTo(int most) {
        int got = 0;
        while (got < most && gate.isOpen() && room.tryAcquire()) {
            got++;
        }
        return got;
    }

    /** Gives back what was reserved and is not used. */
    void unreserve(int count) {
        room.release(count);
    }

    /** Takes the place of one reservation, until its exchange has ended or it is given back. */
    DurableDelivery hold(Message message) {
        DurableDelivery[] self = new DurableDelivery[1];
        self[0] = new DurableDelivery(message, options, terms, () -> {
            held.remove(self[0]);
            room.release();
        });
        held.add(self[0]);
        return self[0];
    }

    /** Tells the server that all of it is being worked on. */
    void extend() {
        held.forEach(DurableDelivery::extend);
    }

    /** The lowest revision that is held. */
    OptionalLong lowest() {
        return held.stream().mapToLong(DurableDelivery::sequence).min();
    }
}
