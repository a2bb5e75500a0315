package io.natskv.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that is broken off, or a suite that fails, leaves what was measured. */
class AllSuitesTest {
    private final List<String> events = new ArrayList<>();

    private AllSuites all(Path folder, AllSuites.Launcher launcher, Runnable measured) {
        Options options =
                Options.parse(List.of("all", "--only", "core,mirror,scale")).orElseThrow();
        return new AllSuites(options, folder, line -> {}, launcher, measured);
    }

    private int launch(List<String> args) {
        events.add(args.get(0));
        return args.get(0).equals("mirror") ? 1 : 0;
    }

    @Test
    void whatIsMadeOfTheReportsIsMadeAfterEachOne(@TempDir Path folder) {
        AllSuites suites = all(folder, this::launch, () -> events.add("page"));

        assertThatThrownBy(suites::run).isInstanceOf(UserProblem.class).hasMessageContaining("Not measured: mirror.");
        assertThat(events).containsExactly("core", "page", "mirror", "scale", "page");
    }

    @Test
    void aPageThatCannotBeWrittenKeepsNoSuiteFromRunning(@TempDir Path folder) {
        AllSuites suites = all(folder, this::launch, () -> {
            throw new UserProblem("Can't write the page");
        });

        assertThatThrownBy(suites::run).hasMessageContaining("Not measured: mirror.");
        assertThat(events).containsExactly("core", "mirror", "scale");
    }

    @Test
    void aReportTakesThePlaceOfTheOneBefore(@TempDir Path folder) throws Exception {
        Path suite = Files.createDirectory(folder.resolve("core"));
        Files.writeString(suite.resolve(Report.FILE), "old");
        Report report = new Report("core", line -> {});
        report.line("a line");
        report.end();

        report.writeFolder(folder);

        assertThat(suite.resolve(Report.FILE)).content().contains("\"suite\" : \"core\"");
        assertThat(suite.resolve(Report.LINES)).hasContent("a line");
        assertThat(suite).isDirectoryNotContaining("glob:**.new");
    }
}
