package io.natskv.camel;

import io.nats.client.api.ConsumerConfiguration;
import java.time.Duration;

/**
 * What a durable consumer holds us to. It may be there with other settings than the options say; the server goes by its own.
 *
 * @param ackWait after how long without a word the server delivers a change again
 * @param maxDeliver how often it delivers one at most; less than 1 for ever
 */
record DurableTerms(Duration ackWait, long maxDeliver) {
    static DurableTerms of(ConsumerConfiguration consumer) {
        // With pauses that grow, the shortest one.
        Duration wait = consumer.getBackoff().stream().min(Duration::compareTo).orElse(consumer.getAckWait());
        return new DurableTerms(wait, consumer.getMaxDeliver());
    }

    /** How often to say that something is being worked on. */
    long beatMillis() {
        return Math.max(1, ackWait.toMillis() / 3);
    }
}
