package io.natskv.core.write;

import io.natskv.core.error.KvException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A write on its way. Guarded by the writer's lock. */
final class PendingWrite {
    enum State {
        /** Behind another write to its key. */
        WAITING,
        /** Published, not answered. */
        SENT,
        /** The leader is asked what became of it. */
        RESOLVING,
        /** To be published again at {@link #retryAt}. */
        BACKOFF,
        /** Its result is known. */
        SETTLED
    }

    /** No {@code Nats-Expected-Last-Subject-Sequence} at all. */
    static final long UNGUARDED = -1;

    final long id;
    final KvWrite write;
    final Lane lane;
    private final String writer;
    final long bytes;
    final long deadline;
    final CompletableFuture<WriteResult> future = new CompletableFuture<>();

    State state = State.WAITING;
    /** The write that this one took the place of: settled with it, or done in its stead if it is rejected. */
    PendingWrite predecessor;
    /** The key's last revision that the write counts on; the same for every copy of it until a refusal shows a newer one. */
    long expected = UNGUARDED;

    /** Known at its turn: it, or what supersedes it, is stored already, and nothing is to be sent. */
    WriteResult stored;

    long sentAt;
    long retryAt;
    int failures;
    /** Why the last attempt failed. */
    KvException lastError;
    /** Copies that were published. */
    int copies;
    /** Copies of which the server said that it did not store them. */
    int refusals;

    PendingWrite(long id, KvWrite write, Lane lane, String writer, long bytes, long deadline) {
        this.id = id;
        this.write = write;
        this.lane = lane;
        this.writer = writer;
        this.bytes = bytes;
        this.deadline = deadline;
    }

    /** By which a stored message is recognised as this write. */
    String mark() {
        return WriteCodec.mark(write, writer, id);
    }

    void sent(long now) {
        state = State.SENT;
        sentAt = now;
        copies++;
    }

    /** True if it was sent at least once, and has not ended. */
    boolean isUnderWay() {
        return state != State.WAITING && state != State.SETTLED;
    }

    /** True if a copy may have been stored, or may be yet. */
    boolean ambiguous() {
        return copies > refusals;
    }

    /** True if an answer is waited for that a lost connection may have taken with it, or the next attempt is due later. */
    boolean toBeSentAgain() {
        return state == State.SENT || state == State.BACKOFF;
    }

    /**
     * Only unconditional writes without a time to live replace each other, and only of one origin: the order between two origins is nobody's
     * to decide.
     */
    boolean mayReplace(PendingWrite earlier) {
        return write.condition() instanceof KvWrite.Condition.Always
                && earlier.write.condition() instanceof KvWrite.Condition.Always
                && write.ttl().isEmpty()
                && earlier.write.ttl().isEmpty()
                && origin().equals(earlier.origin());
    }

    private Optional<String> origin() {
        return write.origin().map(origin -> origin.topic() + "/" + origin.partition());
    }
}
