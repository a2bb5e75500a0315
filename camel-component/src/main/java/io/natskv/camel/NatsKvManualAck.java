package io.natskv.camel;

import java.time.Duration;

/**
 * Tells the server what became of an exchange. In the header {@link NatsKvConstants#MANUAL_ACK} of the exchanges of a durable consumer, with
 * {@code manualAck}. May be called from any thread, also after the exchange; the first of ack, nak and term counts.
 */
public interface NatsKvManualAck {
    /** It is done. */
    void ack();

    /** Deliver it again, after {@code nackWait}. */
    void nak();

    /** Deliver it again, after this time. */
    void nak(Duration delay);

    /** Never deliver it again. */
    void term();

    /** It takes longer: {@code ackWait} begins anew. */
    void inProgress();
}
