package io.natskv.core.connect;

import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvException;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;

/** What an error means to the Connect worker. */
public final class ConnectErrors {
    private ConnectErrors() {}

    /**
     * The worker's form of an error: a {@link RetriableException} if it may pass, a {@link ConnectException}, which fails the task,
     * otherwise.
     *
     * @param context what was being done, for the message: {@code Bucket "orders"}
     */
    public static ConnectException of(KvException error, String context) {
        String message = context.isEmpty() ? error.getMessage() : context + ": " + error.getMessage();
        return error.errorClass() == ErrorClass.TRANSIENT
                ? new RetriableException(message, error)
                : new ConnectException(message, error);
    }
}
