package io.natskv.camel;

import org.apache.camel.CamelExchangeException;
import org.apache.camel.Exchange;

/** GET with {@code failIfAbsent} found no value: the key was never written, or is deleted. */
public class NatsKvKeyNotFoundException extends CamelExchangeException {
    private static final long serialVersionUID = 1L;

    private final String bucket;
    private final String key;

    public NatsKvKeyNotFoundException(String bucket, String key, Exchange exchange, Throwable cause) {
        super("Key \"" + key + "\" not found in bucket \"" + bucket + "\"", exchange, cause);
        this.bucket = bucket;
        this.key = key;
    }

    public String getBucket() {
        return bucket;
    }

    public String getKey() {
        return key;
    }
}
