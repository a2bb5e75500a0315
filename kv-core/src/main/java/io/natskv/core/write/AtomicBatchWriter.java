package io.natskv.core.write;

import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.NUID;
import io.nats.client.api.PublishAck;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import io.natskv.core.KvHeaders;
import io.natskv.core.KvOperation;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.FeatureUnsupportedException;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.error.UnavailableException;
import io.natskv.core.error.WrongRevisionException;
import io.natskv.core.key.BucketSubjects;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Writes that are stored all or not at all (ADR-50): server 2.12, and a bucket whose stream allows it ({@code allow_atomic}). Thread-safe;
 * the server takes 50 batches at a time for a bucket.
 */
public final class AtomicBatchWriter {
    /** Most writes of one batch, unless the server is set otherwise. */
    public static final int MAX_WRITES = 1_000;

    private static final String BATCH_ID = "Nats-Batch-Id";
    private static final String BATCH_SEQUENCE = "Nats-Batch-Sequence";
    private static final String BATCH_COMMIT = "Nats-Batch-Commit";
    private static final String FEATURE = "A batch of writes that is stored whole or not at all";

    private final KvConnection connection;
    private final BucketSubjects subjects;
    private final Duration timeout;

    private AtomicBatchWriter(KvConnection connection, BucketSubjects subjects, Duration timeout) {
        this.connection = connection;
        this.subjects = subjects;
        this.timeout = timeout;
    }

    /**
     * A writer, once it is known that server and bucket can do it: where they can't, the server stores the writes one by one without a word.
     *
     * @param timeout how long to wait for the answer to a batch
     * @return fails with {@link FeatureUnsupportedException} if the server is older, {@link BucketNotFoundException}, or a fatal {@link
     *     KvException} if the bucket's stream does not allow it
     */
    public static CompletableFuture<AtomicBatchWriter> open(
            KvConnection connection, BucketSubjects subjects, Duration timeout) {
        return connection
                .requireLevel(2, FEATURE, "2.12")
                .thenCompose(ok -> connection.api().streamInfo(subjects.stream()))
                .handle((info, error) -> {
                    if (error != null) {
                        throw KvErrors.isCode(error, KvErrors.STREAM_NOT_FOUND)
                                ? new BucketNotFoundException(subjects.bucket(), subjects.stream())
                                : KvErrors.translate(error, "open bucket \"" + subjects.bucket() + "\"");
                    }
                    if (!info.getConfiguration().getAllowAtomicPublish()) {
                        throw new KvException(
                                ErrorClass.FATAL,
                                "Bucket \"" + subjects.bucket() + "\" takes no batches: set allow_atomic of stream "
                                        + subjects.stream() + " (nats stream edit " + subjects.stream()
                                        + " --allow-batch)");
                    }
                    return new AtomicBatchWriter(connection, subjects, timeout);
                });
    }

    /**
     * What a batch became.
     *
     * @param firstRevision revision of its first write; the others follow without a gap
     * @param lastRevision revision of its last write
     */
    public record Committed(long firstRevision, long lastRevision) {}

    /**
     * Stores writes, all or none, in the order of the list. Conditions are checked as of the commit; {@link KvWrite.Condition.Absent} means
     * no message at all, a marker is one.
     *
     * @param writes 1 to {@link #MAX_WRITES}. A purge may not follow another write to its key, and a condition may stand only on the first
     *     write to a key
     * @return fails with {@link WrongRevisionException} or another rejected {@link KvException} if nothing was stored; with {@link
     *     UnavailableException} if it is not known: then repeat it only with conditions that can't hold twice
     * @throws IllegalArgumentException if the list breaks a rule
     */
    public CompletableFuture<Committed> write(List<KvWrite> writes) {
        check(writes);
        String id = NUID.nextGlobal();
        try {
            for (int i = 0; i < writes.size() - 1; i++) {
                connection.nats().publish(message(id, i + 1, writes.get(i), false));
            }
            NatsMessage commit = message(id, writes.size(), writes.get(writes.size() - 1), true);
            return connection
                    .request(commit, timeout)
                    .handle((reply, error) -> error == null ? committed(reply, writes) : lost(id, writes, error))
                    .thenCompose(future -> future);
        } catch (IllegalStateException | IllegalArgumentException e) {
            // Not committed, and never will be: the commit was not sent.
            return CompletableFuture.failedFuture(KvErrors.translate(e, action(writes)));
        }
    }

