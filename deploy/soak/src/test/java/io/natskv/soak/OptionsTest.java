package io.natskv.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class OptionsTest {
    private static Options parse(String... args) {
        return Options.parse(List.of(args)).orElseThrow();
    }

    @Test
    void takesAll() {
        Options options = parse(
                "--minutes",
                "3",
                "--rounds",
                "2",
                "--seed",
                "-5",
                "--faults",
                "links-cut,broker-killed",
                "--rate",
                "7",
                "--faults-per-round",
                "4",
                "--keep",
                "there");
        assertThat(options.minutes()).isEqualTo(3);
        assertThat(options.rounds()).isEqualTo(2);
        assertThat(options.seed()).isEqualTo(-5);
        assertThat(options.faults()).containsExactly(FaultKind.LINKS_CUT, FaultKind.BROKER_KILLED);
        assertThat(options.rate()).isEqualTo(7);
        assertThat(options.faultsPerRound()).isEqualTo(4);
        assertThat(options.keep()).hasToString("there");
    }

    @Test
    void theReplayAsksForTheSame() {
        Options options = parse("--seed", "5", "--faults", "links-cut", "--rate", "9");
        String[] replay = options.replay().replace("deploy/soak/run ", "").split(" ");
        assertThat(parse(replay)).isEqualTo(options);
        assertThat(parse("--seed", "5").replay()).doesNotContain("--faults ");
    }

    @Test
    void helpIsAskedFor() {
        assertThat(Options.parse(List.of("--minutes", "1", "--help"))).isEmpty();
        assertThat(String.join("\n", Options.help()))
                .contains("--minutes", "--rounds", "--seed", "--faults", "--faults-per-round", "--rate", "--keep");
    }

    @Test
    void whatIsWrongIsNamed() {
        assertThatThrownBy(() -> parse("--bogus"))
                .isInstanceOf(UserProblem.class)
                .hasMessageContaining("--bogus");
        assertThatThrownBy(() -> parse("--seed"))
                .isInstanceOf(UserProblem.class)
                .hasMessageContaining("--seed");
        assertThatThrownBy(() -> parse("--rate", "0"))
                .isInstanceOf(UserProblem.class)
                .hasMessageContaining("--rate")
                .hasMessageContaining("\"0\"");
        assertThatThrownBy(() -> parse("--faults", "earthquake"))
                .isInstanceOf(UserProblem.class)
                .hasMessageContaining("earthquake")
                .hasMessageContaining("links-cut");
    }

    @Test
    void everyFaultHasAName() {
        assertThat(Arrays.stream(FaultKind.values()).map(FaultKind::title).map(FaultKind::of))
                .containsExactly(FaultKind.values());
    }
}
