package io.natskv.camel;

/**
 * Moves the position of a consumer. In the header {@link NatsKvConstants#MANUAL_COMMIT} of its exchanges, with {@code allowManualCommit}. May
 * be called from any thread, also after the exchange.
 */
@FunctionalInterface
public interface NatsKvManualCommit {
    /**
     * Counts this exchange and all that came before it as done, and writes the position. With {@code concurrentConsumers} it is written as
     * soon as what came before has ended.
     */
    void commit();
}
