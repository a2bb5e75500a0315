package io.natskv.core.write;

import io.nats.client.api.MessageInfo;
import io.nats.client.impl.Headers;
import io.natskv.core.KvHeaders;
import io.natskv.core.KvOperation;
import io.natskv.core.error.KeyExistsException;
import io.natskv.core.error.KvException;
import io.natskv.core.error.WrongRevisionException;
import java.util.Optional;

/** What to do with a write that found another last revision than it counted on. */
sealed interface Resolution {
    /** It is stored after all: an acknowledgement was lost. */
    record Done(long revision) implements Resolution {}

    /** A later record of its origin is stored: it came late, and must never be laid over that. */
    record Superseded(long revision) implements Resolution {}

    /** It is to be written over what is there. */
    record Rebase(long revision) implements Resolution {}

    record Failed(KvException error) implements Resolution {}

    /**
     * Judges by the key's last message, read from the leader.
     *
     * @param last null if the key has none
     */
    static Resolution of(String bucket, PendingWrite pending, MessageInfo last) {
        KvWrite write = pending.write;
        Headers headers = last == null ? null : last.getHeaders();
        long revision = last == null ? 0 : last.getSeq();
        if (write.origin().isPresent()) {
            KvWrite.Origin ours = write.origin().get();
            Optional<KvWrite.Origin> stored = WriteCodec.origin(headers)
                    .filter(origin -> origin.topic().equals(ours.topic()) && origin.partition() == ours.partition());
            if (stored.isPresent() && stored.get().offset() >= ours.offset()) {
                return stored.get().offset() == ours.offset() ? new Done(revision) : new Superseded(revision);
            }
        } else if (headers != null && pending.mark().equals(headers.getLast(KvHeaders.WRITER))) {
            return new Done(revision);
        }
        return write.condition() instanceof KvWrite.Condition.Always
                ? new Rebase(revision)
                : conditional(bucket, pending, headers, revision);
    }

    /** True if a stored message is a copy of this very write. */
    static boolean isOurs(PendingWrite pending, MessageInfo message) {
        Headers headers = message.getHeaders();
        String name = pending.write.origin().isPresent() ? KvHeaders.ORIGIN : KvHeaders.WRITER;
        return headers != null && pending.mark().equals(headers.getLast(name));
    }

    private static Resolution conditional(String bucket, PendingWrite pending, Headers headers, long revision) {
        KvWrite write = pending.write;
        if (write.condition() instanceof KvWrite.Condition.LastRevision wanted) {
            // The refusal was about a write in flight that did not come to be.
            return wanted.revision() == revision
                    ? new Rebase(revision)
                    : new Failed(new WrongRevisionException(bucket, write.key(), wanted.revision(), revision));
        }
        boolean absent = revision == 0 || KvOperation.of(headers).isMarker();
        return absent ? new Rebase(revision) : new Failed(new KeyExistsException(bucket, write.key()));
    }

    /**
     * Judges by the refusal alone, where it leaves nothing open: one copy was sent, the server answered that one, and nobody has to be asked who
     * wrote what is there. Null if the leader has to be asked.
     *
     * @param actual the last revision that the refusal names; -1 for none
     */
    static Resolution ofRefusal(String bucket, PendingWrite pending, long actual) {
        KvWrite write = pending.write;
        if (actual < 0 || pending.ambiguous() || write.origin().isPresent()) {
            return null;
        }
        if (write.condition() instanceof KvWrite.Condition.Always) {
            return new Rebase(actual);
        }
        return write.condition() instanceof KvWrite.Condition.LastRevision wanted
                ? new Failed(new WrongRevisionException(bucket, write.key(), wanted.revision(), actual))
                : null;
    }
}
