package io.natskv.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everything runs and all results come out. What they are is no matter of a test. */
class BenchmarksTest {
    private static final Pattern RESULT = Pattern.compile("(RATIO|FIGURE) (\\S+) (\\d+\\.\\d+)");

    private final List<String> lines = new ArrayList<>();
    private final Benchmarks benchmarks = new Benchmarks(lines::add);

    @Test
    void coreTellsAllItsResults(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("core.json");

        int exitCode = benchmarks.run(List.of("core", "--quick", "--json", file.toString()));

        assertThat(exitCode).as(String.join("\n", lines)).isZero();
        Map<String, String> told = new HashMap<>();
        for (String line : lines) {
            Matcher result = RESULT.matcher(line);
            if (result.matches()) {
                told.put(result.group(1) + " " + result.group(2), result.group(3));
            }
        }
        assertThat(told.keySet())
                .containsExactlyInAnyOrder(
                        "RATIO writer/publishAsync",
                        "RATIO writerCold/publishAsync",
                        "RATIO writer/putLoop",
                        "RATIO hotKey/putLoop",
                        "RATIO hotKeyQueued/putLoop",
                        "RATIO watch/orderedPull",
                        "FIGURE recovery-ms-max",
                        "FIGURE recovery-ms-median",
                        "FIGURE recovery-from-start-ms-max",
                        "FIGURE recovery-from-start-ms-median",
                        "FIGURE writer-recovery-ms-max");
        JsonNode json = new ObjectMapper().readTree(file.toFile());
        assertThat(json.at("/machine/cores").asInt()).isPositive();
        assertThat(json.at("/machine/jvm").asText()).isNotEmpty();
        assertThat(json.at("/versions/natsServer").asText()).startsWith("2.15.");
        assertThat(json.at("/versions/jnats").asText()).isNotEmpty();
        assertThat(json.at("/settings/rounds").asInt()).isEqualTo(2);
        assertThat(json.at("/results")).hasSize(told.size());
        for (JsonNode result : json.at("/results")) {
            String name = result.at("/kind").asText().toUpperCase(java.util.Locale.ROOT) + " "
                    + result.at("/name").asText();
            assertThat(told).containsKey(name);
            assertThat(result.at("/values")).as(name).hasSize(2);
            for (JsonNode side : result.at("/of")) {
                assertThat(side.at("/values")).as(name).hasSize(2).allMatch(value -> value.asDouble() > 0);
            }
        }
    }

    @Test
    void aSuiteThatFailsKeepsNoOtherFromRunning(@TempDir Path folder) {
        List<List<String>> runs = new ArrayList<>();
        Benchmarks all = new Benchmarks(lines::add, args -> {
            runs.add(args);
            return args.get(0).equals("mirror") ? 1 : 0;
        });

        int exitCode = all.run(List.of("all", "--out", folder.toString(), "--rounds", "2"));

        assertThat(exitCode).isEqualTo(1);
        assertThat(runs)
                .extracting(run -> run.get(0))
                .containsExactly("core", "mirror", "materialise", "camel", "scale");
        assertThat(runs).allSatisfy(run -> assertThat(run).contains("--out", folder.toString(), "--rounds", "2"));
        assertThat(lines).last().asString().startsWith("benchmarks: Not measured: mirror.");
    }

    @Test
    void aPageNeedsReports(@TempDir Path folder) {
        int exitCode = benchmarks.run(List.of(
                "report",
                "--from",
                folder.toString(),
                "--to",
                folder.resolve("page.md").toString()));

        assertThat(exitCode).isEqualTo(1);
        assertThat(lines)
                .containsExactly(
                        "benchmarks: No suite has left a report in " + folder + ": run all --out DIR makes them.");
        assertThat(folder.resolve("page.md")).doesNotExist();
    }

    @Test
    void saysWhatTheUserCanMend(@TempDir Path folder) {
        Path file = folder.resolve("missing/core.json");

        assertThat(benchmarks.run(List.of("core", "--quick", "--json", file.toString())))
                .isEqualTo(1);
        assertThat(lines)
                .containsExactly("benchmarks: Can't write " + file + ": --json takes a file in a folder that exists.");
    }
}
