package io.natskv.core.watch;

import io.nats.client.api.MessageInfo;
import io.natskv.core.connection.JetStreamApi;
import io.natskv.core.key.BucketSubjects;
import io.natskv.core.key.KeyFilter;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

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
    private final Supplier<Optional<Instant>> start;
    private CompletableFuture<Long> lastMatching;
    private long notBefore;

    /** @param start of the watch: what is older is not waited for */
    SnapshotCheck(
            JetStreamApi api, BucketSubjects subjects, List<KeyFilter> filters, Supplier<Optional<Instant>> start) {
        this.start = start;
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
                        .filter(Objects::nonNull)
                        .filter(message -> start.get()
                                .map(time -> !message.getTime().toInstant().isBefore(time))
                                .orElse(true))
                        .mapToLong(MessageInfo::getSeq)
                        .max()
                        .orElse(0));
    }
}
