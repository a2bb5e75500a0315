package io.natskv.connect.sink.exactlyonce;

import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import io.natskv.connect.sink.exactlyonce.PartitionState.Checked;
import io.natskv.core.KvHeaders;
import io.natskv.core.bucket.OffsetSpace;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvException;
import io.natskv.core.key.BucketSubjects;
import io.natskv.core.write.AtomicBatchWriter;
import io.natskv.core.write.AtomicBatchWriter.Closing;
import io.natskv.core.write.AtomicBatchWriter.Committed;
import io.natskv.core.write.AtomicBatchWriter.OpenBatch;
import io.natskv.core.write.BatchWrite;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;

/** The offsets in one bucket, and the batches that move them. */
final class OffsetStore {
    /** How long what was read of a bucket's limits is believed when a record does not fit. */
    private static final Duration LIMITS_HOLD = Duration.ofSeconds(10);

    /** Messages that wait to be sent; less than half of what fits into the client's queue. */
    private static final int MOST_WAITING = 2_000;

    private final KvConnection connection;
    private final BucketSubjects subjects;
    private final StreamConfiguration stream;
    private final ZonedDateTime created;
    private final long opened = System.nanoTime();
    private final Consumer<StreamConfiguration> suitable;
    private final AtomicBatchWriter batches;
    private final String id;

    /**
     * A stored offset.
     *
     * @param revision of its message, on which the next one counts; 0 if there is none
     */
    record Held(StoredOffset offset, long revision) {}

    private OffsetStore(
            KvConnection connection,
            OffsetSpace.Prepared prepared,
            Consumer<StreamConfiguration> suitable,
            String id,
            Duration timeout) {
        this.connection = connection;
        this.suitable = suitable;
        this.subjects = prepared.subjects();
        this.stream = prepared.info().getConfiguration();
        this.created = prepared.info().getCreateTime();
        this.batches = AtomicBatchWriter.of(connection, subjects, prepared.info(), timeout);
        this.id = id;
    }

    /**
     * Opens a bucket for exactly-once delivery, and makes room for offsets in it if there is none.
     *
     * @param timeout how long to wait for the answer to a batch
     * @return fails with a fatal {@link KvException} if the bucket or its server can't be used in this way; it says what to change
     */
    static CompletableFuture<OffsetStore> open(
            KvConnection connection, String bucket, ExactlyOnceConfig config, Duration timeout) {
        Consumer<StreamConfiguration> suitable = found -> BucketRefusals.of(bucket, found, config.allowsRepublish())
                .ifPresent(reason -> {
                    throw new KvException(ErrorClass.FATAL, reason);
                });
        return OffsetSpace.prepare(connection, bucket, suitable)
                .thenApply(prepared -> new OffsetStore(connection, prepared, suitable, config.id(), timeout));
    }

    /** Makes room for the offsets again if it is gone; the answer is whether it was. */
    CompletableFuture<Boolean> prepareAgain() {
        return prepare().thenApply(OffsetSpace.Prepared::changed);
    }

    private CompletableFuture<OffsetSpace.Prepared> prepare() {
        return OffsetSpace.prepare(connection, subjects.bucket(), suitable);
    }

    /** Looks what is stored, after room for it was made where it was missing. */
    CompletableFuture<Checked> check(TopicPartition partition) {
        return prepare()
                .thenCompose(prepared -> read(partition)
                        .thenApply(found -> new Checked(
                                found,
                                prepared.changed(),
                                prepared.info().getStreamState().getLastSequence(),
                                !prepared.info().getCreateTime().equals(created))));
    }

    String bucket() {
        return subjects.bucket();
    }

    /** Free bytes; empty if the bucket has no limit. */
    CompletableFuture<Optional<Long>> freeBytes() {
        return connection.api().streamInfo(subjects.stream()).thenApply(info -> {
            long limit = info.getConfiguration().getMaxBytes();
            return limit <= 0
                    ? Optional.empty()
                    : Optional.of(Math.max(0, limit - info.getStreamState().getByteCount()));
        });
    }

    /** Most bytes of one write, {@link BatchWrite#size}. */
    long sizeLimit() {
        return batches.sizeLimit();
    }

    /** True if the bucket may have another limit by now. */
    boolean isOutdated() {
        return System.nanoTime() - opened > LIMITS_HOLD.toNanos();
    }

    /** After a passing failure has the link tested, which may be dead without having told. */
    void suspect(KvException error) {
        if (error.errorClass() == ErrorClass.TRANSIENT) {
            connection.probe();
        }
    }

    /** The offset of a partition, read from the leader. Revision 0 if none is stored. */
    CompletableFuture<Held> read(TopicPartition partition) {
        String subject = subjects.offsetsReadSubject(OffsetName.of(id, partition));
        return connection.api().lastMessage(subjects.stream(), subject).thenApply(message -> {
            if (message == null) {
                return new Held(StoredOffset.none(id, partition), 0);
            }
            StoredOffset offset = StoredOffset.parse(message.getData())
                    .orElseThrow(() -> new KvException(
                            ErrorClass.FATAL,
                            "Message " + message.getSeq() + " of stream " + subjects.stream() + " on subject " + subject
                                    + " is no offset of this version of the connector. If a later version has written it, use that one; "
                                    + "else remove it (nats stream purge --subject) or set another "
                                    + ExactlyOnceConfig.ID));
            return new Held(offset, message.getSeq());
        });
    }

    /**
     * Stores writes and the offset behind them, all or none, if the offset is still the one that is held.
     *
     * @param writes may be empty
     * @return fails as {@link AtomicBatchWriter#write(List, Closing)}
     */
    CompletableFuture<Held> write(List<BatchWrite> writes, StoredOffset offset, long heldRevision) {
        return held(batches.write(writes, closing(offset, heldRevision)), offset);
    }

    /** {@link #write} of one write, waiting for the server's opinion of it first. */
    CompletableFuture<Held> writeAsking(BatchWrite write, StoredOffset offset, long heldRevision) {
        return held(batches.writeAsking(write, closing(offset, heldRevision)), offset);
    }

    /** Whether what is sent goes out soon. Else it fills the connection's queue, behind which the task would have to wait. */
    boolean takesMore() {
        return connection.nats().outgoingPendingMessageCount() < MOST_WAITING;
    }

    /** Begins a batch whose records are not all known yet. */
    StagedBatch stage() {
        return new StagedBatch(this, batches.begin());
    }

    /** Stores what was sent of a batch, and the offset behind it, as {@link #write} does. */
    CompletableFuture<Held> commit(OpenBatch batch, StoredOffset offset, long heldRevision) {
        return held(batch.commit(closing(offset, heldRevision)), offset);
    }

    private static CompletableFuture<Held> held(CompletableFuture<Committed> batch, StoredOffset offset) {
        return batch.thenApply(committed -> new Held(offset, committed.lastRevision()));
    }

    private Closing closing(StoredOffset offset, long heldRevision) {
        String name = OffsetName.of(id, offset.partition());
        Headers headers = new Headers();
        headers.put(KvHeaders.ROLLUP, "sub");
        if (stream.getAllowMessageTtl()) {
            headers.put(KvHeaders.TTL, "never");
        }
        return new Closing(
                subjects.offsetsReadSubject(name),
                subjects.offsetsWriteSubject(name),
                offset.toBytes(),
                headers,
                heldRevision);
    }
}
