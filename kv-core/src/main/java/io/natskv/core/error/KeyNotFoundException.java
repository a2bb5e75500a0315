package io.natskv.core.error;

/** The key has no value: it was never written, or its last revision is a marker. */
public final class KeyNotFoundException extends KvException {
    private static final long serialVersionUID = 1L;

    public KeyNotFoundException(String bucket, String key) {
        super(ErrorClass.REJECTED, "Key \"" + key + "\" not found in bucket \"" + bucket + "\"");
    }
}
