package io.natskv.benchmarks.page;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A drawing that reads well on light and on dark pages: it follows the reader's colour scheme. */
final class Svg {
    /** Colours of series; each has dashes of its own, too. */
    static final int COLOURS = 6;

    private static final String STYLE = """
            text { font: 13px -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; fill: #1f2328; }
            .small { font-size: 12px; fill: #59636e; }
            .head { font-size: 15px; font-weight: 600; }
            .page { fill: #ffffff; }
            .grid { stroke: #d1d9e0; stroke-width: 1; }
            .axis { stroke: #59636e; stroke-width: 1; }
            .equal { stroke: #59636e; stroke-width: 1.5; stroke-dasharray: 5 4; }
            .box { fill: #0969da; fill-opacity: 0.25; }
            .whisker, .median { stroke: #0969da; stroke-width: 1.5; }
            .median { stroke-width: 3; }
            .target { fill: none; stroke: #bc4c00; stroke-width: 2; }
            .line { fill: none; stroke-width: 2; }
            .c0 { stroke: #0969da; } .f0 { fill: #0969da; }
            .c1 { stroke: #bc4c00; stroke-dasharray: 7 3; } .f1 { fill: #bc4c00; }
            .c2 { stroke: #1a7f37; stroke-dasharray: 2 3; } .f2 { fill: #1a7f37; }
            .c3 { stroke: #8250df; stroke-dasharray: 9 3 2 3; } .f3 { fill: #8250df; }
            .c4 { stroke: #bf3989; stroke-dasharray: 4 2; } .f4 { fill: #bf3989; }
            .c5 { stroke: #9a6700; stroke-dasharray: 12 3; } .f5 { fill: #9a6700; }
            .bar { stroke-dasharray: none; stroke-width: 1.5; }
            @media (prefers-color-scheme: dark) {
              text { fill: #e6edf3; }
              .small { fill: #9198a1; }
              .page { fill: #0d1117; }
              .grid { stroke: #2f363d; }
              .axis, .equal { stroke: #9198a1; }
              .box { fill: #58a6ff; }
              .whisker, .median { stroke: #58a6ff; }
              .target { stroke: #f0883e; }
              .c0 { stroke: #58a6ff; } .f0 { fill: #58a6ff; }
              .c1 { stroke: #f0883e; } .f1 { fill: #f0883e; }
              .c2 { stroke: #3fb950; } .f2 { fill: #3fb950; }
              .c3 { stroke: #d2a8ff; } .f3 { fill: #d2a8ff; }
              .c4 { stroke: #f778ba; } .f4 { fill: #f778ba; }
              .c5 { stroke: #e3b341; } .f5 { fill: #e3b341; }
            }
            """;

    private final StringBuilder body = new StringBuilder();
    private final int width;
    private final int height;
    private final String title;

    Svg(int width, int height, String title) {
        this.width = width;
        this.height = height;
        this.title = title;
    }

    /** Where a text stands beside its place. */
    enum Anchor {
        START,
        MIDDLE,
        END
    }

    Svg text(double x, double y, Anchor anchor, String classes, String text) {
        body.append(String.format(
                Locale.ROOT,
                "<text x=\"%s\" y=\"%s\" text-anchor=\"%s\"%s>%s</text>\n",
                number(x),
                number(y),
                anchor.name().toLowerCase(Locale.ROOT),
                classes.isEmpty() ? "" : " class=\"" + classes + "\"",
                escape(text)));
        return this;
    }

    /** A text that is read from below. */
    Svg textUp(double x, double y, String text) {
        body.append(String.format(
                Locale.ROOT,
                "<text x=\"%1$s\" y=\"%2$s\" text-anchor=\"middle\" transform=\"rotate(-90 %1$s %2$s)\">%3$s</text>\n",
                number(x),
                number(y),
                escape(text)));
        return this;
    }

    Svg line(double x1, double y1, double x2, double y2, String classes) {
        body.append(String.format(
                Locale.ROOT,
                "<line x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\" class=\"%s\"/>\n",
                number(x1),
                number(y1),
                number(x2),
                number(y2),
                classes));
        return this;
    }

    Svg box(double x, double y, double boxWidth, double boxHeight, String classes) {
        body.append(String.format(
                Locale.ROOT,
                "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" class=\"%s\"/>\n",
                number(x),
                number(y),
                number(boxWidth),
                number(boxHeight),
                classes));
        return this;
    }

    Svg dot(double x, double y, String classes) {
        body.append(String.format(
                Locale.ROOT, "<circle cx=\"%s\" cy=\"%s\" r=\"3.5\" class=\"%s\"/>\n", number(x), number(y), classes));
        return this;
    }

    /** A diamond. */
    Svg mark(double x, double y, String classes) {
        body.append(String.format(
                Locale.ROOT,
                "<path d=\"M%s %s l5 5 l-5 5 l-5 -5 z\" class=\"%s\"/>\n",
                number(x),
                number(y - 5),
                classes));
        return this;
    }

    Svg path(List<double[]> points, String classes) {
        body.append(String.format(
                Locale.ROOT,
                "<polyline points=\"%s\" class=\"%s\"/>\n",
                points.stream()
                        .map(point -> number(point[0]) + "," + number(point[1]))
                        .collect(Collectors.joining(" ")),
                classes));
        return this;
    }

    @Override
    public String toString() {
        return String.format(
                        Locale.ROOT,
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %1$d %2$d\" width=\"%1$d\" height=\"%2$d\" role=\"img\">\n"
                                + "<title>%3$s</title>\n<style>\n%4$s</style>\n"
                                + "<rect width=\"%1$d\" height=\"%2$d\" class=\"page\"/>\n",
                        width,
                        height,
                        escape(title),
                        STYLE)
                + body
                + "</svg>\n";
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    private static String number(double value) {
        String text = String.format(Locale.ROOT, "%.1f", value);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }
}
