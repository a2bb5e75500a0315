package io.natskv.core.connection;

import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvException;
import io.natskv.core.error.TlsException;
import io.natskv.core.error.UnavailableException;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/**
 * Why no connection could be made. jnats' own exception tells the addresses, passwords included, and no reason; the reasons come through its
 * listeners, several where several servers were tried. Thread-safe.
 */
final class ConnectFailure {
    /** TLS 1.3 ends the client's handshake before the server has looked at our certificate; its alert is lost in jnats. */
    private static final String CLIENT_CERTIFICATE =
            " (a server that demands a client certificate and gets none, or one that it does not trust, breaks off like this)";

    private final Set<String> refusals = new TreeSet<>();
    private final Set<String> reasons = new TreeSet<>();
    private Throwable cause;
    private boolean tls;
    private boolean broken;

    synchronized void serverSaid(String error, boolean refusal) {
        (refusal ? refusals : reasons).add(error);
    }

    synchronized void threw(Throwable exception) {
        Throwable root = unwrap(exception);
        cause = root;
        tls |= isTls(root);
        broken |=
                root instanceof TimeoutException || root instanceof IOException && !(root instanceof ConnectException);
        reasons.add(describe(root));
    }

    /** Fatal if a server refused the credentials or TLS can't succeed: no later attempt could do better. */
    synchronized KvException toException(String servers, boolean overTls) {
        String why = reasons.isEmpty() ? "no reason given" : String.join("; ", reasons);
        if (!refusals.isEmpty()) {
            return new KvException(
                    ErrorClass.FATAL,
                    "NATS server at " + servers + " refused the credentials: " + String.join("; ", refusals));
        }
        if (tls) {
            return new TlsException("TLS with NATS at " + servers + " failed: " + why, cause);
        }
        return new UnavailableException(
                "Can't connect to NATS at " + servers + ": " + why + (overTls && broken ? CLIENT_CERTIFICATE : ""),
                cause);
    }

    private static Throwable unwrap(Throwable error) {
        Throwable root = error;
        while ((root instanceof ExecutionException || root instanceof CompletionException) && root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    private static boolean isTls(Throwable error) {
        String text = String.valueOf(error.getMessage());
        if (text.contains("SSL required by server") || text.contains("SSL connection wanted by client")) {
            return true;
        }
        // A server that goes down in the middle of the handshake is no reason to give up.
        return error instanceof SSLException
                && chain(error).stream().noneMatch(e -> e instanceof EOFException || e instanceof SocketException);
    }

    private static String describe(Throwable error) {
        if (error instanceof TimeoutException) {
            return "no answer in time";
        }
        String text = error.getMessage();
        return text == null
                ? error.getClass().getSimpleName()
                : error.getClass().getSimpleName() + ": " + text;
    }

    private static List<Throwable> chain(Throwable error) {
        List<Throwable> all = new ArrayList<>();
        for (Throwable e = error; e != null && !all.contains(e); e = e.getCause()) {
            all.add(e);
        }
        return all;
    }
}
