package io.natskv.benchmarks.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class PageTest {
    private static final String MACHINE = """
            "started": "2026-11-23T10:00:01Z", "ended": "2026-11-23T10:03:09Z", "loadBefore": 0.1, "loadAfter": 2.25,
            "machine": {"cores": 2, "memoryBytes": 25769803776, "os": "Linux 6 amd64", "cpu": "Some CPU", "jdk": "Debian 17", "jvmOptions": "-Xmx2g"},
            "versions": {"jnats": "2.26.2", "natsServer": "2.15.1"},
            """;
    private static final String CORE = "{\"suite\": \"core\", " + MACHINE + """
            "settings": {"rounds": 3, "keys": [1, 2]},
            "results": [
              {"kind": "ratio", "name": "writer/publishAsync", "value": 0.8, "median": 0.8, "quarter": 0.75, "threeQuarters": 0.85,
               "min": 0.7, "max": 0.9, "values": [0.7, 0.8, 0.9],
               "of": {"writer": {"unit": "/s", "median": 80000, "quarter": 79000, "threeQuarters": 81000, "min": 78000, "max": 82000, "values": [1, 2, 3]},
                      "publishAsync": {"unit": "/s", "median": 100000, "quarter": 1, "threeQuarters": 2, "min": 0, "max": 3, "values": [1, 2, 3]}}},
              {"kind": "ratio", "name": "a<b/c", "value": 20, "median": 20, "quarter": 19, "threeQuarters": 21, "min": 18, "max": 22, "values": [18, 20, 22]},
              {"kind": "ratio", "name": "materialise/cpuCeiling", "value": 0.9, "median": 0.9, "quarter": 0.9, "threeQuarters": 0.9, "min": 0.9, "max": 0.9, "values": [0.9]},
              {"kind": "figure", "name": "recovery-ms-max", "unit": "ms", "value": 612.4, "median": 100, "quarter": 90, "threeQuarters": 110,
               "min": 80, "max": 612.4, "values": [80, 100, 612.4]}]}
            """;
    private static final String SCALE = "{\"suite\": \"scale\", " + MACHINE + """
            "results": [
              {"kind": "figure", "name": "cost-per-key-large-to-small", "unit": "", "value": 1.1, "median": 1.1, "quarter": 1.1, "threeQuarters": 1.1,
               "min": 1.1, "max": 1.1, "values": [1.1]},
              {"kind": "figure", "name": "source-live-heap-added-mb", "unit": "MB", "value": 120, "median": 120, "min": 120, "max": 120, "values": [120]},
              {"kind": "figure", "name": "source-memory-bound-mb", "unit": "MB", "value": 101, "median": 101, "min": 101, "max": 101, "values": [101]},
              {"kind": "figure", "name": "sink-live-heap-added-mb", "unit": "MB", "value": 26, "median": 26, "min": 26, "max": 26, "values": [26]},
              {"kind": "figure", "name": "sink-memory-bound-mb", "unit": "MB", "value": 111, "median": 111, "min": 111, "max": 111, "values": [111]},
              {"kind": "series", "name": "source-rate-by-keys", "along": "keys", "unit": "/s", "points": [
                {"at": 10000, "median": 90000, "quarter": 85000, "threeQuarters": 95000, "min": 80000, "max": 99000, "values": [1, 2]},
                {"at": 1000000, "median": 100000, "quarter": 95000, "threeQuarters": 105000, "min": 90000, "max": 110000, "values": [1, 2]}]},
              {"kind": "series", "name": "sink-rate-by-keys", "along": "keys", "unit": "/s", "points": [
                {"at": 10000, "median": 50000, "quarter": 50000, "threeQuarters": 50000, "min": 50000, "max": 50000, "values": [1]},
                {"at": 1000000, "median": 60000, "quarter": 60000, "threeQuarters": 60000, "min": 60000, "max": 60000, "values": [1]}]},
              {"kind": "latency", "name": "put-to-kafka", "perSecond": 2000, "count": 90000,
               "percentiles": {"p50": {"value": 1.5}, "p90": {"value": 2}, "p99": {"value": 4.25}, "p99.9": {"value": 8}, "p99.99": {"value": 9}, "max": {"value": 12}},
               "curve": [[0, 0.8], [50, 1.5], [90, 2], [99, 4.25], [99.9, 8], [100, 12]]}]}
            """;

    private final Map<String, String> files = page(CORE, SCALE).files("figures.md");
    private final String page = files.get("figures.md");

    private static Page page(String... reports) {
        List<SuiteReport> all = new ArrayList<>();
        for (String report : reports) {
            try {
                all.add(new SuiteReport(new ObjectMapper().readTree(report)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return new Page(all);
    }

    @Test
    void saysPlainlyWhereWeAreSlowerAndWhatWasMissed() {
        assertThat(part("## Where we are slower"))
                .contains(
                        "**writer/publishAsync** (core): 0.80 times the other side's rate.", "Why: each write carries")
                .contains("**materialise/cpuCeiling** (core): 0.90 of the ceiling.")
                .doesNotContain("a<b/c");
        assertThat(part("## What was not reached"))
                .contains("**recovery-ms-max** (core): 612 ms, due are at most 500.")
                .contains("**writer/publishAsync** (core): 0.80, due are at least 0.85.")
                .contains(
                        "**source-live-heap-added-mb** (scale): 120 MB, due are at most the 101 MB that its settings say")
                .contains("Not measured: mirror, materialise, camel.")
                .contains("**watch/orderedPull** (core): not measured in this run.")
                .contains("**sink-cost-per-key-large-to-small** (scale): not measured in this run.")
                .doesNotContain("**cost-per-key", "sink-live-heap");
    }

    @Test
    void tellsMachineVersionsSettingsAndMethod() {
        assertThat(part("## Machine and versions"))
                .contains("| processors | 2, Some CPU |", "| memory | 24 GiB |", "| jnats | 2.26.2 |")
                .contains("| core | 2026-11-23 10:00 | 2026-11-23 10:03 | 0.1 | 2.3 |");
        assertThat(part("## Method")).contains("no coordinated omission");
        assertThat(part("## core")).contains("| rounds | 3 |", "| keys | `[1,2]` |");
    }

    @Test
    void tablesHaveMedianAndSpread() {
        assertThat(part("## core"))
                .contains("| **0.80** | 0.75 to 0.85 | 0.70 to 0.90 | 3 | 0.85 |")
                .contains("| writer | 80,000 /s | 79,000 to 81,000 | 78,000 to 82,000 |")
                .contains("| **612 ms** | 80 to 612 | 500 |");
        assertThat(part("## scale"))
                .contains("| 10 k keys | 1 M keys |", "| **90,000** | **100,000** |", "| 80,000 to 99,000 |")
                .contains("| `put-to-kafka` | 2,000 | 90,000 | 1.50 | 2 | 4.25 | 8 | 9 | 12 |");
    }

    @Test
    void plotsAreFilesThatThePageShows() {
        assertThat(files.keySet())
                .containsExactlyInAnyOrder(
                        "figures.md",
                        "figures/core-ratios.svg",
                        "figures/scale-by-keys.svg",
                        "figures/scale-latency.svg");
        files.keySet().stream()
                .filter(name -> name.endsWith(".svg"))
                .forEach(name -> assertThat(page).contains("](" + name + ")"));
    }

    @Test
    void plotsAreSoundXmlWithUnitsOnTheirAxesForLightAndDark() throws Exception {
        for (Map.Entry<String, String> file : files.entrySet()) {
            if (!file.getKey().endsWith(".svg")) {
                continue;
            }
            Element svg = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new ByteArrayInputStream(file.getValue().getBytes(StandardCharsets.UTF_8)))
                    .getDocumentElement();
            assertThat(svg.getTagName()).isEqualTo("svg");
            assertThat(svg.getElementsByTagName("title").getLength()).isEqualTo(1);
            assertThat(file.getValue())
                    .contains("@media (prefers-color-scheme: dark)")
                    .doesNotContain("NaN", "Infinity");
            double width = Double.parseDouble(svg.getAttribute("width"));
            NodeList texts = svg.getElementsByTagName("text");
            for (int i = 0; i < texts.getLength(); i++) {
                double x = Double.parseDouble(((Element) texts.item(i)).getAttribute("x"));
                assertThat(x).isBetween(0.0, width);
            }
        }
        assertThat(files.get("figures/core-ratios.svg"))
                .contains("times as fast as the other side (ratio of rates", ">writer/publishAsync<", ">a&lt;b/c<");
        assertThat(files.get("figures/scale-by-keys.svg"))
                .contains(">number of keys (logarithmic)<", ">keys a second (median", ">source<", ">sink<");
        assertThat(files.get("figures/scale-latency.svg"))
                .contains("milliseconds since it was due", ">99.9 %<", ">put-to-kafka, 2 k/s<");
    }

    /** A suite that ended early, or a side that did nothing. */
    @Test
    void tinyHugeAndMissingValuesMakeAPage() {
        String odd = "{\"suite\": \"scale\", " + MACHINE + """
                "results": [
                  {"kind": "ratio", "name": "a/b", "value": 0, "median": 0, "quarter": 0, "threeQuarters": 0, "min": 0, "max": 0, "values": [0]},
                  {"kind": "ratio", "name": "c/d", "value": 0.002, "median": 0.002, "quarter": 0.002, "threeQuarters": 0.002, "min": 0.002, "max": 0.002, "values": [0.002]},
                  {"kind": "ratio", "name": "e/f", "value": 5e9, "median": 5e9, "quarter": 1, "threeQuarters": 5e9, "min": 1, "max": 5e9, "values": [5e9]},
                  {"kind": "figure", "name": "small-ms", "unit": "ms", "value": 0.0042, "median": 0.0042, "min": 0.0042, "max": 0.0042, "values": [0.0042]},
                  {"kind": "series", "name": "source-rate-by-keys", "along": "keys", "unit": "/s", "points": []},
                  {"kind": "series", "name": "sink-rate-by-keys", "along": "keys", "unit": "/s", "points": [
                    {"at": 10000000, "median": 0, "quarter": 0, "threeQuarters": 0, "min": 0, "max": 0, "values": [0]}]},
                  {"kind": "latency", "name": "put-to-kafka", "perSecond": 2000, "count": 0, "percentiles": {}, "curve": []}]}
                """;

        Map<String, String> made = page(odd).files("odd.md");

        assertThat(made).containsKeys("odd/scale-ratios.svg", "odd/scale-by-keys.svg", "odd/scale-latency.svg");
        made.values().forEach(text -> assertThat(text).doesNotContain("NaN", "Infinity"));
        assertThat(made.get("odd.md"))
                .contains("**0.0042 ms**", "**c/d** (scale): 0.0020 times the other side's rate.", "| 10 M keys |")
                .contains("**cost-per-key-large-to-small** (scale): not measured in this run.");
    }

    @Test
    void noReportsMakeAPageOfTheMethod() {
        assertThat(page().files("benchmarks.md"))
                .hasSize(1)
                .hasEntrySatisfying(
                        "benchmarks.md",
                        text -> assertThat(text)
                                .contains("No reference run is in the repository yet", "## Method")
                                .doesNotContain("## core"));
    }

    @Test
    void writesWhatItSaysAndDeletesPlotsOfTheLastTime(@TempDir Path folder) throws Exception {
        Path plots = Files.createDirectory(folder.resolve("figures"));
        Files.writeString(plots.resolve("old.svg"), "old");
        Files.writeString(plots.resolve("notes.txt"), "mine");

        page(CORE, SCALE).write(folder.resolve("figures.md"));

        for (Map.Entry<String, String> file : files.entrySet()) {
            assertThat(folder.resolve(file.getKey())).hasContent(file.getValue());
        }
        assertThat(plots.resolve("old.svg")).doesNotExist();
        assertThat(plots.resolve("notes.txt")).exists();
    }

    private String part(String heading) {
        String rest = page.substring(page.indexOf(heading + "\n") + heading.length());
        int end = rest.indexOf("\n## ");
        return end < 0 ? rest : rest.substring(0, end);
    }
}
