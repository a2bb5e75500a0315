package io.natskv.connect.sink.exactlyonce;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class BellTest {
    private static final long LONG_MS = 30_000;

    private final Bell bell = new Bell();

    /** Else the waiting thread finds nothing, and waits once more, for a ring that comes no more. */
    @Test
    void theAnswerIsThereWhenItRings() {
        ExecutorService server = Executors.newSingleThreadExecutor();
        try {
            for (int i = 0; i < 20_000; i++) {
                CompletableFuture<Integer> answer = new CompletableFuture<>();
                CompletableFuture<Integer> ringing = bell.ringing(answer);
                int value = i;
                server.execute(() -> answer.complete(value));
                assertThat(bell.await(LONG_MS)).isTrue();
                assertThat(ringing.isDone()).as("answer %d", i).isTrue();
                assertThat(ringing.join()).isEqualTo(i);
            }
        } finally {
            server.shutdownNow();
        }
    }

    @Test
    void failuresRingToo() {
        CompletableFuture<Integer> answer = bell.ringing(new CompletableFuture<>());
        answer.completeExceptionally(new IllegalStateException());
        assertThat(bell.await(LONG_MS)).isTrue();
        assertThat(answer).isCompletedExceptionally();
    }

    @Test
    void manyRingsWakeOnce() {
        for (int i = 0; i < 5; i++) {
            bell.ringing(CompletableFuture.completedFuture(i));
        }
        assertThat(bell.await(LONG_MS)).isTrue();
        assertThat(bell.await(1)).isFalse();
    }
}
