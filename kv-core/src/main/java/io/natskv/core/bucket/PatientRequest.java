package io.natskv.core.bucket;

import io.nats.client.Message;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.UnavailableException;
import io.natskv.core.key.BucketSubjects;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * One message to a bucket, sent again while nobody listens (503, ADR-22): nobody got it then. There is no leader for the moment, or a new one's
 * subscription is not known everywhere yet, or there is no such bucket, which the API tells.
 */
final class PatientRequest {
    private static final Duration PAUSE = Duration.ofMillis(250);

    private static final Duration SHORTEST_WAIT = Duration.ofSeconds(2);

    /** A server that has just become the API's leader may not know all streams yet: it has to say twice that there is none. */
    private static final int TIMES_GONE = 2;

    private final KvConnection connection;
    private final BucketSubjects subjects;
    private final StreamCheck check;
    private final Message message;
    private final String action;
    private final Patience patience;

    /**
     * How long one is sent.
     *
     * @param deadline the {@link System#nanoTime()} until which it is sent again
     * @param shortestWait the last one that is sent has so long for its answer
     * @param givenUp true once nobody waits for the answer any more: it is not sent from then on
     */
    record Patience(long deadline, Duration shortestWait, BooleanSupplier givenUp) {
        static Patience of(Duration timeout, BooleanSupplier givenUp) {
            return new Patience(
                    System.nanoTime() + timeout.toNanos(),
                    timeout.compareTo(SHORTEST_WAIT) < 0 ? timeout : SHORTEST_WAIT,
                    givenUp);
        }

        private Duration left() {
            return Duration.ofNanos(deadline - System.nanoTime());
        }

        private Duration untilAnswer() {
            Duration left = left();
            return left.compareTo(shortestWait) < 0 ? shortestWait : left;
        }
    }

    PatientRequest(
            KvConnection connection,
            BucketSubjects subjects,
            StreamCheck check,
            Message message,
            String action,
            Patience patience) {
        this.connection = connection;
        this.subjects = subjects;
        this.check = check;
        this.message = message;
        this.action = action;
        this.patience = patience;
    }

    /**
     * Sends it, until somebody takes it or the patience is over.
     *
     * @return the answer; fails with {@link BucketNotFoundException}, with {@link UnavailableException} if nobody took it in time, or as {@link
     *     KvConnection#request}
     */
    CompletableFuture<Message> send() {
        return send(0);
    }

    private CompletableFuture<Message> send(int timesGone) {
        if (patience.givenUp().getAsBoolean()) {
            return CompletableFuture.failedFuture(new CancellationException());
        }
        return connection
                .request(message, patience.untilAnswer())
                .handle((reply, error) -> {
                    if (KvErrors.isNoResponders(error)) {
                        return nobodyListens(timesGone, error);
                    }
                    return error == null
                            ? CompletableFuture.completedFuture(reply)
                            : CompletableFuture.<Message>failedFuture(error);
                })
                .thenCompose(future -> future);
    }

    private CompletableFuture<Message> nobodyListens(int timesGone, Throwable error) {
        if (patience.left().compareTo(PAUSE) <= 0) {
            return CompletableFuture.failedFuture(new UnavailableException(
                    "Nobody listens on subject " + message.getSubject() + " (" + action
                            + "): the bucket has no leader, or is out of reach",
                    error));
        }
        CompletableFuture<Boolean> gone = check.gone();
        return new CompletableFuture<Void>()
                .completeOnTimeout(null, PAUSE.toMillis(), TimeUnit.MILLISECONDS)
                .thenComposeAsync(paused -> {
                    // One that is still under way counts the next time.
                    int times = !gone.isDone() ? timesGone : gone.join() ? timesGone + 1 : 0;
                    return times < TIMES_GONE
                            ? send(times)
                            : CompletableFuture.failedFuture(
                                    new BucketNotFoundException(subjects.bucket(), subjects.stream()));
                });
    }
}
