package io.natskv.core.watch;

import io.nats.client.api.MessageInfo;
import io.natskv.core.connection.JetStreamApi;
import io.natskv.core.key.BucketSubjects;
import io.natskv.core.key.KeyFilter;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Whether a snapshot is complete although its last revision was not delivered: that one may belong to no key of the filters, or have been
 * overwritten. The consumer's word (nothing pending) is not enough, because it may sit on a replica that lags; the leader is asked
 * for the last message that the filters select.
 */
final class SnapshotCheck {
    private static final long AGAIN = TimeUnit.MILLISECONDS.toNanos(100);

    private final JetStreamApi api;
    private final BucketSubjects subjects;
    private final List<KeyFilter> filters;
    private CompletableFuture<Long> lastMatching;
    private long notBefore;

    SnapshotCheck(JetStreamApi api, BucketSubjects subjects, List<KeyFilter> filters) {
        this.api = api;
        this.subjects = subjects;
        this.filters = filters;
    }

    /** Forgets what was asked over another consumer. */
    void forget() {
        lastMatching = null;
        notBefore = 0;
    }

    boolean underWay() {
        return lastMatching != null;
    }

    /**
     * To be asked when nothing is pending; asks the leader and never waits.
     *
     * @param delivered the last revision that was delivered
     */
    boolean isAllThere(long delivered) {
        if (lastMatching == null) {
            if (System.nanoTime() < notBefore) {
                return false;
            }
            lastMatching = ask();
        }
        if (!lastMatching.isDone()) {
            return false;
        }
        boolean failed = lastMatching.isCompletedExceptionally();
        boolean complete = !failed && lastMatching.join() <= delivered;
        lastMatching = null;
        notBefore = System.nanoTime() + AGAIN;
        return complete;
    }

    private CompletableFuture<Long> ask() {
        List<CompletableFuture<MessageInfo>> answers = filters.stream()
                .map(filter -> api.lastMessage(subjects.stream(), subjects.readSubject(filter.pattern())))
                .toList();
        return CompletableFuture.allOf(answers.toArray(new CompletableFuture<?>[0]))
                .thenApply(done -> answers.stream()
                        .map(CompletableFuture::join)
                        .mapToLong(message -> message == null ? 0 : message.getSeq())
                        .max()
                        .orElse(0));
    }
}
