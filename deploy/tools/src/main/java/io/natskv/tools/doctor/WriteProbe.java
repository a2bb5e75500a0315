package io.natskv.tools.doctor;

import io.nats.client.Message;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.error.PermissionException;
import io.natskv.core.key.BucketSubjects;
import java.util.Optional;
import java.util.concurrent.CompletionException;

/**
 * Tries whether a user may write, without writing: the message says that it belongs into a stream of another name, so the server refuses it after
 * it has looked whether it may be sent.
 */
final class WriteProbe {
    private static final String EXPECTED_STREAM = "Nats-Expected-Stream";
    private static final String PROBE = "nats-kv-doctor";

    private final KvConnection connection;

    WriteProbe(KvConnection connection) {
        this.connection = connection;
    }

    /** Why the bucket's keys can't be written. */
    Optional<KvException> keys(BucketSubjects subjects) {
        return send(subjects.writeSubject(PROBE));
    }

    /** Why the bucket's offsets can't be written. */
    Optional<KvException> offsets(BucketSubjects subjects) {
        return send(subjects.offsetsWriteSubject(PROBE));
    }

    /** Why the bucket's offsets can't be read. */
    Optional<KvException> offsetsRead(BucketSubjects subjects) {
        try {
            connection
                    .api()
                    .lastMessage(subjects.stream(), subjects.offsetsReadSubject(PROBE))
                    .join();
            return Optional.empty();
        } catch (CompletionException e) {
            return refusal(e, subjects.stream());
        }
    }

    private Optional<KvException> send(String subject) {
        Headers headers = new Headers();
        headers.put(EXPECTED_STREAM, "none-of-this-name");
        Message message =
                NatsMessage.builder().subject(subject).headers(headers).build();
        try {
            connection.request(message, connection.api().timeout()).join();
            return Optional.empty();
        } catch (CompletionException e) {
            return refusal(e, subject);
        }
    }

    private static Optional<KvException> refusal(CompletionException error, String what) {
        KvException found = KvErrors.translate(error, what);
        return found instanceof PermissionException ? Optional.of(found) : Optional.empty();
    }
}
