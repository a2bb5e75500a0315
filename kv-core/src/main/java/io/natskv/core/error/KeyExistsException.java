package io.natskv.core.error;

/** A create found a value under the key. */
public final class KeyExistsException extends KvException {
    private static final long serialVersionUID = 1L;

    public KeyExistsException(String bucket, String key) {
        super(ErrorClass.REJECTED, "Key \"" + key + "\" exists in bucket \"" + bucket + "\"");
    }
}
