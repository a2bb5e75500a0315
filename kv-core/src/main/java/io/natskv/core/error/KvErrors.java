package io.natskv.core.error;

import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamStatusException;
import io.nats.client.support.Status;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The one place where errors are classified: what jnats and the server report becomes a {@link KvException} with its
 * {@link ErrorClass}. Codes are those of the server's {@code errors.json}.
 */
public final class KvErrors {
    public static final int MESSAGE_NOT_FOUND = 10037;
    public static final int CONSUMER_NOT_FOUND = 10014;
    /** Also: its configuration can't be changed. */
    public static final int CONSUMER_REFUSED = 10012;

    public static final int CONSUMER_EXISTS = 10013;
    public static final int CONSUMER_NAME_IN_USE = 10148;
    public static final int MESSAGE_TOO_LARGE = 10054;
    public static final int STREAM_EXISTS = 10058;
    public static final int STREAM_NOT_FOUND = 10059;
    public static final int WRONG_LAST_SEQUENCE = 10071;
    /** Like {@link #WRONG_LAST_SEQUENCE}, without the sequence: another write to the subject is in flight in a cluster. */
    public static final int WRONG_LAST_SEQUENCE_IN_FLIGHT = 10164;
    /** The leader can't say yet what the last sequence is. */
    public static final int LAST_SEQUENCE_UNAVAILABLE = 10163;
    /** The bucket is full ({@code max_bytes}), or the disk is. */
    public static final int STORE_FAILED = 10077;

    private static final Map<Integer, ErrorClass> CLASSES = Map.ofEntries(
            Map.entry(10002, ErrorClass.TRANSIENT), // the account's limit is reached
            Map.entry(10008, ErrorClass.TRANSIENT), // JetStream temporarily unavailable
            Map.entry(10009, ErrorClass.TRANSIENT), // peer not a member yet
            Map.entry(10023, ErrorClass.TRANSIENT), // insufficient resources
            Map.entry(10028, ErrorClass.TRANSIENT), // memory resources
            Map.entry(10039, ErrorClass.TRANSIENT), // JetStream not enabled for the account (while a server starts)
            Map.entry(10047, ErrorClass.TRANSIENT), // storage resources
            Map.entry(10076, ErrorClass.TRANSIENT), // JetStream not enabled (while a server starts)
            Map.entry(STORE_FAILED, ErrorClass.TRANSIENT),
            Map.entry(10118, ErrorClass.TRANSIENT), // stream offline
            Map.entry(10119, ErrorClass.TRANSIENT), // consumer offline
            Map.entry(10158, ErrorClass.TRANSIENT), // duplicate message id in process
            Map.entry(LAST_SEQUENCE_UNAVAILABLE, ErrorClass.TRANSIENT),
            Map.entry(WRONG_LAST_SEQUENCE_IN_FLIGHT, ErrorClass.TRANSIENT),
            Map.entry(10167, ErrorClass.TRANSIENT), // too many requests
            Map.entry(10174, ErrorClass.FATAL), // batches are not allowed on this stream
            Map.entry(10175, ErrorClass.REJECTED), // batch sequence missing
            Map.entry(10176, ErrorClass.TRANSIENT), // batch incomplete: messages of it were lost
            Map.entry(10177, ErrorClass.REJECTED), // header not supported in a batch
            Map.entry(10179, ErrorClass.REJECTED), // batch id invalid
            Map.entry(10199, ErrorClass.REJECTED), // batch too large
            Map.entry(10201, ErrorClass.REJECTED), // message id of the batch is a duplicate
            Map.entry(10210, ErrorClass.TRANSIENT), // too many batches in flight
            Map.entry(10211, ErrorClass.TRANSIENT),
            Map.entry(MESSAGE_TOO_LARGE, ErrorClass.REJECTED),
            Map.entry(10060, ErrorClass.REJECTED), // expected stream does not match
            Map.entry(WRONG_LAST_SEQUENCE, ErrorClass.REJECTED),
            Map.entry(MESSAGE_NOT_FOUND, ErrorClass.REJECTED),
            Map.entry(10097, ErrorClass.REJECTED), // header too large
            Map.entry(10109, ErrorClass.FATAL), // stream sealed
            Map.entry(10111, ErrorClass.REJECTED), // rollup refused
            Map.entry(10165, ErrorClass.REJECTED), // TTL invalid
            Map.entry(10166, ErrorClass.REJECTED)); // TTL disabled

