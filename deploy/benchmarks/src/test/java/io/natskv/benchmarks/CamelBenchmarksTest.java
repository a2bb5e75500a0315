package io.natskv.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The suite runs and all its results come out. What they are is no matter of a test. */
class CamelBenchmarksTest {
    private static final Pattern RESULT = Pattern.compile("(RATIO|FIGURE) (\\S+) (\\d+\\.\\d+)");

    @Test
    void camelTellsAllItsResults(@TempDir Path folder) throws Exception {
        List<String> lines = new ArrayList<>();
        Path file = folder.resolve("camel.json");

        int exitCode = new Benchmarks(lines::add).run(List.of("camel", "--quick", "--json", file.toString()));

        assertThat(exitCode).as(String.join("\n", lines)).isZero();
        List<String> told = lines.stream()
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
        JsonNode json = new ObjectMapper().readTree(file.toFile());
        assertThat(json.at("/results")).hasSameSizeAs(told);
        assertThat(json.at("/versions/camelNats").asText()).isEqualTo("4.17.0");
    }
}
