package io.natskv.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The suite runs in a JVM of its own, all its results come out, and a page of them. What they are is no matter of a test. */
class CamelBenchmarksTest {
    private static final Pattern RESULT = Pattern.compile("(RATIO|FIGURE) (\\S+) (\\d+\\.\\d+)");

    @Test
    void camelTellsAllItsResults(@TempDir Path folder) throws Exception {
        List<String> lines = new ArrayList<>();
        Benchmarks benchmarks = new Benchmarks(lines::add);
        Path reports = folder.resolve("reports");
        Path camel = reports.resolve("camel");

        int exitCode = benchmarks.run(List.of("all", "--quick", "--only", "camel", "--out", reports.toString()));

        assertThat(exitCode).as(String.join("\n", lines)).isZero();
        assertThat(lines).last().asString().contains(reports.toString());
        List<String> told = Files.readAllLines(camel.resolve("output.txt")).stream()
                .map(RESULT::matcher)
                .filter(Matcher::matches)
                .map(result -> result.group(1) + " " + result.group(2))
                .toList();
        assertThat(told)
                .containsExactlyInAnyOrder(
                        "RATIO camelPutAll/publishAsync",
                        "RATIO camelPut/camelNatsPut",
                        "RATIO camelConsumer/orderedPull",
                        "RATIO camelConsumerOneByOne/orderedPull",
                        "RATIO camelConsumerOneByOne/camelNatsConsumer",
                        "FIGURE camel-latency-ms-p50",
                        "FIGURE camel-latency-ms-p99",
                        "FIGURE camelNats-latency-ms-p50",
                        "FIGURE camelNats-latency-ms-p99");
        JsonNode json = new ObjectMapper().readTree(camel.resolve("report.json").toFile());
        List<String> kinds = new ArrayList<>();
        json.at("/results").forEach(result -> kinds.add(result.at("/kind").asText()));
        assertThat(kinds).filteredOn("latency"::equals).hasSize(4);
        assertThat(kinds).filteredOn(kind -> !kind.equals("latency")).hasSameSizeAs(told);
        assertThat(json.at("/machine/jdk").asText()).contains(System.getProperty("java.runtime.version"));
        // Folders of the machine would show in a report that is committed.
        assertThat(json.at("/machine/jvmOptions").asText()).doesNotContain("-D", "/");
        assertThat(json.at("/versions").properties())
                .extracting(Map.Entry::getKey)
                .contains("suite", "jnats", "natsServer", "kafka", "camel", "camelNats");
        assertThat(json.at("/versions/camelNats").asText()).isEqualTo("4.17.0");

        Path page = folder.resolve("page.md");
        assertThat(benchmarks.run(List.of("report", "--from", reports.toString(), "--to", page.toString())))
                .as(String.join("\n", lines))
                .isZero();
        assertThat(page).content().contains("camelPut/camelNatsPut", "page/camel-latency.svg");
        assertThat(folder.resolve("page").resolve("camel-ratios.svg")).exists();
    }
}