    private static final Pattern SEQUENCE = Pattern.compile("wrong last sequence: (\\d+)");
    private static final Pattern PERMISSION =
            Pattern.compile("(?i)permissions violation for (publish|subscription) to \"([^\"]+)\"");

    private KvErrors() {}

    /** Whether to retry, to report the record, or to stop. An error that nobody foresaw is fatal: it must be seen. */
    public static ErrorClass classify(Throwable error) {
        return translate(error, "").errorClass();
    }

    /**
     * The typed form of an error.
     *
     * @param error anything that jnats or a future threw; a {@link KvException} is returned as it is
     * @param action what was being done and to what, for the message: {@code put key "a" in bucket "b"}
     */
    public static KvException translate(Throwable error, String action) {
        Throwable cause = unwrap(error);
        if (cause instanceof KvException kv) {
            return kv;
        }
        if (cause instanceof JetStreamApiException api) {
            return ofCode(api.getApiErrorCode(), api.getErrorDescription(), action, api);
        }
        String what = action.isEmpty() ? "" : " (" + action + ")";
        if (cause instanceof TimeoutException || cause instanceof CancellationException) {
            return new UnavailableException("No answer from the NATS server" + what, cause);
        }
        if (cause instanceof IOException
                || cause instanceof JetStreamStatusException
                || cause instanceof IllegalStateException) {
            return new UnavailableException("NATS server not available" + what + ": " + cause.getMessage(), cause);
        }
        if (cause instanceof InterruptedException) {
            Thread.currentThread().interrupt();
            return new UnavailableException("Interrupted" + what, cause);
        }
        return new KvException(ErrorClass.FATAL, "Unexpected error" + what + ": " + cause, cause);
    }

    /** The typed form of an error that the server answered with. */
    public static KvException ofCode(int code, String description, String action, Throwable cause) {
        ErrorClass errorClass = CLASSES.getOrDefault(code, ErrorClass.FATAL);
        return new KvServerException(
                errorClass,
                code,
                (action.isEmpty() ? "Request" : action) + " failed: " + description + " [" + code + "]",
                cause);
    }

    /** True if the error is the server's error of that code. */
    public static boolean isCode(Throwable error, int code) {
        Throwable cause = unwrap(error);
        return cause instanceof JetStreamApiException api && api.getApiErrorCode() == code
                || cause instanceof KvServerException server && server.code() == code;
    }

    /** True if a server said that nobody listens on the subject of a request, so that nobody got it. Never for a connection that does not report it. */
    public static boolean isNoResponders(Throwable error) {
        return unwrap(error) instanceof JetStreamStatusException status
                && status.getStatus() != null
                && status.getStatus().getCode() == Status.NO_RESPONDERS_CODE;
    }

    /** True if the server refused a consumer because there is another one of that name, or this one with another configuration. */
    public static boolean isConsumerTaken(Throwable error) {
        return isCode(error, CONSUMER_REFUSED) || isCode(error, CONSUMER_EXISTS) || isCode(error, CONSUMER_NAME_IN_USE);
    }

    /** The sequence in the text of {@link #WRONG_LAST_SEQUENCE}, or -1 when it names none. */
    public static long sequenceIn(String description) {
        Matcher matcher = SEQUENCE.matcher(description == null ? "" : description);
        return matcher.find() ? Long.parseLong(matcher.group(1)) : -1;
    }

    /** The exception for a server's "permissions violation" text, or null if the text is something else. */
    public static Violation violationIn(String serverError) {
        Matcher matcher = PERMISSION.matcher(serverError == null ? "" : serverError);
        return matcher.find()
                ? new Violation(matcher.group(1).toLowerCase(java.util.Locale.ROOT), matcher.group(2))
                : null;
    }

    /** A refused publish or subscription. */
    public record Violation(String action, String subject) {
        public PermissionException toException() {
            return new PermissionException("publish".equals(action) ? "publish to" : "subscribe to", subject);
        }
    }

    private static Throwable unwrap(Throwable error) {
        Throwable cause = error;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
