package io.natskv.benchmarks.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.testing.docs.GeneratedPage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/benchmarks.md} and its plots are what the generator makes of the reports in {@code deploy/benchmarks/reference}. */
class ReferencePageTest {
    private static final Path SUITE = Path.of(System.getProperty("natskv.suite.dir"));
    private static final Path DOCS = SUITE.resolve("docs");
    private static final String NAME = "benchmarks.md";

    private final Page page = new Page(SuiteReport.readAll(SUITE.resolve("deploy/benchmarks/reference")));

    @Test
    void thePageIsWhatTheReportsMake() throws Exception {
        if (Boolean.getBoolean(GeneratedPage.WRITE)) {
            page.write(DOCS.resolve(NAME));
        }
        for (Map.Entry<String, String> file : page.files(NAME).entrySet()) {
            GeneratedPage.compare(file.getKey(), file.getValue(), ReferencePageTest.class);
        }
    }

    @Test
    void noPlotIsLeftOver() throws Exception {
        Path folder = DOCS.resolve("benchmarks");
        if (Files.isDirectory(folder)) {
            try (Stream<Path> plots = Files.list(folder)) {
                List<String> there =
                        plots.map(plot -> "benchmarks/" + plot.getFileName()).toList();
                assertThat(page.files(NAME).keySet()).containsAll(there);
            }
        }
    }

    @Test
    void theReportsTellNothingOfTheirMachinesFolders() throws Exception {
        Path reference = SUITE.resolve("deploy/benchmarks/reference");
        try (Stream<Path> files = Files.walk(reference)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(file).content().doesNotContainPattern("(?m)(^|[\\s\"'=:])/\\w+/");
            }
        }
    }
}
