package io.natskv.core.watch;

import io.natskv.core.error.KvErrors;
import io.natskv.core.error.UnavailableException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * A request that is made again until one answer comes: what reaches a cluster while it has no leader is dropped there without a word, and
 * waiting for its time-out would add to the outage. Each of the requests counts, so that a slow answer is one too. The pauses grow: a
 * thousand watches may wait for the same leader. For one thread.
 */
final class Question<T> {
    private final Supplier<CompletableFuture<T>> request;
    private final long longestPause;
    private final CompletableFuture<T> answer = new CompletableFuture<>();
    private final long firstAsked = System.nanoTime();
    private long pause;
    private long due;
    private volatile int asked;

    /** @param again after which time to ask again, for the first time; zero for never */
    Question(Supplier<CompletableFuture<T>> request, Duration again) {
        this.request = request;
        this.pause = again.toNanos();
        this.longestPause = 4 * pause;
        ask();
    }

    private void ask() {
        due = System.nanoTime() + pause + ThreadLocalRandom.current().nextLong(pause / 4 + 1);
        pause = Math.min(2 * pause, longestPause);
        int mine = asked + 1;
        asked = mine;
        request.get().whenComplete((value, error) -> {
            if (error == null) {
                answer.complete(value);
            } else if (mine == asked || !(KvErrors.translate(error, "") instanceof UnavailableException)) {
                answer.completeExceptionally(error); // else a later request may still be answered
            }
        });
    }

    /** The first answer, or the first failure that is one. */
    CompletableFuture<T> answer() {
        return answer;
    }

    /** How long ago it was asked for the first time. */
    Duration age() {
        return Duration.ofNanos(System.nanoTime() - firstAsked);
    }

    /** {@link #answer}; asks again when it is time to. To be called often. */
    T get(long waitNanos) throws InterruptedException, ExecutionException, TimeoutException {
        if (longestPause > 0 && !answer.isDone() && System.nanoTime() - due >= 0) {
            ask();
        }
        return answer.get(Math.max(0, waitNanos), TimeUnit.NANOSECONDS);
    }
}
