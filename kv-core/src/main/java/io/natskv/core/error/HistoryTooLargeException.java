package io.natskv.core.error;

/** A bucket keeps 1 to 64 revisions of a key (ADR-8). */
public final class HistoryTooLargeException extends KvException {
    private static final long serialVersionUID = 1L;

    public HistoryTooLargeException(String bucket, int history) {
        super(ErrorClass.FATAL, "History of bucket \"" + bucket + "\" must be 1 to 64, not " + history);
    }
}
