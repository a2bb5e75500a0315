package io.natskv.core.error;

/** The key is none that NATS KV allows (ADR-6); the message says what is wrong with it. */
public final class InvalidKeyException extends KvException {
    private static final long serialVersionUID = 1L;

    public InvalidKeyException(String key, String problem) {
        super(ErrorClass.REJECTED, "Invalid key \"" + key + "\": " + problem);
    }
}
