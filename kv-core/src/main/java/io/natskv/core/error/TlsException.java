package io.natskv.core.error;

/** TLS can't succeed: a store or certificate of ours can't be used, or one side does not trust the other. */
public final class TlsException extends KvException {
    private static final long serialVersionUID = 1L;

    public TlsException(String message, Throwable cause) {
        super(ErrorClass.FATAL, message, cause);
    }
}
