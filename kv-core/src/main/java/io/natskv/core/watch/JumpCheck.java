package io.natskv.core.watch;

import io.nats.client.api.MessageInfo;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.key.BucketSubjects;
import io.natskv.core.key.KeyFilter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Whether the server has left changes out. Servers before 2.9.12 do, without a trace: each purge of a key, by the KV operation or the API, moves
 * all consumers whose filter covers that key on to the key's first remaining message, or to the end of the stream, over whatever they have
 * not delivered of other keys (nats-server, "Fix current consumers not getting messages after purge"). So there the leader is asked for the
 * first message in each gap between two revisions, and while all is quiet behind the last one; newer servers are asked nothing. For one thread.
 */
final class JumpCheck {
    static final String LEFT_OUT = "the server may have left changes out";
    private static final String FIXED_IN = "2.9.12";
    private static final Duration ASK_AGAIN = Duration.ofMillis(250);
    private static final long QUIET = TimeUnit.SECONDS.toNanos(2);
    private static final long NONE = Long.MAX_VALUE;
    private static final long UNKNOWN = 0;
    private static final long FAILED = -1;

    private final KvConnection connection;
    private final BucketSubjects subjects;
    /** Of the only filter: such servers know no more than one. Null if it is a single key, over which no jump goes too far. */
    private final String filter;

    private final PositionTracker tracker;

    private boolean needed;
    /** Up to here, nothing was left out. */
    private long complete;

    private Question<MessageInfo> question;
    private boolean tail;
    /** The first message behind the last one that was delivered, when it was looked for last; {@link #NONE} if there was none. */
    private long waiting = NONE;

    private long quietSince = System.nanoTime();

    JumpCheck(KvConnection connection, BucketSubjects subjects, List<KeyFilter> filters, PositionTracker tracker) {
        this.tracker = tracker;
        this.connection = connection;
        this.subjects = subjects;
        this.filter = filters.stream()
                .map(KeyFilter::pattern)
                .filter(pattern -> pattern.contains("*") || pattern.contains(">"))
                .findFirst()
                .map(subjects::readSubject)
                .orElse(null);
    }

    /** Another consumer delivers, perhaps of another server. */
    void consumerMade() {
        question = null;
        waiting = NONE;
        quietSince = System.nanoTime();
        needed = filter != null && !connection.nats().getServerInfo().isSameOrNewerThanVersion(FIXED_IN);
    }

    /** Revisions are counted anew. */
    void forget() {
        question = null;
        complete = 0;
    }

    /** Whether there is anything to look for; else the rest needs not be asked. */
    boolean isNeeded() {
        return needed;
    }

    /** A snapshot by key has gaps, which are as they should be. */
    void endOfSnapshot() {
        if (tracker.deliversByKey()) {
            completeUpTo(tracker.snapshotEnd());
        }
    }

    private void completeUpTo(long revision) {
        complete = Math.max(complete, revision);
    }

    /** What is known of a gap. */
    enum Finding {
        COMPLETE,
        /** To be asked again. */
        UNKNOWN,
        /** The server went over a message that is there: another consumer has to deliver it. */
        LEFT_OUT
    }

    /**
     * Looks between the last revision that was delivered and the next one.
     *
     * @param waitNanos how long to wait for the leader's answer
     * @throws KvException (fatal) if the leader may not be asked
     */
    Finding before(long next, long waitNanos) throws InterruptedException {
        quietSince = System.nanoTime();
        if (tracker.deliversByKey()) {
            return Finding.COMPLETE;
        }
        if (tracker.startTime().isPresent()) {
            completeUpTo(next); // where it begins is the server's to say
        }
        completeUpTo(tracker.behind());
        if (next <= complete + 1) {
            return Finding.COMPLETE;
        }
        if (tail) {
            question = null;
            tail = false;
        }
        long first = firstBehind(complete, waitNanos);
        if (first == UNKNOWN) {
            return Finding.UNKNOWN;
        }
        if (first < next) {
            return Finding.LEFT_OUT; // or it failed: making another consumer is what deals with outages
        }
        // Up to the first message that is there all has gone: gaps before it need no look of their own.
        completeUpTo(first == NONE ? next : first - 1);
        return Finding.COMPLETE;
    }

    /** True if a message lies behind the last one that was delivered, although nothing comes: it was seen there twice. */
    boolean leftOutTheEnd() throws InterruptedException {
        long now = System.nanoTime();
        if (!needed || tracker.deliversByKey() || tracker.startTime().isPresent() || now - quietSince < QUIET) {
            return false;
        }
        tail = true;
        completeUpTo(tracker.behind());
        long first = firstBehind(complete, 0);
        if (first == UNKNOWN) {
            return false;
        }
        quietSince = now;
        boolean again = first == waiting && first != NONE && first != FAILED;
        waiting = first;
        return again;
    }

    /** The revision of the first message behind another, or one of the constants. */
    private long firstBehind(long revision, long waitNanos) throws InterruptedException {
        if (question == null) {
            question = new Question<>(
                    () -> connection.api().nextMessage(subjects.stream(), filter, revision + 1), ASK_AGAIN);
        }
        try {
            MessageInfo found = question.get(waitNanos);
            question = null;
            return found == null ? NONE : found.getSeq();
        } catch (TimeoutException e) {
            return UNKNOWN;
        } catch (ExecutionException e) {
            question = null;
            KvException error =
                    KvErrors.translate(e, "look for changes that were left out of stream " + subjects.stream());
            if (error.errorClass() != ErrorClass.TRANSIENT) {
                throw error;
            }
            return FAILED;
        }
    }
}
