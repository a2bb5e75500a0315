package io.natskv.core.error;

/** The server refused a request with an error that has no type of its own here. */
public final class KvServerException extends KvException {
    private static final long serialVersionUID = 1L;

    private final int code;

    /** @param code JetStream's {@code err_code} */
    public KvServerException(ErrorClass errorClass, int code, String message, Throwable cause) {
        super(errorClass, message, cause);
        this.code = code;
    }

    /** JetStream's {@code err_code}, for example 10077. */
    public int code() {
        return code;
    }
}
