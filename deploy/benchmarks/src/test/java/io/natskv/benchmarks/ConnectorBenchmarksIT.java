package io.natskv.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As {@link BenchmarksTest}, for the suites that run a Connect worker with the plugin. */
class ConnectorBenchmarksIT {
    private static final Pattern RESULT = Pattern.compile("(RATIO|FIGURE) (\\S+) (\\d+\\.\\d+)");

    private final List<String> lines = new ArrayList<>();
    private final Benchmarks benchmarks = new Benchmarks(lines::add);

    @Test
    void mirrorTellsAllItsResults(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("mirror.json");

        int exitCode = benchmarks.run(List.of(
                "mirror", "--quick", "--rounds", "1", "--json", file.toString(), "--profile", folder.toString()));

        assertThat(exitCode).as(String.join("\n", lines)).isZero();
        assertThat(results())
                .contains(
                        "RATIO mirror/noopSource",
                        "RATIO mirror/cpuCeiling",
                        "RATIO mirror/cpuCeilingAllBusy",
                        "RATIO mirrorAtLeastOnce/cpuCeilingAllBusy",
                        "RATIO mirrorExactlyOnce/cpuCeilingAllBusy",
                        "RATIO mirrorAtLeastOnce/noopSource",
                        "RATIO mirrorAtLeastOnce/cpuCeiling",
                        "RATIO mirrorExactlyOnce/noopSource",
                        "RATIO mirrorExactlyOnce/cpuCeiling",
                        "FIGURE mirrorAtLeastOnce-worker-cpu-s-per-million",
                        "FIGURE noopSourceExactlyOnce-broker-cpu-s-per-million",
                        "FIGURE put-to-kafka-median-ms",
                        "FIGURE put-to-kafka-p99-ms",
                        "FIGURE put-to-kafka-max-ms");
        JsonNode json = new ObjectMapper().readTree(file.toFile());
        List<String> histograms = new ArrayList<>();
        int lineResults = 0;
        for (JsonNode result : json.at("/results")) {
            if (result.at("/kind").asText().equals("latency")) {
                histograms.add(result.at("/name").asText() + " " + result.at("/perSecond"));
                assertThat(result.at("/count").asInt()).isPositive();
            } else {
                lineResults++;
            }
        }
        assertThat(lineResults).isEqualTo(results().size());
        assertThat(histograms).containsExactly("put-to-kafka 500", "put-to-kafka 200");
        assertThat(json.at("/versions/kafka").asText()).isNotEmpty();
        assertThat(json.at("/settings/producer").size()).isPositive();
        assertThat(Files.list(folder))
                .filteredOn(path -> path.toString().endsWith(".jfr"))
                .hasSize(2);
    }

    @Test
    void materialiseTellsAllItsResults() {
        int exitCode = benchmarks.run(List.of("materialise", "--quick", "--rounds", "1"));

        assertThat(exitCode).as(String.join("\n", lines)).isZero();
        assertThat(results())
                .contains(
                        "RATIO materialise/publishAsync",
                        "RATIO materialise/putLoop",
                        "RATIO publishAsync/putLoop",
                        "RATIO materialise/cpuCeiling",
                        "RATIO exactlyOnce/atomicBatch",
                        "RATIO exactlyOnce/atomicBatchAhead",
                        "RATIO exactlyOnce/batchSink",
                        "RATIO batchSink/atomicBatch",
                        "RATIO exactlyOnce/cpuCeiling",
                        "FIGURE noopSink-broker-cpu-s-per-million",
                        "FIGURE publishAsync-nats-cpu-s-per-million",
                        "FIGURE atomicBatch-nats-cpu-s-per-million",
                        "FIGURE materialise-worker-cpu-s-per-million",
                        "FIGURE exactlyOnce-worker-cpu-s-per-million",
                        "FIGURE kafka-to-bucket-median-ms",
                        "FIGURE kafka-to-bucket-p99-ms");
    }

    @Test
    void scaleTellsAllItsResults(@TempDir Path folder) throws Exception {
        int exitCode = benchmarks.run(List.of("scale", "--quick", "--rounds", "1", "--out", folder.toString()));

        assertThat(exitCode).as(String.join("\n", lines)).isZero();
        assertThat(results())
                .containsExactlyInAnyOrder(
                        "FIGURE rate-large-per-s",
                        "FIGURE rate-small-per-s",
                        "FIGURE cost-per-key-large-to-small",
                        "FIGURE cost-per-key-from-start-large-to-small",
                        "FIGURE sink-cost-per-key-large-to-small",
                        "FIGURE source-live-heap-idle-mb",
                        "FIGURE source-live-heap-max-mb",
                        "FIGURE source-live-heap-added-mb",
                        "FIGURE source-memory-bound-mb",
                        "FIGURE sink-live-heap-idle-mb",
                        "FIGURE sink-live-heap-max-mb",
                        "FIGURE sink-live-heap-added-mb",
                        "FIGURE sink-memory-bound-mb",
                        "RATIO sourceHotKey/sourceManyKeys",
                        "FIGURE source-hot-key-delivered-percent",
                        "RATIO sinkHotKey/sinkManyKeys",
                        "RATIO sinkHotKeyCoalesced/sinkManyKeys",
                        "FIGURE worker-memory-max-mb");
        JsonNode json = new ObjectMapper()
                .readTree(folder.resolve("scale").resolve("report.json").toFile());
        List<String> series = new ArrayList<>();
        for (JsonNode result : json.at("/results")) {
            if (result.at("/kind").asText().equals("series")) {
                series.add(result.at("/name").asText());
                assertThat(result.at("/points"))
                        .hasSize(2)
                        .allMatch(point -> point.at("/median").asDouble() > 0);
            }
        }
        assertThat(series)
                .containsExactlyInAnyOrder(
                        "source-rate-by-keys",
                        "sink-rate-by-keys",
                        "source-rate-by-value-bytes",
                        "source-mb-by-value-bytes",
                        "sink-rate-by-value-bytes",
                        "sink-mb-by-value-bytes",
                        "source-rate-by-tasks",
                        "sink-rate-by-tasks");
    }

    private List<String> results() {
        List<String> results = new ArrayList<>();
        for (String line : lines) {
            Matcher result = RESULT.matcher(line);
            if (result.matches()) {
                results.add(result.group(1) + " " + result.group(2));
            }
        }
        return results;
    }
}
