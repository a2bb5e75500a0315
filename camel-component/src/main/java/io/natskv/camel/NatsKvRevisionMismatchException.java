package io.natskv.camel;

import io.natskv.core.error.WrongRevisionException;
import org.apache.camel.Exchange;

/** A conditional UPDATE, DELETE or PURGE found another last revision than expected. */
public class NatsKvRevisionMismatchException extends NatsKvConflictException {
    private static final long serialVersionUID = 1L;

    private final long actualRevision;

    public NatsKvRevisionMismatchException(String bucket, String key, Exchange exchange, WrongRevisionException cause) {
        super(cause.getMessage(), bucket, key, cause.expected(), exchange, cause);
        this.actualRevision = cause.actual();
    }

    /** The last revision that the key has; -1 where the server does not say. */
    public long getActualRevision() {
        return actualRevision;
    }
}
