package io.natskv.core.watch;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * A request that is made again and again until one answer comes: what reaches a cluster while it has no leader is dropped there without a word, and
 * waiting for its time-out would add to the outage. Each of the requests counts, so that a slow answer is one too. For one thread.
 */
final class Question<T> {
    private final Supplier<CompletableFuture<T>> request;
    private final long again;
    private final CompletableFuture<T> answer = new CompletableFuture<>();
    private final long firstAsked = System.nanoTime();
    private long asked;

    /** @param again after which time to ask again; zero for never */
    Question(Supplier<CompletableFuture<T>> request, Duration again) {
        this.request = request;
        this.again = again.toNanos();
        ask();
    }

    private void ask() {
        asked = System.nanoTime();
        request.get().whenComplete((value, error) -> {
            if (error == null) {
                answer.complete(value);
            } else {
                answer.completeExceptionally(error);
            }
        });
    }

    /** The first answer, or the first failure. */
    CompletableFuture<T> answer() {
        return answer;
    }

    /** How long ago it was asked for the first time. */
    Duration age() {
        return Duration.ofNanos(System.nanoTime() - firstAsked);
    }

    /** {@link #answer}; asks again when it is time to. To be called often. */
    T get(long waitNanos) throws InterruptedException, ExecutionException, TimeoutException {
        if (again > 0 && !answer.isDone() && System.nanoTime() - asked >= again) {
            ask();
        }
        return answer.get(Math.max(0, waitNanos), TimeUnit.NANOSECONDS);
    }
}
