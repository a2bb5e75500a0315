package io.natskv.core.watch;

import io.nats.client.api.MessageInfo;
import io.nats.client.api.StreamInfo;
import io.natskv.core.connection.JetStreamApi;
import io.natskv.core.error.KvErrors;
import io.natskv.core.key.BucketSubjects;
import io.natskv.core.watch.WatchEvent.PositionLost.Reason;
import io.natskv.core.watch.WatchPosition.Anchor;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Whether the bucket that is there is the one in which a position was taken. The time of creation alone does not tell: below server 2.15 it
 * changes over an update and a restart, and a restore from a backup keeps it. A first sequence above the position is no loss: the
 * revisions between were overwritten.
 */
final class BucketCheck {
    private final JetStreamApi api;
    private final BucketSubjects subjects;

    BucketCheck(JetStreamApi api, BucketSubjects subjects) {
        this.api = api;
        this.subjects = subjects;
    }

    /** What was found. */
    sealed interface Verdict {
        /** The bucket of the position, or no position to compare with. */
        record Same(StreamInfo info) implements Verdict {}

        /** @param settled whether it can't be otherwise a moment later: replicas may lag behind, a single server does not */
        record Lost(Reason reason, String message, boolean settled) implements Verdict {}

        record Missing() implements Verdict {}
    }

    /**
     * @param position what to compare with; null for nothing
     * @param timeout for the request of the stream's state
     */
    CompletableFuture<Verdict> run(WatchPosition position, Duration timeout) {
        return api.streamInfo(subjects.stream(), timeout)
                .thenCompose(info -> compare(info, position))
                .exceptionally(error -> {
                    if (KvErrors.isCode(error, KvErrors.STREAM_NOT_FOUND)) {
                        return new Verdict.Missing();
                    }
                    throw KvErrors.translate(error, "read state of bucket \"" + subjects.bucket() + "\"");
                });
    }

    private CompletableFuture<Verdict> compare(StreamInfo info, WatchPosition position) {
        if (position == null || position.created() == null) {
            return CompletableFuture.completedFuture(wentBack(info, position, true));
        }
        Instant created = info.getCreateTime().toInstant();
        boolean sameCreated = created.equals(position.created());
        Verdict back = wentBack(info, position, sameCreated);
        if (back instanceof Verdict.Lost) {
            return CompletableFuture.completedFuture(back);
        }
        long first = info.getStreamState().getFirstSequence();
        List<CompletableFuture<Match>> matches = position.anchors().stream()
                .filter(anchor -> anchor.revision() >= first)
                .map(this::match)
                .toList();
        return CompletableFuture.allOf(matches.toArray(new CompletableFuture<?>[0]))
                .thenApply(done -> judge(
                        info,
                        position,
                        sameCreated,
                        matches.stream().map(CompletableFuture::join).toList()));
    }

    private Verdict judge(StreamInfo info, WatchPosition position, boolean sameCreated, List<Match> matches) {
        if (matches.contains(Match.CONTRADICTS)) {
            return sameCreated
                    ? new Verdict.Lost(
                            Reason.CONTRADICTED,
                            "Bucket \"" + subjects.bucket()
                                    + "\" holds other messages at revisions that were delivered, up to "
                                    + position.revision() + ": restored from a backup and written since",
                            true)
                    : recreated(info, position);
        }
        // Who has read nothing has nothing to lose; below 2.15 the time of creation alone proves nothing.
        boolean untouched = position.revision() == 0;
        return sameCreated || untouched || matches.contains(Match.SAME)
                ? new Verdict.Same(info)
                : recreated(info, position);
    }

    private Verdict wentBack(StreamInfo info, WatchPosition position, boolean sameCreated) {
        long last = info.getStreamState().getLastSequence();
        if (position == null || last >= position.revision()) {
            return new Verdict.Same(info);
        }
        return sameCreated
                ? new Verdict.Lost(
                        Reason.WENT_BACK,
                        "Bucket \"" + subjects.bucket() + "\" ends at revision " + last + ", below the position "
                                + position.revision() + ": restored from a backup, or its end was lost in a crash",
                        info.getConfiguration().getReplicas() == 1)
                : recreated(info, position);
    }

    private Verdict.Lost recreated(StreamInfo info, WatchPosition position) {
        return new Verdict.Lost(
                Reason.RECREATED,
                "Bucket \"" + subjects.bucket() + "\" was created anew at "
                        + info.getCreateTime().toInstant() + " (last revision "
                        + info.getStreamState().getLastSequence() + "); the position " + position.revision()
                        + " belongs to the one created at " + position.created(),
                true);
    }

    private enum Match {
        SAME,
        GONE,
        CONTRADICTS
    }

    private CompletableFuture<Match> match(Anchor anchor) {
        return api.messageAt(subjects.stream(), anchor.revision()).thenApply(message -> compare(anchor, message));
    }

    private Match compare(Anchor anchor, MessageInfo message) {
        if (message == null) {
            return Match.GONE;
        }
        return subjects.readSubject(anchor.key()).equals(message.getSubject())
                        && anchor.created().equals(message.getTime().toInstant())
                ? Match.SAME
                : Match.CONTRADICTS;
    }
}
