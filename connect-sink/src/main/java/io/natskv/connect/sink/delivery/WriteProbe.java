package io.natskv.connect.sink.delivery;

import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.error.PermissionException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Finds out whether this user may publish to a subject of a bucket, by a message that the bucket's stream is sure to refuse: it asks to be stored in a
 * stream of another name. Nothing is written.
 */
public final class WriteProbe {
    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final String EXPECTED_STREAM = "Nats-Expected-Stream";
    /** The streams of buckets begin with {@code KV_}. */
    private static final String NO_BUCKET = "no_bucket";

    private WriteProbe() {}

    /** The refusal; empty if there is none, or no answer. Does not fail. */
    public static CompletableFuture<Optional<PermissionException>> refusal(KvConnection connection, String subject) {
        NatsMessage message = NatsMessage.builder()
                .subject(subject)
                .headers(new Headers().put(EXPECTED_STREAM, NO_BUCKET))
                .build();
        return connection.request(message, TIMEOUT).handle((reply, error) -> {
            KvException failure = error == null ? null : KvErrors.translate(error, "");
            return failure instanceof PermissionException refused ? Optional.of(refused) : Optional.empty();
        });
    }
}
