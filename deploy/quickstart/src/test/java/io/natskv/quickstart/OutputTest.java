package io.natskv.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutputTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private Output output(boolean terminal) {
        return new Output(new PrintStream(bytes, true, StandardCharsets.UTF_8), terminal, 80);
    }

    private String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aLogGetsPlainLines() {
        Output output = output(false);

        assertThat(output.step("Baking", () -> 7)).isEqualTo(7);
        output.line("done");

        assertThat(text()).matches("Baking \\.\\.\\.\n  done in \\d+\\.\\d s\ndone\n");
    }

    @Test
    void aFailedStepSaysSoAndPassesItsErrorOn() {
        Output output = output(false);

        assertThatThrownBy(() -> output.step("Baking", () -> {
                    throw new UserProblem("no flour");
                }))
                .isInstanceOf(UserProblem.class)
                .hasMessage("no flour");
        assertThat(text()).contains("failed after");
    }

    @Test
    void aBlockIsDrawnOverTheOneBeforeUntilALineComesBetween() {
        Output output = output(true);

        output.draw(List.of("one", "two"));
        assertThat(text()).doesNotContain("\u001b[2A");
        bytes.reset();
        output.draw(List.of("one", "two"));
        assertThat(text()).contains("\u001b[2A");
        bytes.reset();
        output.line("between");
        output.draw(List.of("one", "two"));
        assertThat(text()).doesNotContain("\u001b[2A");
    }
}
