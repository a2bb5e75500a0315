package io.natskv.core.error;

/** Value plus headers are larger than the bucket's or the server's limit. */
public final class ValueTooLargeException extends KvException {
    private static final long serialVersionUID = 1L;

    /**
     * @param size bytes of value plus headers
     * @param limit bytes allowed
     * @param setting whose limit it is, for example {@code max_payload of the server}
     */
    public ValueTooLargeException(String bucket, String key, long size, long limit, String setting) {
        super(
                ErrorClass.REJECTED,
                "Value and headers of key \"" + key + "\" take " + size + " bytes; bucket \"" + bucket + "\" allows "
                        + limit + " (" + setting + ")");
    }
}
