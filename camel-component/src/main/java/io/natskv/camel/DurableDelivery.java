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
    private final long receivedAt;
    private final Duration ackWait;
    private final Duration nackWait;
    private final boolean manual;
    private final AtomicBoolean settled = new AtomicBoolean();

    /** @param manual whether the route acknowledges */
    DurableDelivery(Message message, Duration ackWait, Duration nackWait, boolean manual) {
        this.message = message;
        this.receivedAt = System.nanoTime();
        this.ackWait = ackWait;
        this.nackWait = nackWait;
        this.manual = manual;
    }

    /** False when it has waited here so long that the server gives it to somebody again. Else its time begins anew. */
    @Override
    public boolean isWanted() {
        long waited = System.nanoTime() - receivedAt;
        if (waited >= ackWait.toNanos()) {
            return false;
        }
        if (waited >= ackWait.toNanos() / 2) {
            tell(Message::inProgress);
        }
        return true;
    }

    @Override
    public void processed(boolean success) {
        if (manual) {
            return;
        }
        if (success) {
            settle(Message::ack);
        } else {
            settle(m -> m.nakWithDelay(nackWait));
        }
    }

    /** Somebody else may have it at once. */
    @Override
    public void dropped() {
        settle(Message::nak);
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

    private void tell(Consumer<Message> answer) {
        try {
            answer.accept(message);
        } catch (IllegalStateException e) {
            // Not heard: the server delivers it again.
            LOG.debug("{} could not be acknowledged: {}", message.getSubject(), e.toString());
        }
    }

    private record Acknowledgement(List<DurableDelivery> deliveries) implements NatsKvManualAck {
        @Override
        public void ack() {
            deliveries.forEach(delivery -> delivery.settle(Message::ack));
        }

        @Override
        public void nak() {
            deliveries.forEach(delivery -> delivery.settle(m -> m.nakWithDelay(delivery.nackWait)));
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
