package io.natskv.benchmarks.page;

import com.fasterxml.jackson.databind.JsonNode;
import io.natskv.benchmarks.page.SuiteReport.Latency;
import io.natskv.benchmarks.page.SuiteReport.Result;
import io.natskv.benchmarks.page.SuiteReport.Series;
import io.natskv.benchmarks.page.SuiteReport.SeriesPoint;
import io.natskv.benchmarks.page.SuiteReport.Spread;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The tables of one suite. */
final class SuiteTables {
    private static final Map<String, String> INTROS = Map.of(
            "core", "kv-core in this JVM, against jnats alone on the same server.",
            "mirror",
                    "The source connector in a Connect worker, against a source that reads nothing and makes up the same records.",
            "materialise",
                    "The sink connector in a Connect worker, against writes from memory, and against a sink that puts one record after another.",
            "camel", "Routes with `nats-kv:`, against jnats alone, and against camel-nats on a bucket's subjects.",
            "scale", "Both connectors as keys, values and tasks grow, and with one hot key.");
    private static final List<String> PERCENTILES = List.of("p50", "p90", "p99", "p99.9", "p99.99", "max");

    private final SuiteReport report;
    private final Catalogue catalogue;

    SuiteTables(SuiteReport report, Catalogue catalogue) {
        this.report = report;
        this.catalogue = catalogue;
    }

    String intro() {
        String intro = INTROS.getOrDefault(report.suite(), "");
        return intro.isEmpty() ? "" : intro + "\n\n";
    }

    String ratios() {
        if (report.ratios().isEmpty()) {
            return "";
        }
        StringBuilder table = new StringBuilder(
                "| ratio | what is compared | median | IQR | lowest to highest | rounds | to reach |\n|---|---|--:|--:|--:|--:|--:|\n");
        StringBuilder sides =
                new StringBuilder("| ratio | side | median | IQR | lowest to highest |\n|---|---|--:|--:|--:|\n");
        int sideRows = 0;
        for (Result ratio : report.ratios()) {
            Spread spread = ratio.spread();
            table.append(String.format(
                    Locale.ROOT,
                    "| `%s` | %s | **%s** | %s | %s to %s | %d | %s |\n",
                    ratio.name(),
                    catalogue.text(ratio.name()),
                    Numbers.ratio(ratio.value()),
                    Numbers.ratio(spread.quarter()) + " to " + Numbers.ratio(spread.threeQuarters()),
                    Numbers.ratio(spread.min()),
                    Numbers.ratio(spread.max()),
                    spread.rounds(),
                    target(ratio.name())));
            for (Map.Entry<String, Spread> side : ratio.sides().entrySet()) {
                sideRows++;
                sides.append(String.format(
                        Locale.ROOT,
                        "| `%s` | %s | %s %s | %s | %s |\n",
                        ratio.name(),
                        side.getKey(),
                        Numbers.of(side.getValue().median()),
                        ratio.sideUnit(),
                        iqr(side.getValue()),
                        range(side.getValue())));
            }
        }
        return table + "\n" + (sideRows == 0 ? "" : details("The sides", sides.toString()));
    }

    String figures() {
        if (report.figures().isEmpty()) {
            return "";
        }
        StringBuilder table = new StringBuilder(
                "| figure | what it is | value | lowest to highest | to reach |\n|---|---|--:|--:|--:|\n");
        for (Result figure : report.figures()) {
            table.append(String.format(
                    Locale.ROOT,
                    "| `%s` | %s | **%s** | %s | %s |\n",
                    figure.name(),
                    catalogue.text(figure.name()),
                    (Numbers.of(figure.value()) + " " + figure.unit()).strip(),
                    figure.spread().rounds() > 1 ? range(figure.spread()) : "",
                    target(figure.name())));
        }
        return table + "\n";
    }

    String series() {
        StringBuilder page = new StringBuilder();
        for (Series series : report.series()) {
            List<String> head = new ArrayList<>();
            List<String> medians = new ArrayList<>();
            List<String> ranges = new ArrayList<>();
            for (SeriesPoint point : series.points()) {
                head.add(Numbers.at(point.at(), series.along())
                        + (series.along().equals("bytes") ? "" : " " + series.along()));
                medians.add("**" + Numbers.of(point.spread().median()) + "**");
                ranges.add(range(point.spread()));
            }
            page.append("| ")
                    .append(capital(catalogue.text(series.name())))
                    .append(" (")
                    .append(series.unit())
                    .append(") | ")
                    .append(String.join(" | ", head))
                    .append(" |\n|---|")
                    .append("--:|".repeat(head.size()))
                    .append("\n| median | ")
                    .append(String.join(" | ", medians))
                    .append(" |\n| lowest to highest | ")
                    .append(String.join(" | ", ranges))
                    .append(" |\n\n");
        }
        return page.toString();
    }

    String latencies() {
        if (report.latencies().isEmpty()) {
            return "";
        }
        StringBuilder table = new StringBuilder("| latency in ms | a second | changes | ");
        table.append(String.join(" | ", PERCENTILES))
                .append(" |\n|---|--:|--:|")
                .append("--:|".repeat(PERCENTILES.size()))
                .append('\n');
        for (Latency latency : report.latencies()) {
            table.append(String.format(
                    Locale.ROOT, "| `%s` | %,d | %,d |", latency.name(), latency.perSecond(), latency.count()));
            for (String percentile : PERCENTILES) {
                table.append(' ').append(Numbers.of(latency.millis(percentile))).append(" |");
            }
            table.append('\n');
        }
        for (String name :
                report.latencies().stream().map(Latency::name).distinct().toList()) {
            if (!catalogue.text(name).isEmpty()) {
                table.append("\n`")
                        .append(name)
                        .append("`: ")
                        .append(catalogue.text(name))
                        .append(".\n");
            }
        }
        return table + "\n";
    }

    String settings() {
        StringBuilder table = new StringBuilder("| setting | |\n|---|---|\n");
        for (String part : List.of("settings", "processes", "latency")) {
            report.root()
                    .path(part)
                    .properties()
                    .forEach(setting -> table.append(String.format(
                            Locale.ROOT, "| %s | %s |\n", name(part, setting.getKey()), text(setting.getValue()))));
        }
        return details("Settings of this suite", table.toString());
    }

    private static String name(String part, String setting) {
        return switch (part) {
            case "latency" -> "latency: " + setting;
            case "processes" -> "broker and worker: " + setting;
            default -> setting;
        };
    }

    private static String text(JsonNode value) {
        return value.isValueNode() ? value.asText() : "`" + value + "`";
    }

    private static String details(String summary, String table) {
        return "<details><summary>" + summary + "</summary>\n\n" + table + "\n</details>\n\n";
    }

    private String target(String name) {
        return catalogue.target(name).stream()
                .mapToObj(Numbers::tick)
                .findFirst()
                .orElse("–");
    }

    private static String iqr(Spread spread) {
        return Numbers.of(spread.quarter()) + " to " + Numbers.of(spread.threeQuarters());
    }

    private static String range(Spread spread) {
        return Numbers.of(spread.min()) + " to " + Numbers.of(spread.max());
    }

    private static String capital(String text) {
        return text.isEmpty() ? text : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }
}
