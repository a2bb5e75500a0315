package io.natskv.testing.kafka;

/** The worker refused a request. */
public final class ConnectRestException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    private final int status;

    ConnectRestException(String request, int status, String body) {
        super(request + " was answered with status " + status + ": " + body);
        this.status = status;
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }
}
