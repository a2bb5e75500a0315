package io.natskv.camel;

/** Reads changes from a server, on a thread that it is given, until it is stopped. */
interface ChangeLoop {
    /** The work of the reading thread. */
    void run(Intake intake);

    /** Ends {@link #run} soon; does not wait for it. */
    void stop();

    /** The consumer was suspended: nothing more is to be waited for. */
    default void suspended() {}

    /** How it is doing; for any thread. */
    Status status();

    /**
     * How a loop is doing.
     *
     * @param up whether changes arrive
     * @param problem what keeps them from it, or the last thing that did; null if nothing ever did
     * @param pending how many changes the server had still to deliver, by its last word
     */
    record Status(boolean up, String problem, long pending) {}

    /** Where a loop tells what an operator should know of; it goes on, also if this throws. */
    @FunctionalInterface
    interface Problems {
        void report(String message, Throwable cause);
    }
}
