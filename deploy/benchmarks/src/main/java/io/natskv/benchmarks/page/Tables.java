package io.natskv.benchmarks.page;

import io.natskv.benchmarks.Options;
import io.natskv.benchmarks.page.SuiteReport.Latency;
import io.natskv.benchmarks.page.SuiteReport.Result;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is told of all suites together: where ours is slower, what was not reached, and the machine. */
final class Tables {
    private static final Map<String, String> VERSION_NAMES = versionNames();
    private static final double GIBI = 1L << 30;
    /** Such a ratio is to what could be reached, not to another side. */
    private static final String CEILING = "/cpuCeiling";

    private static final String ADDED = "-live-heap-added-mb";
    private static final String BOUND = "-memory-bound-mb";

    private final List<SuiteReport> reports;
    private final Catalogue catalogue;

    Tables(List<SuiteReport> reports, Catalogue catalogue) {
        this.reports = reports;
        this.catalogue = catalogue;
    }

    private static Map<String, String> versionNames() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put("suite", "this suite");
        names.put("commit", "commit");
        names.put("natsServer", "nats-server");
        names.put("jnats", "jnats");
        names.put("kafka", "Kafka broker, Connect worker and clients");
        names.put("camel", "Camel");
        names.put("camelNats", "camel-nats");
        return names;
    }

    String summary() {
        List<String> slower = new ArrayList<>();
        List<String> missed = new ArrayList<>();
        for (SuiteReport report : reports) {
            for (Result ratio : report.ratios()) {
                if (ratio.value() < 1 && catalogue.isOurs(ratio.name())) {
                    slower.add(slower(report, ratio));
                }
                catalogue.target(ratio.name()).ifPresent(target -> {
                    if (ratio.value() < target) {
                        missed.add(missed(report, ratio, target, "at least"));
                    }
                });
            }
            for (Result figure : report.figures()) {
                catalogue.target(figure.name()).ifPresent(target -> {
                    if (figure.value() > target) {
                        missed.add(missed(report, figure, target, "at most"));
                    }
                });
            }
            slower.addAll(slowerLatencies(report));
            missed.addAll(overTheBound(report));
            missed.addAll(leftOut(report));
        }
        return "## Where we are slower\n\n"
                + (slower.isEmpty() ? "Nowhere in this run.\n" : String.join("\n", slower) + "\n")
                + "\n## What was not reached\n\n"
                + (missed.isEmpty()
                        ? "Every line that has something to reach has reached it in this run.\n"
                        : String.join("\n", missed) + "\n")
                + notMeasured()
                + "\n";
    }

    private String notMeasured() {
        List<String> measured = reports.stream().map(SuiteReport::suite).toList();
        String missing = Arrays.stream(Options.Suite.values())
                .map(Options.Suite::word)
                .filter(suite -> !measured.contains(suite))
                .collect(Collectors.joining(", "));
        return missing.isEmpty() ? "" : "\nNot measured: " + missing + ".\n";
    }

    private String slower(SuiteReport report, Result ratio) {
        String reason = catalogue.slower(ratio.name());
        return String.format(
                Locale.ROOT,
                "- **%s** (%s): %s %s. %s%s",
                ratio.name(),
                report.suite(),
                Numbers.ratio(ratio.value()),
                ratio.name().contains(CEILING) ? "of the ceiling" : "times the other side's rate",
                sentence(catalogue.text(ratio.name())),
                reason.isEmpty() ? "" : " Why: " + reason + ".");
    }

    /** What the suite is to reach, and its report does not have. */
    private List<String> leftOut(SuiteReport report) {
        Set<String> told = Stream.concat(report.ratios().stream(), report.figures().stream())
                .map(Result::name)
                .collect(Collectors.toSet());
        return catalogue.withTarget(report.suite()).stream()
                .filter(name -> !told.contains(name))
                .map(name -> "- **" + name + "** (" + report.suite() + "): not measured in this run.")
                .toList();
    }

    /** Connectors that hold more than their settings say. */
    private static List<String> overTheBound(SuiteReport report) {
        Map<String, Double> figures = new LinkedHashMap<>();
        report.figures().forEach(figure -> figures.put(figure.name(), figure.value()));
        List<String> over = new ArrayList<>();
        figures.forEach((name, megabytes) -> {
            double bound = figures.getOrDefault(name.replace(ADDED, BOUND), Double.MAX_VALUE);
            if (name.endsWith(ADDED) && megabytes > bound) {
                over.add(String.format(
                        Locale.ROOT,
                        "- **%s** (%s): %s MB, due are at most the %s MB that its settings say (`%s`).",
                        name,
                        report.suite(),
                        Numbers.of(megabytes),
                        Numbers.of(bound),
                        name.replace(ADDED, BOUND)));
            }
        });
        return over;
    }

    /** Ours with Camel, against camel-nats at the same rate. */
    private List<String> slowerLatencies(SuiteReport report) {
        List<String> slower = new ArrayList<>();
        for (Latency ours : report.latencies()) {
            Optional<Latency> theirs = ours.name().equals("camel-latency")
                    ? report.latencies().stream()
                            .filter(each -> each.name().equals("camelNats-latency"))
                            .filter(each -> each.perSecond() == ours.perSecond())
                            .findFirst()
                    : Optional.empty();
            theirs.filter(other -> ours.millis("p50") > other.millis("p50") || ours.millis("p99") > other.millis("p99"))
                    .ifPresent(other -> slower.add(String.format(
                            Locale.ROOT,
                            "- **camel-latency at %,d/s** (%s): p50 %s ms and p99 %s ms, camel-nats %s and %s ms. Why: %s.",
                            ours.perSecond(),
                            report.suite(),
                            Numbers.of(ours.millis("p50")),
                            Numbers.of(ours.millis("p99")),
                            Numbers.of(other.millis("p50")),
                            Numbers.of(other.millis("p99")),
                            catalogue.slower("camel-latency"))));
        }
        return slower;
    }

    private String missed(SuiteReport report, Result result, double target, String bound) {
        String reason = catalogue.slower(result.name());
        return String.format(
                        Locale.ROOT,
                        "- **%s** (%s): %s %s, due are %s %s.%s",
                        result.name(),
                        report.suite(),
                        Numbers.ratio(result.value()),
                        result.unit(),
                        bound,
                        Numbers.tick(target),
                        reason.isEmpty() ? "" : " Why: " + reason + ".")
                .replace(" ,", ",");
    }

    private static String sentence(String text) {
        if (text.isEmpty()) {
            return "";
        }
        return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1) + ".";
    }

    /** All suites of a reference run have one machine; others may differ, and then each is told. */
    String machine() {
        StringBuilder page = new StringBuilder("## Machine and versions\n\n| | |\n|---|---|\n");
        SuiteReport first = reports.get(0);
        row(page, "processors", first.text("/machine/cores") + ", " + first.text("/machine/cpu"));
        double memory = first.root().at("/machine/memoryBytes").asDouble();
        row(page, "memory", String.format(Locale.ROOT, "%.0f GiB", memory / GIBI));
        row(page, "system", first.text("/machine/os"));
        row(page, "JDK", first.text("/machine/jdk"));
        row(page, "options of the client's JVM", "`" + first.text("/machine/jvmOptions") + "`");
        Map<String, String> versions = first.versions();
        VERSION_NAMES.forEach((key, name) -> {
            if (versions.containsKey(key)) {
                row(page, name, versions.get(key));
            }
        });
        page.append("\n| suite | from | to (UTC) | load before | load after |\n|---|---|---|--:|--:|\n");
        for (SuiteReport report : reports) {
            page.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %s | %.1f | %.1f |\n",
                    report.suite(),
                    minute(report.text("/started")),
                    minute(report.text("/ended")),
                    report.root().path("loadBefore").asDouble(),
                    report.root().path("loadAfter").asDouble()));
        }
        for (SuiteReport report : reports) {
            if (!report.root().path("machine").equals(first.root().path("machine"))
                    || !report.root().path("versions").equals(first.root().path("versions"))) {
                page.append(String.format(
                        Locale.ROOT,
                        "\nThe suite %s was measured elsewhere or with other versions: `%s`, `%s`.\n",
                        report.suite(),
                        report.root().path("machine"),
                        report.root().path("versions")));
            }
        }
        return page.append('\n').toString();
    }

    private static String minute(String instant) {
        return instant.length() < "2026-01-01T00:00".length()
                ? instant
                : instant.substring(0, "2026-01-01T00:00".length()).replace('T', ' ');
    }

    private static void row(StringBuilder page, String name, String value) {
        page.append("| ").append(name).append(" | ").append(value).append(" |\n");
    }
}
