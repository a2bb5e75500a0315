package io.natskv.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptionsTest {
    @Test
    void aSuiteAloneLeavesEverythingToIt() {
        Options options = Options.parse(List.of("core")).orElseThrow();

        assertThat(options.suite()).isEqualTo(Options.Suite.CORE);
        assertThat(options.json()).isEmpty();
        assertThat(options.rounds()).isEmpty();
        assertThat(options.kills()).isEmpty();
        assertThat(options.profile()).isEmpty();
        assertThat(options.quick()).isFalse();
    }

    @Test
    void takesEveryOption() {
        Options options = Options.parse(
                        List.of("mirror --json a.json --rounds 3 --kills 4 --profile b --quick".split(" ")))
                .orElseThrow();

        assertThat(options.json()).contains(Path.of("a.json"));
        assertThat(options.rounds()).hasValue(3);
        assertThat(options.suite()).isEqualTo(Options.Suite.MIRROR);
        assertThat(options.kills()).hasValue(4);
        assertThat(options.profile()).contains(Path.of("b"));
        assertThat(options.quick()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "-h"})
    void helpNamesEveryOption(String option) {
        assertThat(Options.parse(List.of("core", option))).isEmpty();
        assertThat(String.join("\n", Options.help()))
                .contains(
                        "core",
                        "mirror",
                        "camel",
                        "scale",
                        "--profile",
                        "--json",
                        "--rounds",
                        "--kills",
                        "--quick",
                        "--help");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--quick|Name a suite",
                "all|\"all\"",
                "core --fast|\"--fast\"",
                "core --json|--json needs a value",
                "core --rounds 0|--rounds takes 1 to 1000, not \"0\"",
                "core --kills x|--kills takes 1 to 1000, not \"x\""
            })
    void namesWhatIsMalformed(String line, String message) {
        assertThatThrownBy(() -> Options.parse(List.of(line.split(" "))))
                .isInstanceOf(UserProblem.class)
                .hasMessageContaining(message);
    }
}
