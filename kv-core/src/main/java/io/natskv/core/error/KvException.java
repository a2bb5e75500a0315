package io.natskv.core.error;

/** Root of everything that kv-core throws. The message names bucket, key, revision or setting; never a value or a secret. */
public class KvException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorClass errorClass;

    public KvException(ErrorClass errorClass, String message) {
        this(errorClass, message, null);
    }

    public KvException(ErrorClass errorClass, String message, Throwable cause) {
        super(message, cause);
        this.errorClass = errorClass;
    }

    /** Whether to retry, to report the record, or to stop. */
    public final ErrorClass errorClass() {
        return errorClass;
    }
}
