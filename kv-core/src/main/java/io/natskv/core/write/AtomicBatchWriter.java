package io.natskv.core.write;

import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.NUID;
import io.nats.client.api.PublishAck;
import io.nats.client.api.StreamInfo;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import io.natskv.core.KvHeaders;
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
import java.util.function.Function;

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
    private final long maxMessageSize;

    private AtomicBatchWriter(KvConnection connection, BucketSubjects subjects, Duration timeout, long maxMessageSize) {
        this.connection = connection;
        this.subjects = subjects;
        this.timeout = timeout;
        this.maxMessageSize = maxMessageSize;
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
                    return of(connection, subjects, info, timeout);
                });
    }

    /**
     * A writer for a caller that has made sure that server and bucket can do it.
     *
     * @param info the bucket's stream
     */
    public static AtomicBatchWriter of(
            KvConnection connection, BucketSubjects subjects, StreamInfo info, Duration timeout) {
        return new AtomicBatchWriter(
                connection, subjects, timeout, info.getConfiguration().getMaximumMessageSize());
    }

    /**
     * The last message of a batch beside its writes, under a subject that is no key.
     *
     * @param readSubject the subject under which it is stored
     * @param writeSubject the subject to publish it to
     * @param data its body
     * @param headers what it carries besides the condition; conditions of the batch should stand here alone
     * @param lastRevision the batch is stored only if this is the last sequence of its subject; 0 means that there is none
     */
    public record Closing(String readSubject, String writeSubject, byte[] data, Headers headers, long lastRevision) {}

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
        List<BatchWrite> ready = BatchWrite.of(writes);
        BatchRules.check(ready, 1);
        int size = ready.size();
        BatchWrite last = ready.get(size - 1);
        OpenBatch batch = begin();
        try {
            ready.subList(0, size - 1).forEach(batch::send);
        } catch (IllegalStateException | IllegalArgumentException e) {
            return CompletableFuture.failedFuture(KvErrors.translate(e, action(size)));
        }
        return commit(
                message(batch.id, size, last, true),
                batch.id,
                size,
                subjects.readSubject(last.write().key()),
                e -> {
                    // The server does not say which write it was; with one condition there is no doubt.
                    List<KvWrite> conditional = writes.stream()
                            .filter(write -> !(write.condition() instanceof KvWrite.Condition.Always))
                            .toList();
                    return conditional.size() == 1 ? wrongRevision(conditional.get(0), e) : null;
                });
    }

    /**
     * Stores writes and a closing message, all or none.
     *
     * @param writes 0 to {@link #MAX_WRITES} - 1, under the rules of {@link #write(List)}, without conditions
     * @return fails as {@link #write(List)}; {@link WrongRevisionException} speaks of the closing message
     * @throws IllegalArgumentException if the list breaks a rule
     */
    public CompletableFuture<Committed> write(List<BatchWrite> writes, Closing closing) {
        BatchRules.check(writes, 0);
        OpenBatch batch = begin();
        try {
            writes.forEach(batch::send);
        } catch (IllegalStateException | IllegalArgumentException e) {
            // Not committed, and never will be: the commit was not sent.
            return CompletableFuture.failedFuture(KvErrors.translate(e, action(writes.size() + 1)));
        }
        return batch.commit(closing);
    }

    /** Begins a batch whose writes are not all known yet. */
    public OpenBatch begin() {
        return new OpenBatch();
    }

    /**
     * A batch that grows. Its writes go to the server at once, which sets them aside until the commit, and drops them if none comes for ten
     * seconds ({@code jetstream.limits.batch.timeout}; by server 2.12, ten seconds after the first one). It counts among the unfinished batches, of which
     * the server takes 50 for a bucket ({@code max_inflight_per_stream}): if there are more, the commit fails as incomplete (10176). For one thread.
     */
    public final class OpenBatch {
        private final String id = NUID.nextGlobal();
        private final Set<String> keys = new HashSet<>();
        private int size;
        private boolean ended;

        private OpenBatch() {}

        /**
         * Sends a write. Whether the server takes it, the commit tells.
         *
         * @param write without a condition; a purge may not follow another write to its key
         * @throws KvException if it can't be sent; the batch is to be given up then
         * @throws IllegalArgumentException if it breaks a rule, or the batch has {@link #MAX_WRITES} - 1 writes
         * @throws IllegalStateException if the batch was committed
         */
        public void add(BatchWrite write) {
            checkOpen();
            BatchRules.checkNext(size, keys, write.write());
            keys.add(write.write().key());
            try {
                send(write);
            } catch (IllegalStateException | IllegalArgumentException e) {
                throw KvErrors.translate(e, action(size + 1));
            }
        }

        private void send(BatchWrite write) {
            connection.nats().publish(message(id, ++size, write, false));
        }

        /**
         * Ends it: everything and the closing message are stored, or nothing.
         *
         * @return fails as {@link AtomicBatchWriter#write(List, Closing)}
         * @throws IllegalStateException if it was committed before
         */
        public CompletableFuture<Committed> commit(Closing closing) {
            checkOpen();
            ended = true;
            return AtomicBatchWriter.this.commit(id, size + 1, closing);
        }

        private void checkOpen() {
            if (ended) {
                throw new IllegalStateException("The batch was committed");
            }
        }
    }

    private CompletableFuture<Committed> commit(String id, int size, Closing closing) {
        return commit(
                message(id, size, closing),
                id,
                size,
                closing.readSubject(),
                e -> new WrongRevisionException(
                        subjects.bucket(),
                        closing.readSubject(),
                        closing.lastRevision(),
                        KvErrors.sequenceIn(e.getErrorDescription())));
    }

    /**
     * {@link #write(List, Closing)} of one write, waiting for the server's opinion of it first. A batch that fails as incomplete (10176) may have
     * lost a message, or hold one that the server refuses: this tells.
     *
     * @return fails as {@link #write(List)}, with the server's reason if it refuses the write
     */
    public CompletableFuture<Committed> writeAsking(BatchWrite write, Closing closing) {
        BatchRules.check(List.of(write), 0);
        String id = NUID.nextGlobal();
        return connection
                .request(message(id, 1, write, false), timeout)
                .handle((reply, error) -> {
                    if (error != null) {
                        return CompletableFuture.<Committed>failedFuture(KvErrors.translate(error, action(2)));
                    }
                    // What is accepted for the batch is answered with nothing.
                    return reply.getData().length == 0 && !reply.isStatusMessage()
                            ? commit(id, 2, closing)
                            : committed(reply, 2, e -> null);
                })
                .thenCompose(future -> future);
    }

    /** Most bytes of one write, by the server's {@code max_payload} and the bucket's {@code max_value_size}. */
    public long sizeLimit() {
        long payload = connection.nats().getMaxPayload();
        return Math.min(payload > 0 ? payload : Long.MAX_VALUE, maxMessageSize > 0 ? maxMessageSize : Long.MAX_VALUE);
    }

    private CompletableFuture<Committed> commit(
            NatsMessage message,
            String id,
            int size,
            String subject,
            Function<JetStreamApiException, KvException> conflict) {
        return connection
                .request(message, timeout)
                .handle((reply, error) -> error == null && !reply.isStatusMessage()
                        ? committed(reply, size, conflict)
                        : lost(id, size, subject, error))
                .thenCompose(future -> future);
    }

    private NatsMessage message(String id, int sequence, BatchWrite ready, boolean last) {
        return NatsMessage.builder()
                .subject(subjects.writeSubject(ready.write().key()))
                .headers(ready.headers(id, sequence, last))
                .data(ready.write().value())
                .build();
    }

    private static NatsMessage message(String id, int sequence, Closing closing) {
        Headers headers = new Headers(closing.headers());
        batch(headers, id, sequence, true);
        headers.put(KvHeaders.EXPECTED_LAST_SUBJECT_SEQUENCE, Long.toString(closing.lastRevision()));
        return NatsMessage.builder()
                .subject(closing.writeSubject())
                .headers(headers)
                .data(closing.data())
                .build();
    }

    static void batch(Headers headers, String id, int sequence, boolean last) {
        headers.put(BATCH_ID, id);
        headers.put(BATCH_SEQUENCE, Integer.toString(sequence));
        if (last) {
            headers.put(BATCH_COMMIT, "1");
        }
    }

    private CompletableFuture<Committed> committed(
            Message reply, int size, Function<JetStreamApiException, KvException> conflict) {
        try {
            PublishAck ack = new PublishAck(reply);
            if (ack.getBatchSize() != size) {
                // An older server, to which the connection went meanwhile, stores batches message by message.
                return CompletableFuture.failedFuture(new KvException(
                        ErrorClass.FATAL,
                        action(size)
                                + ": the server at the other end does not know batches, and stored the writes one by "
                                + "one. All servers of the cluster have to be 2.12 or later"));
            }
            long last = ack.getSeqno();
            return CompletableFuture.completedFuture(new Committed(last - size + 1, last));
        } catch (JetStreamApiException e) {
            int code = e.getApiErrorCode();
            KvException known = code == KvErrors.WRONG_LAST_SEQUENCE || code == KvErrors.WRONG_LAST_SEQUENCE_IN_FLIGHT
                    ? conflict.apply(e)
                    : null;
            return CompletableFuture.failedFuture(known == null ? KvErrors.translate(e, action(size)) : known);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(KvErrors.translate(e, action(size)));
        }
    }

    private WrongRevisionException wrongRevision(KvWrite write, JetStreamApiException e) {
        long expected = write.condition() instanceof KvWrite.Condition.LastRevision wanted ? wanted.revision() : 0;
        return new WrongRevisionException(
                subjects.bucket(), write.key(), expected, KvErrors.sequenceIn(e.getErrorDescription()));
    }

    /** No answer to the commit. The batch's id is stored with its messages: if the last one is there, it was committed. */
    private CompletableFuture<Committed> lost(String id, int size, String lastSubject, Throwable error) {
        if (error != null && KvErrors.translate(error, action(size)).errorClass() != ErrorClass.TRANSIENT) {
            return CompletableFuture.failedFuture(KvErrors.translate(error, action(size)));
        }
        return connection.api().lastMessage(subjects.stream(), lastSubject).handle((message, failure) -> {
            boolean ours = failure == null
                    && message != null
                    && message.getHeaders() != null
                    && id.equals(message.getHeaders().getLast(BATCH_ID));
            if (ours) {
                return new Committed(message.getSeq() - size + 1, message.getSeq());
            }
            throw new UnavailableException(
                    action(size) + ": "
                            + (error == null
                                    ? "nobody listens on subject " + lastSubject
                                    : "no answer; it may or may not have been stored"),
                    error);
        });
    }

    private String action(int size) {
        return "batch of " + size + " messages to bucket \"" + subjects.bucket() + "\"";
    }
}
