package io.natskv.testing.process;

/** A process ended, or its deadline passed, before it was ready. The message carries the end of its log. */
public final class ProcessStartException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /** Creates it with a message only. */
    public ProcessStartException(String message) {
        super(message);
    }

    /** Creates it with a cause. */
    public ProcessStartException(String message, Throwable cause) {
        super(message, cause);
    }
}
