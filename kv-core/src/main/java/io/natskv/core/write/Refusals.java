package io.natskv.core.write;

import io.nats.client.api.MessageInfo;
import io.nats.client.api.StreamInfo;
import io.natskv.core.connection.JetStreamApi;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.error.UnavailableException;
import io.natskv.core.key.BucketSubjects;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/** What to do with writes that the server did not store: finds out why, and hands the finding on. */
final class Refusals {
    private static final Duration CHECK_TIMEOUT = Duration.ofMillis(500);

    private final JetStreamApi api;
    private final BucketSubjects subjects;
    private final ReentrantLock lock;
    private final Outcomes outcomes;
    private CompletableFuture<StreamInfo> streamCheck;

    /** Who acts on a finding. Called without the lock. */
    interface Outcomes {
        void apply(PendingWrite pending, Resolution resolution);

        /** Passing trouble leads to another attempt after a pause, anything else to the end of the write. */
        void failed(PendingWrite pending, KvException error);

        String action(KvWrite write);
    }

    Refusals(JetStreamApi api, BucketSubjects subjects, ReentrantLock lock, Outcomes outcomes) {
        this.api = api;
        this.subjects = subjects;
        this.lock = lock;
        this.outcomes = outcomes;
    }

    /** The server answered with an error: that copy is not stored. */
    void refused(PendingWrite pending, int code, String description, Throwable error) {
        boolean wrongRevision = code == KvErrors.WRONG_LAST_SEQUENCE;
        boolean unsure = code == KvErrors.WRONG_LAST_SEQUENCE_IN_FLIGHT || code == KvErrors.LAST_SEQUENCE_UNAVAILABLE;
        long actual = wrongRevision ? KvErrors.sequenceIn(description) : -1;
        Resolution resolution = null;
        lock.lock();
        try {
            pending.refusals++;
            if (!pending.isUnderWay() || pending.state == PendingWrite.State.RESOLVING) {
                return; // it has ended, or the answer under way covers it
            }
            if (wrongRevision) {
                resolution = Resolution.ofRefusal(subjects.bucket(), pending, actual);
            }
            if (wrongRevision || unsure) {
                pending.state = PendingWrite.State.RESOLVING;
            }
        } finally {
            lock.unlock();
        }
        if (resolution != null) {
            outcomes.apply(pending, resolution);
        } else if (wrongRevision || unsure) {
            askLeader(pending, unsure, actual);
        } else {
            outcomes.failed(pending, KvErrors.translate(error, outcomes.action(pending.write)));
        }
    }

    /** @param actual the last revision that the refusal names; -1 for none */
    private void askLeader(PendingWrite pending, boolean unsure, long actual) {
        api.lastMessage(subjects.stream(), subjects.readSubject(pending.write.key()))
                .whenComplete((last, error) -> {
                    if (error != null) {
                        outcomes.failed(pending, KvErrors.translate(error, outcomes.action(pending.write)));
                    } else if ((last == null ? 0 : last.getSeq()) < actual) {
                        // A mirror that lags, or a leader that is none any more.
                        outcomes.failed(
                                pending,
                                new UnavailableException(
                                        "The key's last revision is " + actual + ", which can't be read yet", null));
                    } else if (last != null
                            && pending.ambiguous()
                            && pending.expected >= 0
                            && !Resolution.isOurs(pending, last)) {
                        askForOurs(pending, last, unsure);
                    } else {
                        resolve(pending, last, unsure);
                    }
                });
    }

    /**
     * Somebody else wrote last, and a copy of ours may lie below. If one was stored, it was the first message behind the revision that it counted
     * on. Where that one is gone from the history, nobody knows.
     */
    private void askForOurs(PendingWrite pending, MessageInfo last, boolean unsure) {
        api.nextMessage(subjects.stream(), subjects.readSubject(pending.write.key()), pending.expected + 1)
                .whenComplete((next, error) -> {
                    if (error != null) {
                        outcomes.failed(pending, KvErrors.translate(error, outcomes.action(pending.write)));
                    } else if (next != null && Resolution.isOurs(pending, next)) {
                        outcomes.apply(pending, new Resolution.Done(next.getSeq()));
                    } else if (next != null && next.getSeq() != last.getSeq()
                            || pending.write.condition() instanceof KvWrite.Condition.Always) {
                        resolve(pending, last, unsure);
                    } else {
                        outcomes.apply(
                                pending,
                                new Resolution.Failed(new UnavailableException(
                                        outcomes.action(pending.write)
                                                + ": somebody else wrote to the key meanwhile; whether this write was"
                                                + " stored before is not known",
                                        null)));
                    }
                });
    }

    private void resolve(PendingWrite pending, MessageInfo last, boolean unsure) {
        Resolution resolution = Resolution.of(subjects.bucket(), pending, last);
        if (!unsure || !(resolution instanceof Resolution.Rebase rebase)) {
            outcomes.apply(pending, resolution);
            return;
        }
        // Another write to the key is in flight: at once again would only meet it again.
        lock.lock();
        try {
            pending.expected = rebase.revision();
        } finally {
            lock.unlock();
        }
        outcomes.failed(pending, new UnavailableException("Another write to the key is in flight", null));
    }

    /**
     * 503: no leader for the moment, or no such stream. Only the API can tell; it is asked once for all that wait, and they wait for a leader
     * meanwhile.
     */
    void nobodyListens(PendingWrite pending) {
        CompletableFuture<StreamInfo> check;
        lock.lock();
        try {
            pending.refusals++;
            if (pending.state != PendingWrite.State.SENT) {
                return;
            }
            if (streamCheck == null || streamCheck.isDone()) {
                streamCheck = api.streamInfo(subjects.stream(), CHECK_TIMEOUT);
            }
            check = streamCheck;
        } finally {
            lock.unlock();
        }
        outcomes.failed(
                pending,
                new UnavailableException(
                        "Nobody listens on subject " + subjects.writeSubject(pending.write.key()), null));
        check.whenComplete((info, error) -> {
            if (error != null && KvErrors.isCode(error, KvErrors.STREAM_NOT_FOUND) && waits(pending)) {
                outcomes.failed(pending, new BucketNotFoundException(subjects.bucket(), subjects.stream()));
            }
        });
    }

    /** Not when it was sent again meanwhile: that copy may have found the bucket. */
    private boolean waits(PendingWrite pending) {
        lock.lock();
        try {
            return pending.state == PendingWrite.State.BACKOFF && !pending.ambiguous();
        } finally {
            lock.unlock();
        }
    }
}
