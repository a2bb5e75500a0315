package io.natskv.benchmarks.page;

import io.natskv.benchmarks.page.LinePlot.Line;
import io.natskv.benchmarks.page.LinePlot.Point;
import io.natskv.benchmarks.page.SuiteReport.Latency;
import io.natskv.benchmarks.page.SuiteReport.Result;
import io.natskv.benchmarks.page.SuiteReport.Series;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The plots of a suite. */
final class Plots {
    private static final Map<String, String> LONG_NAMES = Map.of("bytes", "length of a value (logarithmic)");

    private final SuiteReport report;
    private final Catalogue catalogue;

    Plots(SuiteReport report, Catalogue catalogue) {
        this.report = report;
        this.catalogue = catalogue;
    }

    /**
     * A plot.
     *
     * @param name of its file, without folder
     * @param alt what it shows, for those who can't see it
     */
    record Plot(String name, String alt, String svg) {}

    List<Plot> ratios() {
        List<Result> ratios = report.ratios();
        if (ratios.isEmpty()) {
            return List.of();
        }
        String title = report.suite() + ": side by side";
        List<RatioPlot.Row> rows = ratios.stream()
                .map(ratio -> new RatioPlot.Row(ratio.name(), ratio.spread(), catalogue.target(ratio.name())))
                .toList();
        return List.of(new Plot(file("ratios"), title, RatioPlot.draw(title, rows)));
    }

    /** Series along the same thing with the same unit share a plot. */
    List<Plot> series() {
        Map<String, List<Series>> groups = new LinkedHashMap<>();
        for (Series series : report.series()) {
            if (series.points().isEmpty()) {
                continue;
            }
            groups.computeIfAbsent(series.along() + "-" + series.unit(), key -> new ArrayList<>())
                    .add(series);
        }
        List<Plot> plots = new ArrayList<>();
        groups.values().forEach(group -> plots.add(series(group)));
        return plots;
    }

    private Plot series(List<Series> group) {
        Series first = group.get(0);
        String unit = first.unit().equals("/s") ? "keys a second" : first.unit();
        String along = first.along().equals("bytes") ? "length of values" : "number of " + first.along();
        String title = capital(unit) + " by " + along;
        List<Line> lines = group.stream()
                .map(each -> new Line(
                        side(each.name()),
                        each.points().stream()
                                .map(point -> new Point(
                                        point.at(),
                                        point.spread().median(),
                                        point.spread().min(),
                                        point.spread().max()))
                                .toList(),
                        true))
                .toList();
        String across = LONG_NAMES.getOrDefault(first.along(), "number of " + first.along() + " (logarithmic)");
        String up = unit + " (median, lowest and highest round)";
        String svg = LinePlot.series(title, across, up, lines, number -> Numbers.at(number, first.along()));
        String name = "by-" + first.along()
                + (first.unit().equals("/s")
                        ? ""
                        : "-" + first.unit().replaceAll("\\W", "").toLowerCase(Locale.ROOT));
        return new Plot(file(name), title, svg);
    }

    List<Plot> latencies() {
        List<Latency> latencies = report.latencies();
        if (latencies.isEmpty()) {
            return List.of();
        }
        String title = report.suite() + ": latency at fixed rates";
        List<Line> lines = latencies.stream()
                .map(each -> new Line(
                        each.name() + ", " + Numbers.tick(each.perSecond()) + "/s",
                        each.curve().stream()
                                .map(point -> Point.of(point[0], point[1]))
                                .toList(),
                        false))
                .toList();
        String svg = LinePlot.percentiles(
                title, "so many of the changes took no longer", "milliseconds since it was due (logarithmic)", lines);
        return List.of(new Plot(file("latency"), title, svg));
    }

    private String file(String what) {
        return report.suite() + "-" + what + ".svg";
    }

    /** The part of a name before the first dash: source, sink. */
    private static String side(String name) {
        return name.contains("-") ? name.substring(0, name.indexOf('-')) : name;
    }

    private static String capital(String text) {
        return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }
}
