package io.natskv.camel;

import org.apache.camel.Exchange;

/** CREATE found a value under the key. */
public class NatsKvKeyExistsException extends NatsKvConflictException {
    private static final long serialVersionUID = 1L;

    public NatsKvKeyExistsException(String bucket, String key, Exchange exchange, Throwable cause) {
        super(cause.getMessage(), bucket, key, 0, exchange, cause);
    }
}
