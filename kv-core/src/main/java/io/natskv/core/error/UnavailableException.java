package io.natskv.core.error;

/**
 * No answer: disconnected, timed out, or nobody listens on the subject (503: no leader, no such stream, or no JetStream). A
 * write that failed so may or may not have been stored.
 */
public final class UnavailableException extends KvException {
    private static final long serialVersionUID = 1L;

    public UnavailableException(String message, Throwable cause) {
        super(ErrorClass.TRANSIENT, message, cause);
    }
}
