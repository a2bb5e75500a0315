package io.natskv.tools.verify;

import io.natskv.tools.Output;
import io.natskv.tools.Output.Tone;
import io.natskv.tools.verify.Difference.Kind;
import io.natskv.tools.verify.Report.Compared;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Shows a report. */
final class ReportText {
    private final Report report;
    private final Output output;

    ReportText(Report report, Output output) {
        this.report = report;
        this.output = output;
    }

    void show() {
        if (output.isJson()) {
            output.json(json());
        } else {
            report.comparisons().forEach(this::show);
        }
    }

    private void show(Compared compared) {
        for (Difference found : compared.differences()) {
            output.line(output.paint(Tone.BAD, "%-10s".formatted(found.kind())) + " " + Output.printable(found.key())
                    + places(compared, found)
                    + (found.detail().isEmpty() ? "" : ": " + found.detail()));
        }
        String sides = report.reference() + " (" + report.extent() + ") and " + compared.copy() + " ("
                + compared.extent() + ")";
        String keys = count(compared.keys(), "key");
        if (compared.equal()) {
            output.line(output.paint(Tone.GOOD, "EQUAL") + " " + sides + ": " + keys + changed(compared));
            return;
        }
        String counts = compared.counts().entrySet().stream()
                .filter(count -> count.getValue() > 0)
                .map(count -> String.format(Locale.ROOT, "%,d %s", count.getValue(), count.getKey()))
                .collect(Collectors.joining(", "));
        String verdict = compared.differences().isEmpty()
                ? output.paint(Tone.WARNING, "UNKNOWN")
                : output.paint(Tone.BAD, "DIFFERENT");
        output.line(verdict + " " + sides + ": " + keys + (counts.isEmpty() ? "" : ", " + counts) + changed(compared));
        if (!compared.complete()) {
            output.line(output.paint(Tone.WARNING, count(compared.others(), "more key") + " differed at first sight")
                    + ", and were not looked at again, nor listed: see --max-differences");
        }
    }

    private String places(Compared compared, Difference found) {
        StringBuilder text = new StringBuilder(" (");
        if (found.reference() != null) {
            text.append(report.reference()).append(' ').append(found.reference());
        }
        if (found.copy() != null) {
            text.append(found.reference() == null ? "" : ", ")
                    .append(compared.copy())
                    .append(' ')
                    .append(found.copy());
        }
        return text.length() == 2 ? "" : text.append(')').toString();
    }

    private static String changed(Compared compared) {
        String agreed = compared.changedMeanwhile() == 0
                ? ""
                : "; " + count(compared.changedMeanwhile(), "key") + " changed meanwhile and agreed on a second look";
        return agreed
                + (compared.moving() == 0
                        ? ""
                        : "; " + count(compared.moving(), "key") + " changed all the time on both sides");
    }

    private static String count(long number, String what) {
        return String.format(Locale.ROOT, "%,d %s%s", number, what, number == 1 ? "" : "s");
    }

    private Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("equal", report.equal());
        json.put("reference", report.reference());
        json.put("extent", report.extent());
        json.put("revision", report.revision());
        json.put(
                "comparisons",
                report.comparisons().stream().map(ReportText::json).toList());
        return json;
    }

    private static Map<String, Object> json(Compared compared) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("copy", compared.copy());
        json.put("extent", compared.extent());
        json.put("equal", compared.equal());
        json.put("complete", compared.complete());
        json.put("notLookedAt", compared.others());
        json.put("keys", compared.keys());
        json.put("copyKeys", compared.copyKeys());
        Map<Kind, Long> counts = compared.counts();
        counts.forEach((kind, count) -> json.put(kind.name(), count));
        json.put("changedMeanwhile", compared.changedMeanwhile());
        json.put("moving", compared.moving());
        List<Difference> differences = compared.differences();
        json.put("differences", differences);
        return json;
    }
}