    private NatsMessage message(String id, int sequence, KvWrite write, boolean last) {
        Headers headers = new Headers(write.headers());
        headers.put(BATCH_ID, id);
        headers.put(BATCH_SEQUENCE, Integer.toString(sequence));
        if (last) {
            headers.put(BATCH_COMMIT, "1");
        }
        if (write.operation().isMarker()) {
            headers.put(KvHeaders.OPERATION, write.operation().headerValue());
        }
        if (write.operation() == KvOperation.PURGE) {
            headers.put(KvHeaders.ROLLUP, "sub");
        }
        write.ttl().ifPresent(ttl -> headers.put(KvHeaders.TTL, KvHeaders.ttl(ttl)));
        write.origin().ifPresent(origin -> headers.put(KvHeaders.ORIGIN, WriteCodec.format(origin)));
        if (write.condition() instanceof KvWrite.Condition.LastRevision wanted) {
            headers.put(KvHeaders.EXPECTED_LAST_SUBJECT_SEQUENCE, Long.toString(wanted.revision()));
        } else if (write.condition() instanceof KvWrite.Condition.Absent) {
            headers.put(KvHeaders.EXPECTED_LAST_SUBJECT_SEQUENCE, "0");
        }
        return NatsMessage.builder()
                .subject(subjects.writeSubject(write.key()))
                .headers(headers)
                .data(write.value())
                .build();
    }

    private CompletableFuture<Committed> committed(Message reply, List<KvWrite> writes) {
        try {
            long last = new PublishAck(reply).getSeqno();
            return CompletableFuture.completedFuture(new Committed(last - writes.size() + 1, last));
        } catch (JetStreamApiException e) {
            int code = e.getApiErrorCode();
            boolean conflict = code == KvErrors.WRONG_LAST_SEQUENCE || code == KvErrors.WRONG_LAST_SEQUENCE_IN_FLIGHT;
            // The server does not say which write it was; with one condition there is no doubt.
            List<KvWrite> conditional = writes.stream()
                    .filter(write -> !(write.condition() instanceof KvWrite.Condition.Always))
                    .toList();
            return CompletableFuture.failedFuture(
                    conflict && conditional.size() == 1
                            ? wrongRevision(conditional.get(0), e)
                            : KvErrors.translate(e, action(writes)));
        } catch (IOException e) {
            return CompletableFuture.failedFuture(KvErrors.translate(e, action(writes)));
        }
    }

    private WrongRevisionException wrongRevision(KvWrite write, JetStreamApiException e) {
        long expected = write.condition() instanceof KvWrite.Condition.LastRevision wanted ? wanted.revision() : 0;
        return new WrongRevisionException(
                subjects.bucket(), write.key(), expected, KvErrors.sequenceIn(e.getErrorDescription()));
    }

    /** No answer to the commit. The batch's id is stored with its messages: if the last one is there, it was committed. */
    private CompletableFuture<Committed> lost(String id, List<KvWrite> writes, Throwable error) {
        KvWrite last = writes.get(writes.size() - 1);
        return connection
                .api()
                .lastMessage(subjects.stream(), subjects.readSubject(last.key()))
                .handle((message, failure) -> {
                    boolean ours = failure == null
                            && message != null
                            && message.getHeaders() != null
                            && id.equals(message.getHeaders().getLast(BATCH_ID));
                    if (ours) {
                        return new Committed(message.getSeq() - writes.size() + 1, message.getSeq());
                    }
                    throw new UnavailableException(
                            action(writes) + ": no answer; it may or may not have been stored", error);
                });
    }

    private void check(List<KvWrite> writes) {
        if (writes.isEmpty() || writes.size() > MAX_WRITES) {
            throw new IllegalArgumentException("A batch has 1 to " + MAX_WRITES + " writes, not " + writes.size());
        }
        Set<String> keys = new HashSet<>();
        for (KvWrite write : writes) {
            boolean again = !keys.add(write.key());
            if (again && write.operation() == KvOperation.PURGE) {
                throw new IllegalArgumentException("Purge of key \"" + write.key()
                        + "\" behind another write to it: it has to begin a batch of its own");
            }
            if (again && !(write.condition() instanceof KvWrite.Condition.Always)) {
                throw new IllegalArgumentException("A condition on key \"" + write.key()
                        + "\" behind another write to it: only the first write to a key can have one");
            }
        }
    }

    private String action(List<KvWrite> writes) {
        return "batch of " + writes.size() + " writes to bucket \"" + subjects.bucket() + "\"";
    }
}
