package io.natskv.core.bucket;

import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.api.PublishAck;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import io.natskv.core.KvHeaders;
import io.natskv.core.KvOperation;
import io.natskv.core.bucket.PatientRequest.Patience;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.KeyExistsException;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.error.ValueTooLargeException;
import io.natskv.core.error.WrongRevisionException;
import io.natskv.core.key.BucketSubjects;
import io.natskv.core.key.KvNames;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/** Single writes, each one request. Many at a time are the business of {@link io.natskv.core.write.KvWriter}. */
final class BucketWrites {
    static final byte[] EMPTY = new byte[0];

    private static final int MAX_ATTEMPTS = 6;

    private final KvConnection connection;
    private final BucketSubjects subjects;
    private final BucketReads reads;
    private final StreamCheck streamCheck;

    BucketWrites(KvConnection connection, BucketSubjects subjects, BucketReads reads) {
        this.connection = connection;
        this.subjects = subjects;
        this.reads = reads;
        this.streamCheck = new StreamCheck(connection.api(), subjects.stream());
    }

    /**
     * One write.
     *
     * @param headers of the caller; control headers among them are left out. May be null
     * @param expected the key's last revision, to write only if it is that; 0 if there is to be none
     */
    record Write(
            String key,
            KvOperation operation,
            byte[] value,
            Headers headers,
            OptionalLong expected,
            Optional<Duration> ttl) {
        static Write put(String key, byte[] value) {
            return new Write(key, KvOperation.PUT, value, null, OptionalLong.empty(), Optional.empty());
        }

        Write expecting(long revision) {
            return new Write(key, operation, value, headers, OptionalLong.of(revision), ttl);
        }
    }

    CompletableFuture<Long> create(Write write) {
        return endedWithItsFuture(patience -> publish(write.expecting(0), patience)
                .handle((revision, error) -> error == null
                        ? CompletableFuture.completedFuture(revision)
                        : KvErrors.translate(error, "") instanceof WrongRevisionException refused
                                ? createOverMarker(write, refused.actual(), 1, patience)
                                : CompletableFuture.<Long>failedFuture(error))
                .thenCompose(future -> future));
    }

    /** @param actual the revision by which the write was refused; -1 if the server did not tell */
    private CompletableFuture<Long> createOverMarker(Write write, long actual, int attempt, Patience patience) {
        return reads.last(write.key()).thenCompose(last -> {
            boolean lags = (last == null ? 0 : last.revision()) < actual;
            if (lags && attempt < MAX_ATTEMPTS) {
                // A mirror is read, and the origin decides: what it refused by is on its way here.
                return later(attempt, () -> createOverMarker(write, actual, attempt + 1, patience));
            }
            if (last != null && !last.operation().isMarker()) {
                throw new KeyExistsException(subjects.bucket(), write.key());
            }
            return publish(write.expecting(last == null ? 0 : last.revision()), patience)
                    .exceptionally(error -> {
                        KvException failure = KvErrors.translate(error, "");
                        throw failure instanceof WrongRevisionException
                                ? new KeyExistsException(subjects.bucket(), write.key())
                                : failure;
                    });
        });
    }

    CompletableFuture<Long> publish(Write write) {
        return endedWithItsFuture(patience -> publish(write, patience));
    }

    /** Who ends the future before its time, by cancelling it or with a time-out, must not have the write sent once more behind his back. */
    private CompletableFuture<Long> endedWithItsFuture(Function<Patience, CompletableFuture<Long>> steps) {
        CompletableFuture<Long> result = new CompletableFuture<>();
        steps.apply(Patience.of(connection.api().timeout(), result::isDone)).whenComplete((revision, error) -> {
            if (error != null) {
                result.completeExceptionally(error);
            } else {
                result.complete(revision);
            }
        });
        return result;
    }

