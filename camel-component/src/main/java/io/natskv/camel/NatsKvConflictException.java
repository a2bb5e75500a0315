package io.natskv.camel;

import org.apache.camel.CamelExchangeException;
import org.apache.camel.Exchange;

/**
 * A conditional write found the key in another state than expected; nothing was written. One {@code onException} on this
 * class drives a read-modify-write loop.
 */
public abstract class NatsKvConflictException extends CamelExchangeException {
    private static final long serialVersionUID = 1L;

    private final String bucket;
    private final String key;
    private final long expectedRevision;

    NatsKvConflictException(
            String message, String bucket, String key, long expectedRevision, Exchange exchange, Throwable cause) {
        super(message, exchange, cause);
        this.bucket = bucket;
        this.key = key;
        this.expectedRevision = expectedRevision;
    }

    public String getBucket() {
        return bucket;
    }

    public String getKey() {
        return key;
    }

    /** The last revision that the key should have had; 0 for none. */
    public long getExpectedRevision() {
        return expectedRevision;
    }
}
