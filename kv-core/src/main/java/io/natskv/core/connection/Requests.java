package io.natskv.core.connection;

import io.nats.client.Connection;
import io.nats.client.Message;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.PermissionException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The requests that wait for an answer. The server tells of a subject that is not permitted beside the request, which would otherwise look like
 * a server that is away. Thread-safe.
 */
final class Requests {
    private final Connection connection;
    private final Set<Waiting> waiting = ConcurrentHashMap.newKeySet();
    /** Set while the server refuses the subjects on which answers come back; it says so once for each link. */
    private volatile PermissionException answersRefused;

    private record Waiting(String subject, CompletableFuture<Message> answer) {}

    Requests(Connection connection) {
        this.connection = connection;
    }

    /** Fails with what jnats reports, with {@link java.util.concurrent.TimeoutException}, or with {@link PermissionException}. */
    CompletableFuture<Message> send(Message message, Duration timeout) {
        CompletableFuture<Message> answer = new CompletableFuture<>();
        Waiting entry = new Waiting(message.getSubject(), answer);
        // Before it is sent: the refusal can be quicker than this thread.
        waiting.add(entry);
        PermissionException refused = answersRefused;
        if (refused != null) {
            answer.completeExceptionally(refused);
        } else {
            ask(message, timeout, answer);
        }
        // jnats sweeps for time-outs at intervals; this one is exact.
        return answer.orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((reply, error) -> waiting.remove(entry));
    }

    private void ask(Message message, Duration timeout, CompletableFuture<Message> answer) {
        try {
            connection.requestWithTimeout(message, timeout).whenComplete((reply, error) -> {
                if (error != null) {
                    answer.completeExceptionally(error);
                } else {
                    answer.complete(reply);
                }
            });
        } catch (IllegalStateException | IllegalArgumentException e) {
            answer.completeExceptionally(e);
        }
    }

    /** Ends the requests that a refusal concerns. */
    void refused(KvErrors.Violation violation) {
        boolean publish = "publish".equals(violation.action());
        boolean answers = !publish
                && violation.subject().startsWith(connection.getOptions().getInboxPrefix());
        if (answers) {
            answersRefused = violation.toException();
        }
        waiting.stream()
                .filter(entry -> answers || publish && entry.subject().equals(violation.subject()))
                .forEach(entry -> entry.answer().completeExceptionally(violation.toException()));
    }

    /** Not null while the server refuses the subjects on which answers come back. */
    PermissionException answersRefused() {
        return answersRefused;
    }

    /** There is a new link, over which the server is about to judge all subscriptions anew. */
    void newLink() {
        answersRefused = null;
    }
}
