package io.natskv.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.natskv.benchmarks.latency.LatencyRounds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** What a run found: lines for people, and every value as JSON. */
public final class Report {
    /** In the folder of a suite: everything as JSON. */
    public static final String FILE = "report.json";
    /** Beside it: the lines. */
    static final String LINES = "output.txt";

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final String suite;
    private final Consumer<String> out;
    private final List<String> lines = new ArrayList<>();
    private final ObjectNode root = JSON.createObjectNode();
    private final ArrayNode results = JSON.createArrayNode();

    /** @param out takes the lines */
    Report(String suite, Consumer<String> out) {
        this.suite = suite;
        this.out = out;
        root.put("suite", suite);
        root.put("started", Instant.now().toString());
        root.set("machine", JSON.valueToTree(Machine.here()));
        root.set("versions", JSON.valueToTree(Versions.here()));
        root.put("loadBefore", Machine.load());
    }

    /** A line that is no result. */
    public void line(String text) {
        lines.add(text);
        out.accept(text);
    }

    /** What was used and how it was set; more of a name that was told before is added to it. */
    public void describe(String name, Object values) {
        ObjectNode told = JSON.valueToTree(values);
        if (root.get(name) instanceof ObjectNode before) {
            before.setAll(told);
        } else {
            root.set(name, told);
        }
    }

    /**
     * A comparison: the median of the ratios of each round.
     *
     * @param name as {@code side/other}
     * @param unit of the sides' values
     */
    public void ratio(String name, String unit, Map<String, Samples> sides, String side, String other) {
        Samples ratios = sides.get(side).over(sides.get(other));
        for (String each : new String[] {side, other}) {
            Samples rates = sides.get(each);
            line(String.format(
                    Locale.ROOT,
                    "  %-14s median %,9.0f %s, half of the rounds within %,.0f to %,.0f",
                    each,
                    rates.median(),
                    unit,
                    rates.quantile(0.25),
                    rates.quantile(0.75)));
        }
        line(String.format(Locale.ROOT, "  round by round %.3f to %.3f", ratios.min(), ratios.max()));
        line(String.format(Locale.ROOT, "RATIO %s %.3f", name, ratios.median()));
        ObjectNode node = result("ratio", name, "", ratios.median(), ratios);
        node.set(
                "of",
                JSON.createObjectNode()
                        .<ObjectNode>set(side, samples(unit, sides.get(side)))
                        .set(other, samples(unit, sides.get(other))));
    }

    /** A ratio whose sides were told before. */
    public void ratio(String name, Samples ratios) {
        line(String.format(Locale.ROOT, "RATIO %s %.3f", name, ratios.median()));
        result("ratio", name, "", ratios.median(), ratios);
    }

    /** A figure that stands alone, taken from values that were measured. */
    public void figure(String name, String unit, double value, Samples samples) {
        line(String.format(Locale.ROOT, "FIGURE %s %.2f", name, value));
        result("figure", name, unit, value, samples);
    }

    /**
     * How one thing depends on another.
     *
     * @param along what changes from point to point, with its unit
     * @param unit of the values
     */
    public void series(String name, String along, String unit, List<Point> points) {
        ObjectNode node = results.addObject();
        node.put("kind", "series");
        node.put("name", name);
        node.put("along", along);
        node.put("unit", unit);
        ArrayNode array = node.putArray("points");
        for (Point point : points) {
            line(String.format(
                    Locale.ROOT,
                    "  %s at %,.0f %s: median %,.2f %s, %,.2f to %,.2f",
                    name,
                    point.at,
                    along,
                    point.samples.median(),
                    unit,
                    point.samples.min(),
                    point.samples.max()));
            array.addObject().put("at", point.at).setAll(samples(unit, point.samples));
        }
    }

    /**
     * A point of a series.
     *
     * @param at the number of keys, tasks, bytes
     */
    public record Point(double at, Samples samples) {}

    /** Times from when something was due, at one rate. */
    public void latency(String name, LatencyRounds rounds) {
        line(String.format(
                Locale.ROOT,
                "  %s at %,d/s: p50 %.2f ms, p90 %.2f, p99 %.2f, p99.9 %.2f, highest %.2f; p99 of the rounds %.2f to %.2f",
                name,
                rounds.perSecond(),
                rounds.millisAt(50),
                rounds.millisAt(90),
                rounds.millisAt(99),
                rounds.millisAt(99.9),
                rounds.millisAt(100),
                rounds.eachAt(99).min(),
                rounds.eachAt(99).max()));
        ObjectNode node = results.addObject();
        node.put("kind", "latency");
        node.put("name", name);
        node.put("perSecond", rounds.perSecond());
        node.put("unit", "ms");
        node.put("count", rounds.count());
        ObjectNode percentiles = node.putObject("percentiles");
        for (double percent : LatencyRounds.PERCENTS) {
            Samples each = rounds.eachAt(percent);
            ObjectNode at = percentiles.putObject(LatencyRounds.label(percent));
            at.put("value", rounds.millisAt(percent));
            at.set("values", JSON.valueToTree(each.values()));
        }
        ArrayNode curve = node.putArray("curve");
        rounds.curve().forEach(point -> curve.addArray().add(point.percent()).add(point.millis()));
        node.put("hdr", rounds.encoded());
    }

    private ObjectNode result(String kind, String name, String unit, double value, Samples samples) {
        ObjectNode node = results.addObject();
        node.put("kind", kind);
        node.put("name", name);
        node.put("value", value);
        node.setAll(samples(unit, samples));
        return node;
    }

    private static ObjectNode samples(String unit, Samples samples) {
        ObjectNode node = JSON.createObjectNode();
        node.put("unit", unit);
        node.put("median", samples.median());
        node.put("quarter", samples.quantile(0.25));
        node.put("threeQuarters", samples.quantile(0.75));
        node.put("iqr", samples.quantile(0.75) - samples.quantile(0.25));
        node.put("min", samples.min());
        node.put("max", samples.max());
        node.set("values", JSON.valueToTree(samples.values()));
        return node;
    }

    /** Ends the report; nothing more comes. */
    void end() {
        root.put("ended", Instant.now().toString());
        root.put("loadAfter", Machine.load());
        root.set("results", results);
    }

    void write(Path file) {
        try {
            replace(file, JSON.writeValueAsString(root) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("can't write " + file + ": " + e.getMessage(), e);
        }
    }

    /** At once: who breaks a run off finds the old one or the new one, and no half of it. */
    private static void replace(Path file, String text) throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.writeString(beside, text);
            Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(beside);
        }
    }

    /** Writes the folder of this suite. */
    void writeFolder(Path reports) {
        Path folder = reports.resolve(suite);
        try {
            Files.createDirectories(folder);
            replace(folder.resolve(LINES), String.join("\n", lines) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("can't write into " + folder + ": " + e.getMessage(), e);
        }
        write(folder.resolve(FILE));
    }
}
