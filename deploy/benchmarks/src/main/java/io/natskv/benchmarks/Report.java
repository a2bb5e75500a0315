package io.natskv.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** What a run found: lines for people, and every value as JSON. */
public final class Report {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final Consumer<String> out;
    private final ObjectNode root = JSON.createObjectNode();
    private final ArrayNode results = JSON.createArrayNode();

    /** @param out takes the lines */
    Report(String suite, Consumer<String> out) {
        this.out = out;
        root.put("suite", suite);
        root.put("started", Instant.now().toString());
        root.set("machine", JSON.valueToTree(Machine.here()));
        root.put("loadBefore", Machine.load());
    }

    /** A line that is no result. */
    public void line(String text) {
        out.accept(text);
    }

    /** What was used and how it was set. */
    public void describe(String name, Object values) {
        root.set(name, JSON.valueToTree(values));
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
        node.put("min", samples.min());
        node.put("max", samples.max());
        node.set("values", JSON.valueToTree(samples.values()));
        return node;
    }

    void write(Path file) {
        root.put("ended", Instant.now().toString());
        root.put("loadAfter", Machine.load());
        root.set("results", results);
        try {
            JSON.writeValue(file.toFile(), root);
        } catch (IOException e) {
            throw new UncheckedIOException("can't write " + file + ": " + e.getMessage(), e);
        }
    }
}
