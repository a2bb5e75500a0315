package io.natskv.benchmarks.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.natskv.benchmarks.Options;
import io.natskv.benchmarks.Report;
import io.natskv.benchmarks.UserProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * What a suite has written.
 *
 * @param root its JSON
 */
public record SuiteReport(JsonNode root) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * The reports of all suites in a folder, in the order of the suites; none if there is no such folder.
     *
     * @throws UserProblem if one can't be read
     */
    public static List<SuiteReport> readAll(Path folder) {
        List<SuiteReport> reports = new ArrayList<>();
        for (Options.Suite suite : Options.Suite.values()) {
            Path file = folder.resolve(suite.word()).resolve(Report.FILE);
            if (Files.exists(file)) {
                try {
                    reports.add(new SuiteReport(JSON.readTree(file.toFile())));
                } catch (IOException e) {
                    throw new UserProblem("Can't read " + file + ": " + e.getMessage());
                }
            }
        }
        return reports;
    }

    /** As {@link Options.Suite#word}. */
    String suite() {
        return root.path("suite").asText();
    }

    /** A text of the report by its path, as {@code /machine/cpu}; empty if it tells none. */
    String text(String path) {
        return root.at(path).asText();
    }

    /** Versions by name. */
    Map<String, String> versions() {
        Map<String, String> versions = new LinkedHashMap<>();
        root.path("versions")
                .properties()
                .forEach(each -> versions.put(each.getKey(), each.getValue().asText()));
        return versions;
    }

    List<Result> ratios() {
        return results("ratio").map(Result::new).toList();
    }

    List<Result> figures() {
        return results("figure").map(Result::new).toList();
    }

    List<Series> series() {
        return results("series").map(Series::new).toList();
    }

    List<Latency> latencies() {
        return results("latency").map(Latency::new).toList();
    }

    private Stream<JsonNode> results(String kind) {
        return StreamSupport.stream(root.path("results").spliterator(), false)
                .filter(result -> result.path("kind").asText().equals(kind));
    }

    /** A ratio, a figure, or a side of a ratio. */
    record Result(JsonNode node) {
        String name() {
            return node.path("name").asText();
        }

        String unit() {
            return node.path("unit").asText();
        }

        double value() {
            return node.path("value").asDouble();
        }

        Spread spread() {
            return Spread.of(node);
        }

        /** The sides of a ratio, by name; none if they were not told. */
        Map<String, Spread> sides() {
            Map<String, Spread> sides = new LinkedHashMap<>();
            node.path("of").properties().forEach(side -> sides.put(side.getKey(), Spread.of(side.getValue())));
            return sides;
        }

        /** Of the sides' values. */
        String sideUnit() {
            JsonNode sides = node.path("of");
            return sides.isEmpty() ? "" : sides.elements().next().path("unit").asText();
        }
    }

    /** The median of what was measured, and how far it lies apart. */
    record Spread(double median, double quarter, double threeQuarters, double min, double max, int rounds) {
        static Spread of(JsonNode node) {
            return new Spread(
                    node.path("median").asDouble(),
                    node.path("quarter").asDouble(),
                    node.path("threeQuarters").asDouble(),
                    node.path("min").asDouble(),
                    node.path("max").asDouble(),
                    node.path("values").size());
        }
    }

    /** How one thing depends on another. */
    record Series(JsonNode node) {
        String name() {
            return node.path("name").asText();
        }

        /** What changes from point to point. */
        String along() {
            return node.path("along").asText();
        }

        String unit() {
            return node.path("unit").asText();
        }

        List<SeriesPoint> points() {
            return StreamSupport.stream(node.path("points").spliterator(), false)
                    .map(point -> new SeriesPoint(point.path("at").asDouble(), Spread.of(point)))
                    .toList();
        }
    }

    record SeriesPoint(double at, Spread spread) {}

    /** Times at one rate. */
    record Latency(JsonNode node) {
        String name() {
            return node.path("name").asText();
        }

        int perSecond() {
            return node.path("perSecond").asInt();
        }

        long count() {
            return node.path("count").asLong();
        }

        /** @param label as p99 or max */
        double millis(String label) {
            return node.path("percentiles").path(label).path("value").asDouble();
        }

        /** Pairs of percent and milliseconds. */
        List<double[]> curve() {
            return StreamSupport.stream(node.path("curve").spliterator(), false)
                    .map(point ->
                            new double[] {point.get(0).asDouble(), point.get(1).asDouble()})
                    .toList();
        }
    }
}