    private CompletableFuture<Long> publish(Write write, Patience patience) {
        KvNames.checkKey(write.key());
        if (write.ttl().isEmpty()) {
            return send(write, 1, patience);
        }
        // An old server would store the header and keep the value for ever.
        return connection
                .requireLevel(1, "A time to live of a key", "2.11")
                .thenCompose(supported -> send(write, 1, patience));
    }

    private CompletableFuture<Long> send(Write write, int attempt, Patience patience) {
        String action = reads.action(write.operation().name().toLowerCase(Locale.ROOT), write.key());
        try {
            NatsMessage message = message(write);
            long limit = connection.nats().getMaxPayload();
            long size = message.getData().length
                    + (message.hasHeaders() ? message.getHeaders().serializedLength() : 0);
            if (limit > 0 && size > limit) {
                return CompletableFuture.failedFuture(new ValueTooLargeException(
                        subjects.bucket(), write.key(), size, limit, "max_payload of the server"));
            }
            return new PatientRequest(connection, subjects, streamCheck, message, action, patience)
                    .send()
                    .handle((reply, error) -> {
                        if (error != null) {
                            throw reads.failure(error, action);
                        }
                        return judge(reply, write, attempt, action, patience);
                    })
                    .thenCompose(revision -> revision);
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(reads.failure(e, action));
        }
    }

    private NatsMessage message(Write write) {
        Headers headers = KvHeaders.withoutControl(write.headers());
        if (write.operation().isMarker()) {
            headers.put(KvHeaders.OPERATION, write.operation().headerValue());
        }
        if (write.operation() == KvOperation.PURGE) {
            headers.put(KvHeaders.ROLLUP, "sub");
        }
        write.expected()
                .ifPresent(revision -> headers.put(KvHeaders.EXPECTED_LAST_SUBJECT_SEQUENCE, Long.toString(revision)));
        write.ttl().ifPresent(ttl -> headers.put(KvHeaders.TTL, KvHeaders.ttl(ttl)));
        return NatsMessage.builder()
                .subject(subjects.writeSubject(write.key()))
                .headers(headers)
                .data(write.value())
                .build();
    }

    private CompletableFuture<Long> judge(Message reply, Write write, int attempt, String action, Patience patience) {
        try {
            return CompletableFuture.completedFuture(new PublishAck(reply).getSeqno());
        } catch (JetStreamApiException e) {
            int code = e.getApiErrorCode();
            if (write.expected().isPresent() && code == KvErrors.WRONG_LAST_SEQUENCE) {
                return CompletableFuture.failedFuture(
                        wrongRevision(write, KvErrors.sequenceIn(e.getErrorDescription())));
            }
            boolean unsure =
                    code == KvErrors.WRONG_LAST_SEQUENCE_IN_FLIGHT || code == KvErrors.LAST_SEQUENCE_UNAVAILABLE;
            return write.expected().isPresent() && unsure && attempt < MAX_ATTEMPTS
                    ? again(write, attempt, patience)
                    : CompletableFuture.failedFuture(reads.failure(e, action));
        } catch (IOException e) {
            return CompletableFuture.failedFuture(reads.failure(e, action));
        }
    }

    /** In a cluster, another write to the key is in flight, which may come to nothing: the leader knows what is there. */
    private CompletableFuture<Long> again(Write write, int attempt, Patience patience) {
        return reads.last(write.key()).thenCompose(last -> {
            long actual = last == null ? 0 : last.revision();
            if (actual != write.expected().getAsLong()) {
                return CompletableFuture.failedFuture(wrongRevision(write, actual));
            }
            return later(attempt, () -> send(write, attempt + 1, patience));
        });
    }

    private static CompletableFuture<Long> later(int attempt, Supplier<CompletableFuture<Long>> step) {
        Executor later = CompletableFuture.delayedExecutor(10L << attempt, TimeUnit.MILLISECONDS);
        return CompletableFuture.supplyAsync(step, later).thenCompose(revision -> revision);
    }

    private WrongRevisionException wrongRevision(Write write, long actual) {
        return new WrongRevisionException(
                subjects.bucket(), write.key(), write.expected().getAsLong(), actual);
    }
}
