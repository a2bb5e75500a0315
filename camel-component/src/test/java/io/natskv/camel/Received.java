package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.JetStreamApiException;
import io.natskv.core.KvOperation;
import io.natskv.core.error.KvException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;

/** The end of a route: notes what it receives. */
final class Received implements Processor {
    private final List<Change> changes = new CopyOnWriteArrayList<>();

    /** One exchange. The value is null where the body was. */
    record Change(long revision, KvOperation operation, String key, String value, boolean initial) {
        /** As {@code 3 PUT a=1} or {@code 4 DELETE a}, with {@code initial} behind it. */
        @Override
        public String toString() {
            return revision + " " + operation + " " + key + (value == null ? "" : "=" + value)
                    + (initial ? " initial" : "");
        }
    }

    @Override
    public void process(Exchange exchange) {
        Message message = exchange.getMessage();
        byte[] body = (byte[]) message.getBody();
        changes.add(new Change(
                message.getHeader(NatsKvConstants.REVISION, long.class),
                message.getHeader(NatsKvConstants.ENTRY_OPERATION, KvOperation.class),
                message.getHeader(NatsKvConstants.KEY, String.class),
                body == null ? null : new String(body, StandardCharsets.UTF_8),
                message.getHeader(NatsKvConstants.INITIAL, boolean.class)));
    }

    List<String> lines() {
        return changes.stream().map(Change::toString).toList();
    }

    List<Long> revisions() {
        return changes.stream().map(Change::revision).toList();
    }

    /** Waits until it has received these, and nothing else. */
    void await(String... lines) {
        await(() -> assertThat(lines()).containsExactly(lines));
    }

    static void await(ThrowingRunnable assertion) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(10))
                // A server that was killed may not be back yet, and one that stalls may answer too late.
                .ignoreExceptionsMatching(Received::comesOfAServer)
                .untilAsserted(assertion);
    }

    /** A mistake of a test or of the product is none of these, and ends the waiting. */
    private static boolean comesOfAServer(Throwable error) {
        if (error instanceof CompletionException
                || error instanceof ExecutionException
                || error instanceof IllegalStateException) {
            return error.getCause() != null && comesOfAServer(error.getCause());
        }
        return error instanceof KvException
                || error instanceof IOException
                || error instanceof JetStreamApiException
                || error instanceof TimeoutException;
    }
}
