package io.natskv.camel;

import io.nats.client.Message;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A change that a durable consumer was given, and that the server waits to hear of. */
final class DurableDelivery implements Settlement {
    private static final Logger LOG = LoggerFactory.getLogger(DurableDelivery.class);

    private final Message message;
    private final NatsKvConfiguration options;
    private final DurableTerms terms;
    private final Runnable left;
    private final AtomicBoolean settled = new AtomicBoolean();
    /** Until the exchange ends, or the change is given up. */
    private final AtomicBoolean held = new AtomicBoolean(true);

    private volatile long extendedAt = System.nanoTime();

    /** @param left told once, when the change is not held here any more */
    DurableDelivery(Message message, NatsKvConfiguration options, DurableTerms terms, Runnable left) {
        this.message = message;
        this.options = options;
        this.terms = terms;
        this.left = left;
    }

    long sequence() {
        return message.metaData().streamSequence();
    }

    /** Its time begins anew. */
    void extend() {
        if (held.get() && !settled.get() && isInTime() && tell(Message::inProgress)) {
            extendedAt = System.nanoTime();
        }
    }

    private boolean isInTime() {
        return System.nanoTime() - extendedAt < terms.ackWait().toNanos();
    }

    /** False when it could not be held (the connection was down), so that the server gives it to somebody again. */
    @Override
    public boolean isWanted() {
        if (isInTime()) {
            return true;
        }
        leave();
        return false;
    }

    /** While the consumer is suspended others may have it; unless this was its last delivery, which would lose it. */
    @Override
    public boolean isReturnable() {
        return terms.maxDeliver() < 1 || message.metaData().deliveredCount() < terms.maxDeliver();
    }

    @Override
    public void processed(boolean success) {
        if (!options.isManualAck()) {
            if (success) {
                settle(Message::ack);
            } else {
                settle(m -> m.nakWithDelay(nackWait()));
            }
        }
        leave();
    }

    /** Somebody else may have it at once. */
    @Override
    public void dropped() {
        settle(Message::nak);
        leave();
    }

    /** Nobody wants it. */
    void skip() {
        settle(Message::ack);
        leave();
    }

    private Duration nackWait() {
        return Duration.ofMillis(options.getNackWait());
    }

    private void leave() {
        if (held.compareAndSet(true, false)) {
            left.run();
        }
    }

    /** Sets the headers that durable consumers have beside those of all. */
    static void fill(Work work, boolean manual, org.apache.camel.Message message) {
        List<DurableDelivery> deliveries =
                work.settlements().stream().map(DurableDelivery.class::cast).toList();
        if (deliveries.size() == 1) {
            message.setHeader(
                    NatsKvConstants.DELIVERY_COUNT,
                    deliveries.get(0).message.metaData().deliveredCount());
        }
        if (manual) {
            message.setHeader(NatsKvConstants.MANUAL_ACK, new Acknowledgement(deliveries));
        }
    }

    private void settle(Consumer<Message> answer) {
        if (settled.compareAndSet(false, true)) {
            tell(answer);
        }
    }

    private boolean tell(Consumer<Message> answer) {
        try {
            answer.accept(message);
            return true;
        } catch (RuntimeException e) {
            // Not heard: the server delivers it again.
            LOG.debug("{} could not be acknowledged: {}", message.getSubject(), e.toString());
            return false;
        }
    }

    private record Acknowledgement(List<DurableDelivery> deliveries) implements NatsKvManualAck {
        @Override
        public void ack() {
            deliveries.forEach(delivery -> delivery.settle(Message::ack));
        }

        @Override
        public void nak() {
            deliveries.forEach(delivery -> delivery.settle(m -> m.nakWithDelay(delivery.nackWait())));
        }

        @Override
        public void nak(Duration delay) {
            deliveries.forEach(delivery -> delivery.settle(m -> m.nakWithDelay(delay)));
        }

        @Override
        public void term() {
            deliveries.forEach(delivery -> delivery.settle(Message::term));
        }

        @Override
        public void inProgress() {
            deliveries.forEach(delivery -> delivery.tell(Message::inProgress));
        }
    }
}
