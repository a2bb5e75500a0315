package io.natskv.camel;

/** What is owed to where a change came from, once its exchange has ended. */
interface Settlement {
    /** Nothing is owed. */
    Settlement NONE = success -> {};

    /** The exchange has ended, and its error was handled if it had one. Once. */
    void processed(boolean success);

    /** False if the change need not be processed here any more. */
    default boolean isWanted() {
        return true;
    }

    /** Whether a suspended consumer gives the change back, instead of keeping it until it is resumed. */
    default boolean isReturnable() {
        return false;
    }

    /** The consumer stops before the change was processed. */
    default void dropped() {}

    /** The route says that the change is done. */
    default void commit() {}
}
