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

        assertThat(options.command()).isEqualTo(Options.Command.SUITE);
        assertThat(options.suite()).isEqualTo(Options.Suite.CORE);
        assertThat(options.out()).isEmpty();
        assertThat(options.warmUps()).isEmpty();
        assertThat(options.keys()).isEmpty();
        assertThat(options.json()).isEmpty();
        assertThat(options.rounds()).isEmpty();
        assertThat(options.kills()).isEmpty();
        assertThat(options.profile()).isEmpty();
        assertThat(options.quick()).isFalse();
    }

    @Test
    void takesEveryOption() {
        Options options = Options.parse(List.of(
                        "mirror --json a.json --out c --rounds 3 --warm-ups 0 --kills 4 --keys 20000 --profile b --quick"
                                .split(" ")))
                .orElseThrow();

        assertThat(options.json()).contains(Path.of("a.json"));
        assertThat(options.out()).contains(Path.of("c"));
        assertThat(options.rounds()).hasValue(3);
        assertThat(options.warmUps()).hasValue(0);
        assertThat(options.keys()).hasValue(20_000);
        assertThat(options.suite()).isEqualTo(Options.Suite.MIRROR);
        assertThat(options.kills()).hasValue(4);
        assertThat(options.profile()).contains(Path.of("b"));
        assertThat(options.quick()).isTrue();
    }

    @Test
    void allMeansEverySuiteOrThoseThatAreNamed() {
        assertThat(parse("all").suites()).containsExactly(Options.Suite.values());
        assertThat(parse("all --only scale,core").suites()).containsExactly(Options.Suite.SCALE, Options.Suite.CORE);
        assertThat(parse("all --reference").reference()).isTrue();
    }

    @Test
    void aSuiteOfAllIsToldWhatItNeeds() {
        Options all = parse("all --rounds 3 --warm-ups 1 --kills 4 --keys 20000 --quick");

        List<String> args = all.forSuite(Options.Suite.SCALE, Path.of("reports"));

        assertThat(args)
                .containsExactly(
                        "scale --out reports --rounds 3 --warm-ups 1 --kills 4 --keys 20000 --quick".split(" "));
        assertThat(Options.parse(args)).isPresent();
    }

    @Test
    void aPageIsMadeFromAndTo() {
        Options options = parse("report --from a --to b.md");

        assertThat(options.command()).isEqualTo(Options.Command.REPORT);
        assertThat(options.suites()).isEmpty();
        assertThat(options.from()).contains(Path.of("a"));
        assertThat(options.to()).contains(Path.of("b.md"));
    }

    private static Options parse(String line) {
        return Options.parse(List.of(line.split(" "))).orElseThrow();
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
                        "report",
                        "--from",
                        "--to",
                        "--out",
                        "--only",
                        "--reference",
                        "--warm-ups",
                        "--keys",
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
                "everything|\"everything\"",
                "core mirror|Both core and mirror",
                "core --reference|belong to all",
                "core --only scale|belong to all",
                "all --only scale,x|\"x\"",
                "all --json a|--json belongs to one suite",
                "all --reference --quick|neither",
                "core --from a|belong to report",
                "scale --keys 9|--keys takes 20000 to 100000000, not \"9\"",
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
