package io.natskv.core.connection;

import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvException;
import io.natskv.core.error.UnavailableException;
import java.io.EOFException;
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
    private final Set<String> reasons = new TreeSet<>();
    private Throwable cause;
    private boolean refused;
    private boolean tls;

    synchronized void serverSaid(String error, boolean refusal) {
        reasons.add(error);
        refused |= refusal;
    }

    synchronized void threw(Throwable exception) {
        Throwable root = unwrap(exception);
        cause = root;
        tls |= isTls(root);
        reasons.add(describe(root));
    }

    /** Fatal if a server refused the credentials or TLS can't succeed: no later attempt could do better. */
    synchronized KvException toException(String servers) {
        String why = reasons.isEmpty() ? "no reason given" : String.join("; ", reasons);
        if (refused) {
            return new KvException(
                    ErrorClass.FATAL, "NATS server at " + servers + " refused the credentials: " + why, cause);
        }
        if (tls) {
            return new KvException(ErrorClass.FATAL, "TLS with NATS at " + servers + " failed: " + why, cause);
        }
        return new UnavailableException("Can't connect to NATS at " + servers + ": " + why, cause);
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
