package io.natskv.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CleanupTest {
    private final List<String> done = new ArrayList<>();
    private final Cleanup cleanup = new Cleanup();

    @Test
    void undoesTheLastThingFirstAndOnce() {
        cleanup.add(() -> done.add("server"));
        cleanup.add(() -> done.add("connection"));

        cleanup.close();
        cleanup.close();

        assertThat(done).containsExactly("connection", "server");
    }

    @Test
    void anErrorDoesNotKeepTheRestFromBeingUndone() {
        cleanup.add(() -> done.add("server"));
        cleanup.add(() -> {
            throw new IllegalStateException("expected by this test");
        });

        cleanup.close();

        assertThat(done).containsExactly("server");
    }

    @Test
    void whatComesAfterTheEndIsUndoneAtOnce() {
        cleanup.close();

        cleanup.add(() -> done.add("late"));

        assertThat(done).containsExactly("late");
    }
}
