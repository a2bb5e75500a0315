package io.natskv.core.error;

<<<<<<< HEAD
/** TLS can't succeed: a store or certificate of ours can't be used, or one side does not trust the other. */
public final class TlsException extends KvException {
    private static final long serialVersionUID = 1L;

    public TlsException(String message, Throwable cause) {
        super(ErrorClass.FATAL, message, cause);
=======
/** TLS with the server can't succeed: one side does not trust the other's certificate, or only one of them wants TLS. */
public final class TlsException extends KvException {
    private static final long serialVersionUID = 1L;

    public TlsException(String servers, String problem, Throwable cause) {
        super(ErrorClass.FATAL, "TLS with NATS at " + servers + " failed: " + problem, cause);
>>>>>>> w-conn
    }
}
