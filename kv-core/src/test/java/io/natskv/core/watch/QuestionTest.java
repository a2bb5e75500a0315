package io.natskv.core.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class QuestionTest {
    private final List<CompletableFuture<String>> requests = new CopyOnWriteArrayList<>();

    private CompletableFuture<String> ask() {
        CompletableFuture<String> request = new CompletableFuture<>();
        requests.add(request);
        return request;
    }

    private boolean isPending(Question<String> question) throws Exception {
        try {
            question.get(0);
            return false;
        } catch (TimeoutException e) {
            return true;
        }
    }

    @Test
    void asksAgainWhatNobodyAnswersAndTakesAnyAnswer() throws Exception {
        Question<String> question = new Question<>(this::ask, Duration.ofMillis(1));
        Awaitility.await().until(() -> isPending(question) && requests.size() >= 3);
        requests.get(1).complete("second");
        requests.get(0).complete("first");
        assertThat(question.get(0)).isEqualTo("second");
        int asked = requests.size();
        Awaitility.await().until(() -> question.age().compareTo(Duration.ofMillis(20)) > 0);
        assertThat(question.get(0)).isEqualTo("second");
        assertThat(requests).hasSize(asked);
    }

    @Test
    void asksOnceWhereOnceIsEnough() throws Exception {
        Question<String> question = new Question<>(this::ask, Duration.ZERO);
        Awaitility.await().until(() -> isPending(question) && question.age().compareTo(Duration.ofMillis(20)) > 0);
        assertThat(requests).hasSize(1);
        requests.get(0).completeExceptionally(new IllegalStateException("refused"));
        assertThatThrownBy(() -> question.get(0))
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining("refused");
    }
}
